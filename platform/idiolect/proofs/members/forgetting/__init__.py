"""What somebody had forgotten is not to be recovered, and does not come back with the next week.

Every seed is a simulated person with a stream of observations. The platform learns from it, by the
patterns that ship and by an attentive reader, who concludes every fact from whatever shows it, in
one of the fact's wordings: the best proposer there could be, and so the hardest to keep from
learning again. Then half of what it knows (programs, files and sites left out) is forgotten, in
turn as a proposition, as a topic and, once, as an application; and the same week is seen once more
a week later, where the reader uses other wordings as far as the simulation has them.

The leak rate is the share of what was forgotten that can be had again by then: in any proposition,
current or archived, by search, in what an assistant is told, among the neighbors of the fact's own
vector, in the full-text index, or word for word in any row of the database. A statement gives away
the fact that it is nearest to, by the simulation's matching. *Left* is the same before the second
week. What it costs is measured on statements that nobody forgot, programs, files and sites left
out again: which share is *refused* of the person's other facts and of those of another life told
with the person's name; and which share of what is known and was not forgotten is *confirmed* by
the second week.

Beside it stand: the same, where the second week shows everything in other words too, so that no
span of it was seen before; nothing forgotten, which leaks all; forgetting with tombstones that know
a statement by its words alone, as it was before; forgetting with as many tombstones, of another
person's facts (sham); and a second week that holds nothing of what was forgotten (oracle). There is
no population arm: what others had forgotten says nothing of one's own.
"""

from idiolect.proofs.members.forgetting.proof import PROOF

__all__ = ["PROOF"]
