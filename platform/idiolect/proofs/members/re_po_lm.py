"""RE-PO on a language model's replies: whom to trust, and what it is worth.

As ``re_po``, with the bundled model instead of a table: openings that it drew itself, a taste
that a program checks, and 480 comparisons. Reliabilities move by 0.3 instead of 0.1 a step, since
there are 14 steps and not 200.

What does not show here: the annotators' rates. While the policy's odds are small, a label's
posterior stays near the reliability from before it, and few steps of that do not reach 0.6. The
policy gets more true reward than DPO's on average, nearly as much with the names shuffled.
"""

from dataclasses import replace

from idiolect.proofs.chats import annotated_replies
from idiolect.proofs.members import re_po
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS

PROOF = replace(
    re_po.PROOF,
    trial=re_po.trial(annotated_replies, rate=0.3),
    seeds=LANGUAGE_MODEL_SEEDS,
)
