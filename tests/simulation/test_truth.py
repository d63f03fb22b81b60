"""Win rate and regret are those of the true utility."""

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.people import Person
from idiolect.simulation.truth import regret, win_rate
from idiolect.simulation.utility import Cycle, Liking, Utility
from tests.simulation.replies import CHEERFUL, FEATURES, FORMAL, LIST, REPLIES, SHORT, person

# All replies but the list have no bullets, so their worth is the same.
LIKES_LISTS = person(ChoiceModel(temperature=10.0, slips=0.5), bullets=1.0)


def test_the_win_rate_counts_true_preferences_and_half_of_the_equal_ones() -> None:
    ours, theirs = (LIST, SHORT, FORMAL, CHEERFUL), (SHORT, LIST, FORMAL, SHORT)
    # Won, lost, the same text, the same worth: (1 + 0 + 1/2 + 1/2) / 4; noise has no part.
    assert win_rate(LIKES_LISTS, FEATURES, ours, theirs) == 0.5
    assert win_rate(LIKES_LISTS, FEATURES, [LIST], [SHORT]) == 1.0


def test_regret_is_what_the_best_candidate_is_worth_more() -> None:
    # Three replies at 0 and one at x: mean x/4, deviation x sqrt(3)/4, so apart by 4/sqrt(3).
    apart = 4 / 3**0.5
    assert regret(LIKES_LISTS, FEATURES, [LIST], [REPLIES]) == 0.0
    assert regret(LIKES_LISTS, FEATURES, [SHORT], [REPLIES]) == pytest.approx(apart)
    assert regret(LIKES_LISTS, FEATURES, [LIST, SHORT], [REPLIES, REPLIES]) == pytest.approx(
        apart / 2
    )
    assert regret(LIKES_LISTS, FEATURES, [LIST], [[SHORT, FORMAL]]) == pytest.approx(-apart)


def test_what_goes_round_counts_for_winning_only() -> None:
    around = Person(
        "p", "all", Utility({"bullets": Liking(0.0)}), cycles=(Cycle("length", "bullets", 1.0),)
    )
    # Centered, all are short: x_a is about -1. List (b = 1/2) against short (b = -1): -1 * -1 - ...
    rates = [
        win_rate(around, FEATURES, [one], [other]) for one, other in ((LIST, SHORT), (SHORT, LIST))
    ]
    assert sorted(rates) == [0.0, 1.0]
    assert regret(around, FEATURES, [SHORT], [REPLIES]) == 0.0


def test_policies_answer_the_same_conversations() -> None:
    with pytest.raises(InvalidInputError, match="cannot be compared"):
        win_rate(LIKES_LISTS, FEATURES, [LIST], [])
    with pytest.raises(InvalidInputError, match="cannot be compared"):
        regret(LIKES_LISTS, FEATURES, [], [])
