"""Outcomes have the chances that Bradley, Terry and Davidson state, and noise does what it says."""

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.simulation.choosing import OUTCOMES, ChoiceModel

DIFFERENCE = st.floats(-1e3, 1e3)


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_without_ties_it_is_bradley_and_terrys() -> None:
    first, tie, second = ChoiceModel(temperature=0.5).probabilities(0.4)
    assert first == pytest.approx(sigmoid(0.8))
    assert tie == 0
    assert second == pytest.approx(1 - first)


def test_ties_are_davidsons() -> None:
    # Worths e and 1, nu = 0.5: e : 0.5 sqrt(e) : 1.
    total = math.e + 0.5 * math.sqrt(math.e) + 1
    chances = ChoiceModel(temperature=1.0, ties=0.5).probabilities(1.0)
    assert chances == pytest.approx((math.e / total, 0.5 * math.sqrt(math.e) / total, 1 / total))
    # Equal ones tie with nu / (2 + nu).
    assert ChoiceModel(ties=0.5).probabilities(0.0)[1] == pytest.approx(0.2)


@given(DIFFERENCE, st.floats(0, 5), st.floats(0, 1), st.integers(0, 50))
def test_chances_sum_to_one_and_swap_with_the_texts(
    difference: float, ties: float, slips: float, place: int
) -> None:
    model = ChoiceModel(ties=ties, slips=slips, fatigue=0.1)
    first, tie, second = model.probabilities(difference, place)
    assert first + tie + second == pytest.approx(1)
    assert min(first, tie, second) >= 0
    assert model.probabilities(-difference, place) == pytest.approx((second, tie, first))


@given(st.floats(-5, 5), st.floats(0, 5))
def test_ties_leave_the_odds_of_first_against_second(difference: float, ties: float) -> None:
    first, _, second = ChoiceModel(temperature=1.0, ties=ties).probabilities(difference)
    assert math.log(first / second) == pytest.approx(difference, abs=1e-6)


def test_slips_turn_choices_round_and_leave_ties() -> None:
    plain = ChoiceModel(temperature=1.0, ties=0.5).probabilities(1.0)
    slipping = ChoiceModel(temperature=1.0, ties=0.5, slips=0.1).probabilities(1.0)
    assert slipping[0] == pytest.approx(0.9 * plain[0] + 0.1 * plain[2])
    assert slipping[1] == plain[1]
    always = ChoiceModel(temperature=1.0, ties=0.5, slips=1.0).probabilities(1.0)
    assert always == pytest.approx(plain[::-1])


def test_noise_grows_within_a_session() -> None:
    model = ChoiceModel(temperature=0.5, fatigue=0.1)
    assert [model.temperature_at(place) for place in (0, 1, 10)] == pytest.approx([0.5, 0.55, 1.0])
    # After ten choices T has doubled: sigmoid(1 / 1) instead of sigmoid(1 / 0.5).
    assert model.probabilities(1.0)[0] == pytest.approx(sigmoid(2))
    assert model.probabilities(1.0, 10)[0] == pytest.approx(sigmoid(1))


def test_outcomes_come_with_their_chances() -> None:
    model = ChoiceModel(temperature=1.0, ties=0.5, slips=0.1)
    rng = random.Random(0)
    counts = Counter(model.draw(0.7, rng) for _ in range(20_000))
    shares = [counts[name] / 20_000 for name in OUTCOMES]
    assert shares == pytest.approx(model.probabilities(0.7), abs=0.01)


def test_the_best_of_several_is_luces() -> None:
    model, rng = ChoiceModel(temperature=0.5), random.Random(0)
    worths = (0.0, 0.5, 1.0)  # exp of 0, 1, 2
    total = 1 + math.e + math.e**2
    counts = Counter(model.pick(worths, rng) for _ in range(20_000))
    for place, weight in enumerate((1, math.e, math.e**2)):
        assert counts[place] / 20_000 == pytest.approx(weight / total, abs=0.012)


def test_picking_one_of_two_is_a_choice_with_slips() -> None:
    model, rng = ChoiceModel(temperature=1.0, slips=0.2), random.Random(0)
    share = sum(model.pick((0.8, 0.0), rng) == 0 for _ in range(20_000)) / 20_000
    assert share == pytest.approx(model.probabilities(0.8)[0], abs=0.01)


def test_great_differences_overflow_nowhere() -> None:
    model = ChoiceModel(temperature=1e-3, ties=1.0)
    assert model.probabilities(1e6) == (1.0, 0.0, 0.0)
    assert model.pick((-1e6, 1e6), random.Random(0)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"temperature": 0.0},
        {"temperature": math.nan},
        {"ties": -0.1},
        {"slips": 1.1},
        {"fatigue": -1.0},
    ],
)
def test_impossible_numbers_are_refused(fault: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match="choice model"):
        ChoiceModel(**fault)
