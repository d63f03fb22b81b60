"""How the platform votes: it gives way in what protects the user alone, and in nothing else.

The platform is a party to the charter, and nobody sits there to vote for it. So its vote is this
rule. What protects the user is the user's to waive: the platform would rather keep it, and can live
with less. What protects others is not for the two of them to give away, so there it stands firm.
"""

from idiolect.usermodel.charter.lifecycle import (
    AMEND,
    RATIFY,
    REJECT,
    RETIRE,
    UPHOLD,
    overruled_by,
)
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import Charter, Standard

ACCEPTABLE = 0.5
"""How well it can live with less. By maxmin a user has their way to whom the standard as it stands
is worth less than this, and the change more."""


def vote_on_proposal(charter: Charter, proposed: Standard) -> Ballot:
    """The platform's ballot on ratifying a standard."""
    return Ballot("platform", {REJECT: 1.0, RATIFY: _worth(charter, proposed)})


def vote_on_contest(charter: Charter, contested: Standard, amendment: Standard | None) -> Ballot:
    """The platform's ballot on settling a contest."""
    if contested.protects_others:
        return Ballot("platform", {UPHOLD: 1.0}, "It protects others than the user.")
    scores = {UPHOLD: 1.0, RETIRE: ACCEPTABLE}
    if amendment is not None:
        scores[AMEND] = _worth(charter, amendment)
    return Ballot("platform", scores)


def _worth(charter: Charter, wording: Standard) -> float:
    overruled = overruled_by(charter, wording)
    return 0.0 if any(each.protects_others for each in overruled) else ACCEPTABLE
