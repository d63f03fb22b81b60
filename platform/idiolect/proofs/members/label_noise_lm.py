"""Robust and conservative DPO on a language model's replies of which a quarter is mislabeled.

As ``label_noise``, with the bundled model instead of a table: two annotators compare openings that
it drew itself, by a simulated person's utility, and a LoRA adapter learns from 480 comparisons.
Held-out pairs are replies to questions that nobody compared; the reward is that of fresh replies
to them.

What shows here is what shows on a table: the correction regains the reward that flips cost, and
does not order held-out replies better.
"""

from dataclasses import replace

from idiolect.proofs.chats import annotated_replies
from idiolect.proofs.members import label_noise
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS

PROOF = replace(
    label_noise.PROOF,
    trial=label_noise.trial(annotated_replies),
    seeds=LANGUAGE_MODEL_SEEDS,
)
