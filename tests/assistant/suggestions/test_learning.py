"""What answers teach, in figures, in properties and on simulated users."""

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.assistant.suggestions.learning import (
    ALL,
    LARGEST_FACTOR,
    VARIANCE,
    Answer,
    Learned,
    Offset,
    adjusted,
    aged,
    corrected,
    factor,
    learned,
    needed,
)
from idiolect.assistant.suggestions.utility import Stakes, gain, threshold
from idiolect.errors import InvalidInputError
from tests.assistant.suggestions.offers import MONDAY, STAKES

NOTHING = Learned()
Step = tuple[Answer, str, float]
ANSWERS: tuple[Answer, ...] = ("accept", "ignore", "dismiss")
steps = st.tuples(
    st.sampled_from(ANSWERS), st.sampled_from(["event", "habit"]), st.floats(0.02, 0.98)
)
histories = st.lists(steps, max_size=20)


def after(history: list[Step], start: Learned = NOTHING) -> Learned:
    return reduce(
        lambda state, step: learned(state, step[0], step[1], step[2], at=MONDAY), history, start
    )


def test_one_dismissal_moves_both_offsets_by_a_fifth() -> None:
    # p = 0.5, so h = 0.25 and V = 1: -0.5 / 1.25 * 0.5 a mean, -0.25 * 0.25 / 1.25 a variance.
    state = learned(NOTHING, "dismiss", "event", 0.5, MONDAY)
    for name in (ALL, "event"):
        assert state.offsets[name].mean == pytest.approx(-0.2)
        assert state.offsets[name].variance == pytest.approx(0.45)
    assert corrected(state, "event", 0.5) == pytest.approx(1 / (1 + 1.4918), abs=1e-4)  # -0.4
    assert corrected(state, "habit", 0.5) == pytest.approx(1 / (1 + 1.2214), abs=1e-4)  # -0.2


def test_being_ignored_weighs_less() -> None:
    # w = 0.3: h = 0.075, so each mean is -0.5 / 1.075 * 0.3 * 0.5.
    state = learned(NOTHING, "ignore", "event", 0.5, MONDAY)
    assert state.offsets["event"].mean == pytest.approx(-0.075 / 1.075)


def test_without_answers_everything_stays_as_it_was() -> None:
    for p in (0.0, 0.3, 1.0):
        assert corrected(NOTHING, "event", p) == p
    assert factor(NOTHING) == 1.0
    assert adjusted(NOTHING, "event", STAKES) == STAKES
    assert needed(NOTHING, "event", STAKES) == pytest.approx(threshold(STAKES))


def test_who_dismisses_minds_and_who_ignores_gives_no_leave() -> None:
    assert factor(Learned(dismissed=4.0)) == 2.0  # (4 + 4) / (4 + 0)
    assert factor(Learned(dismissed=4.0, ignored=4.0)) == 1.0
    assert factor(Learned(ignored=40.0)) == 1.0
    assert factor(Learned(dismissed=400.0)) == LARGEST_FACTOR


def test_of_very_many_answers_the_proportion_counts() -> None:
    state = learned(Learned(dismissed=18.0, ignored=6.0), "dismiss", "event", 0.5, MONDAY)
    assert state.dismissed == pytest.approx(19 * 24 / 25)
    assert state.ignored == pytest.approx(6 * 24 / 25)


@given(histories, st.floats(0.02, 0.98))
def test_a_dismissal_raises_the_bar_and_an_accepted_offer_lowers_it(
    history: list[Step], p: float
) -> None:
    before = after(history)
    bar = needed(before, "event", STAKES)
    assert needed(after([("dismiss", "event", p)], before), "event", STAKES) >= bar - 1e-12
    assert needed(after([("accept", "event", p)], before), "event", STAKES) <= bar + 1e-12


@settings(max_examples=25)
@given(histories)
def test_the_bar_never_reaches_certainty_and_comes_down_by_itself(
    history: list[Step],
) -> None:
    dismissal: Step = ("dismiss", "event", 0.9)
    worst = after([*history, *[dismissal] * 60])
    assert needed(worst, "event", STAKES) < 1
    half_a_year = aged(worst, MONDAY + timedelta(days=180))
    assert needed(half_a_year, "event", STAKES) == pytest.approx(1 / 3, abs=0.05)


def test_half_is_forgotten_in_a_month() -> None:
    state = Learned({"event": Offset(-1.0, 0.1)}, dismissed=6.0, ignored=2.0, at=MONDAY)
    month = aged(state, MONDAY + timedelta(days=30))
    assert month.offsets["event"] == Offset(-0.5, VARIANCE - 0.2)
    assert (month.dismissed, month.ignored) == (3.0, 1.0)
    assert aged(state, MONDAY - timedelta(days=1)) == state


@given(histories)
def test_what_was_learnt_survives_being_stored(history: list[Step]) -> None:
    state = after(history)
    assert Learned.from_dict(json.loads(json.dumps(state.as_dict()))) == state


@pytest.mark.parametrize("stored", [{}, {"offsets": 3, "dismissed": 0, "ignored": 0, "at": None}])
def test_what_cannot_be_read_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        Learned.from_dict(stored)


@dataclass(frozen=True)
class User:
    """Wants offers with log-odds that differ from the proposer's by a hidden offset, and minds a
    wrong one so many times as much."""

    offset: float
    minds: float

    def wants(self, p: float) -> float:
        return corrected(Learned({ALL: Offset(self.offset)}), "event", p)


def regrets(user: User, seed: int, offers: int = 200, a_day: int = 4) -> tuple[float, float]:
    """Utility lost an offer against one who knows the user, without learning and with it.

    Every offer is shown or not by the rule with equal stakes (p* = 1/3 before learning); only what
    was shown is answered. An unwanted one is dismissed with odds of what the user minds.
    """
    draw = random.Random(seed)
    state, fixed, learning = NOTHING, 0.0, 0.0
    for number in range(offers):
        at = MONDAY + timedelta(days=number / a_day)
        given = Stakes(draw.random(), 0.5, 0.5, 0.5)
        truth = gain(Stakes(user.wants(given.p), 0.5, 0.5 * user.minds, 0.5))
        state = aged(state, at)
        fixed += max(truth, 0) - truth * (gain(given) > 0)
        shows = gain(adjusted(state, "event", given)) > 0
        learning += max(truth, 0) - truth * shows
        is_wanted, is_dismissed = draw.random(), draw.random()
        if shows:
            answer: Answer = "accept"
            if is_wanted >= user.wants(given.p):
                answer = "dismiss" if is_dismissed < user.minds / (1 + user.minds) else "ignore"
            state = learned(state, answer, "event", given.p, at)
    return fixed / offers, learning / offers


@pytest.mark.parametrize(
    ("user", "most"),
    [(User(-1.5, 3.0), 0.5), (User(-1.0, 1.0), 0.8), (User(2.0, 1.0), 0.7)],
    ids=["wants-little-and-minds", "wants-less", "wants-more"],
)
def test_learning_loses_less_where_the_user_is_not_the_usual_one(user: User, most: float) -> None:
    pairs = [regrets(user, seed) for seed in range(10)]
    fixed, learning = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    assert learning < most * fixed


def test_learning_costs_the_usual_user_little() -> None:
    pairs = [regrets(User(0.0, 1.0), seed) for seed in range(10)]
    fixed, learning = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    assert fixed == 0  # the fixed rule is right about this one
    assert learning < 0.01
