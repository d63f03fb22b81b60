"""Counting votes: the worst-off decides, and prohibitions have a veto."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.usermodel.charter.quorum import Ballot, tally
from idiolect.usermodel.charter.standards import Party

OPTIONS = ("uphold", "retire", "amend")
scores = st.fixed_dictionaries({option: st.floats(0, 1) for option in OPTIONS})


def test_the_worst_off_decides_and_the_majority_is_shown() -> None:
    # worst: uphold min(1, 1, 0.1) = 0.1, retire min(0, 0, 1) = 0, amend min(0.6, 0.5, 0.7) = 0.5
    # mean:  uphold 2.1 / 3 = 0.7, amend 1.8 / 3 = 0.6; the price of the rule is 0.1.
    counted = tally(
        [
            Ballot("user", {"uphold": 1.0, "retire": 0.0, "amend": 0.6}),
            Ballot("platform", {"uphold": 1.0, "retire": 0.0, "amend": 0.5}),
            Ballot("administrator", {"uphold": 0.1, "retire": 1.0, "amend": 0.7}),
        ],
        OPTIONS,
    )
    assert (counted.chosen, counted.majority) == ("amend", "uphold")
    assert [each.worst for each in counted.standings] == [0.1, 0.0, 0.5]
    assert [each.firsts for each in counted.standings] == [2, 1, 0]
    assert counted.cost == pytest.approx(0.1)
    assert counted.agreeing == ()
    assert counted.dissenting == ("user", "platform", "administrator")


def test_a_tie_changes_nothing() -> None:
    # Each scores the other's option 0, so both have a worst of 0.
    ballots = [Ballot("user", {"retire": 1.0}), Ballot("platform", {"uphold": 1.0})]
    assert tally(ballots, OPTIONS[:2]).chosen == "uphold"


def test_a_veto_holds_against_everybody_else() -> None:
    # Without it both have a worst of 0.2 and 0.0, and retire would win.
    # worst: uphold 0.1, retire 0.2, amend 0.0; maxmin alone retires the standard.
    ballots = [
        Ballot("user", {"uphold": 0.1, "retire": 1.0}),
        Ballot("administrator", {"uphold": 0.1, "retire": 1.0}),
        Ballot("platform", {"uphold": 1.0, "retire": 0.2}, vetoes=frozenset({"retire"})),
    ]
    assert tally(ballots, OPTIONS).chosen == "retire"
    counted = tally(ballots, OPTIONS, has_veto=True)
    assert [each.is_vetoed for each in counted.standings] == [False, True, False]
    assert (counted.chosen, counted.majority) == ("uphold", "retire")
    assert counted.cost == pytest.approx((1.0 + 1.0 + 0.2) / 3 - (0.1 + 0.1 + 1.0) / 3)


def test_what_changes_nothing_cannot_be_vetoed() -> None:
    ballots = [
        Ballot("user", {"retire": 1.0}, vetoes=frozenset({"uphold"})),
        Ballot("platform", {"retire": 0.5}),
    ]
    counted = tally(ballots, OPTIONS[:2], has_veto=True)
    assert not counted.standings[0].is_vetoed
    assert counted.chosen == "retire"


@given(st.lists(scores, min_size=1, max_size=3), st.booleans())
def test_nobody_is_worse_off_than_the_worst_off_of_any_option_that_stands(
    given_scores: list[dict[str, float]], has_veto: bool
) -> None:
    parties: list[Party] = ["user", "platform", "administrator"]
    ballots = [Ballot(party, each) for party, each in zip(parties, given_scores, strict=False)]
    counted = tally(ballots, OPTIONS, has_veto=has_veto)
    worst = {each.option: each.worst for each in counted.standings if not each.is_vetoed}
    assert worst[counted.chosen] == max(worst.values())
    assert {*counted.agreeing, *counted.dissenting} == {each.party for each in ballots}


@pytest.mark.parametrize(
    "ballots",
    [
        [],
        [Ballot("user", {"uphold": 1.0}), Ballot("user", {"retire": 1.0})],
        [Ballot("user", {"abolish": 1.0})],
        [Ballot("user", {"uphold": 1.0}, vetoes=frozenset({"abolish"}))],
    ],
)
def test_votes_that_cannot_be_counted(ballots: list[Ballot]) -> None:
    with pytest.raises(InvalidInputError):
        tally(ballots, OPTIONS)


def test_ballots_that_mean_nothing() -> None:
    with pytest.raises(InvalidInputError, match="outside"):
        Ballot("user", {"uphold": 1.5})
    with pytest.raises(InvalidInputError, match="no party"):
        Ballot("mailing_list", {"uphold": 1.0})  # type: ignore[arg-type]  # what a route may get
