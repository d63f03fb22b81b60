"""MADPO's weights on a language model's replies.

As ``madpo``, with the bundled model instead of a table. The reward model is the implied reward of
DPO's own adapter, fitted on the same 480 comparisons.

What shows here: weights tell flipped pairs from others. What does not: that held-out replies are
ordered better for it, or that fresh ones are surely worth more.
"""

from dataclasses import replace

from idiolect.proofs.chats import annotated_replies
from idiolect.proofs.members import madpo
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS

PROOF = replace(
    madpo.PROOF,
    trial=madpo.trial(annotated_replies),
    seeds=LANGUAGE_MODEL_SEEDS,
)
