"""Half-lives run from 6 hours to 2 years, and what is durable outlasts what is not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.usermodel.decay import RECENCY_FLOOR, half_life, is_spent, recency
from tests.usermodel.seeds import MONDAY, days


def test_the_ends_of_the_scale_are_six_hours_and_two_years() -> None:
    assert half_life(0.0) == timedelta(hours=6)
    assert half_life(1.0) == days(730)


def test_the_middle_is_the_geometric_mean() -> None:
    # sqrt(0.25 d * 730 d) = sqrt(182.5) d = 13.509 d
    assert half_life(0.5) / days(1) == pytest.approx(13.509, abs=0.001)


def test_a_durability_outside_the_scale_is_clipped() -> None:
    assert half_life(-3) == half_life(0)
    assert half_life(7) == half_life(1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 1000))
def test_the_more_durable_statement_never_fades_faster(low: float, high: float, age: float) -> None:
    low, high = sorted((low, high))
    now = MONDAY + days(age)
    assert recency(MONDAY, now, low) <= recency(MONDAY, now, high)


def test_one_half_life_halves_and_two_quarter() -> None:
    assert recency(MONDAY, MONDAY + timedelta(hours=6), 0.0) == pytest.approx(0.5)
    assert recency(MONDAY, MONDAY + timedelta(hours=12), 0.0) == pytest.approx(0.25)


def test_nothing_fades_to_zero() -> None:
    assert recency(MONDAY, MONDAY + days(10_000), 0.0) == RECENCY_FLOOR


def test_a_planned_event_counts_as_fresh() -> None:
    assert recency(MONDAY + days(3), MONDAY, 0.2) == 1.0


@pytest.mark.parametrize(
    ("confidence", "half_lives", "is_over"),
    [
        (0.95, 7.5, False),  # 0.95 / 2^7.5 = 0.00525
        (0.95, 7.6, True),  # 0.95 / 2^7.6 = 0.0049
        (0.15, 4.95, False),  # light enough, but not for 5 half-lives
        (0.15, 5.0, True),  # 0.15 / 32 = 0.0047
        (0.01, 4.0, False),
    ],
)
def test_a_statement_is_spent_by_weight_and_half_lives(
    confidence: float, half_lives: float, is_over: bool
) -> None:
    now = MONDAY + half_lives * half_life(0.5)
    assert is_spent(confidence, MONDAY, now, 0.5) is is_over


def test_nothing_is_spent_within_a_month() -> None:
    assert not is_spent(0.5, MONDAY, MONDAY + days(29.9), 0.0)  # 120 half-lives of 6 hours
    assert is_spent(0.5, MONDAY, MONDAY + days(30), 0.0)
