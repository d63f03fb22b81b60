"""The platform gives way in what protects the user alone, and in nothing else."""

from dataclasses import replace

import pytest

from idiolect.errors import ConflictError
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.lifecycle import contest, propose, ratify, settle
from idiolect.usermodel.charter.platform_vote import vote_on_contest, vote_on_proposal
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import Concern
from tests.usermodel.charter.seeds import MONDAY, standard

FIRM = {"uphold": 0.0, "retire": 1.0}
OURS = [each.id for each in default_charter().standards]
PROTECTING = ["honest_about_being_an_ai", "names_help_in_danger", "privacy_of_others"]


def settled(standard_id: str, scores: dict[str, float]) -> str:
    """What becomes of a standard that ships when the user votes so on it."""
    contested = contest(default_charter(), standard_id, "user", "No.", at=MONDAY)
    theirs = vote_on_contest(contested, contested.get(standard_id), None)
    ballots = [Ballot("user", scores, vetoes=frozenset({"uphold"})), theirs]
    return settle(contested, standard_id, ballots, at=MONDAY).charter.get(standard_id).status


@pytest.mark.parametrize("standard_id", OURS)
def test_a_user_who_cannot_live_with_a_standard_is_rid_of_it_unless_it_protects_others(
    standard_id: str,
) -> None:
    # Retiring is worth 0.5 to the platform, upholding 0 to the user: min 0.5 beats min 0. Where
    # others are protected it is worth 0, and in the tie nothing changes.
    expected = "ratified" if standard_id in PROTECTING else "retired"
    assert settled(standard_id, FIRM) == expected


def test_a_user_who_could_live_with_a_standard_keeps_it() -> None:
    assert settled("says_how_sure", {"uphold": 0.6, "retire": 1.0}) == "ratified"  # 0.6 > 0.5
    assert settled("says_how_sure", {"uphold": 0.4, "retire": 1.0}) == "retired"  # 0.5 > 0.4


def test_a_proposal_may_overrule_what_protects_the_user_alone() -> None:
    def proposal(subject: str) -> None:
        ours = standard("mine", kind="prohibition", concerns=(Concern(subject),))
        made = propose(default_charter(), ours)
        ballots = [Ballot("user", {"ratify": 1.0}), vote_on_proposal(made, ours)]
        ratify(made, "mine", ballots, at=MONDAY)

    proposal("disclose_uncertainty")
    with pytest.raises(ConflictError, match="did not carry"):
        proposal("say_it_is_an_ai")


def test_an_amendment_is_no_way_around_what_protects_others() -> None:
    contested = contest(default_charter(), "no_manipulation", "user", "No.", at=MONDAY)
    ours = contested.get("no_manipulation")
    kinder = replace(ours, text="Never press the user.", concerns=(Concern("press"),))
    assert vote_on_contest(contested, ours, kinder).scores["amend"] == 0.5
    loophole = replace(ours, concerns=(Concern("say_it_is_an_ai"),))
    assert vote_on_contest(contested, ours, loophole).scores["amend"] == 0.0
