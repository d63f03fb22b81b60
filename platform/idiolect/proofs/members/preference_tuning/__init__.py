"""A person's own adapter, trained on their choices, writes what they truly prefer.

Every seed is a simulated person. They are shown two replies of the bundled model at a time, to
questions with notes and without a stated style, and choose with noise, ties, slips and fatigue;
ties are left out, as the platform's recipe has it. An adapter is trained on their first 10, 30, 60
and 200 choices by that recipe's DPO, exactly as a user's is. It is judged on other topics: the win
rate is the share of pairs of a reply of the adapter and one of the base, drawn alike, in which the
person's true utility prefers the adapter's, a tie being half. It asks nobody and has no noise.

Beside it stand: the base, which against itself wins half; the same choices without what was
rejected; the adapter of the next seed's person; one adapter for the pooled choices of twenty other
people; and the best of eight replies of the base, by the true utility. As the utility sees manner
and no sense, two figures stand beside the win rate: the gain in standard deviations of the utility,
and by how many nats a token the replies surprise the base, which grows when an adapter unlearns to
write.

Everybody chooses among the same drafts and is held against the same replies of the base, so
intervals are over people, given one draw of these; the proof was designed on another draw.

The adapters are trained one after the other: a step of eight pairs has ten times the tokens up to
which a pass over several users' steps is quicker (``engine.stacked_lora``).
"""

from idiolect.proofs.members.preference_tuning.proof import PROOF

__all__ = ["PROOF"]
