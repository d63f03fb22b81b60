"""Half-lives run from 6 hours to 2 years, and what is durable outlasts what is not."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.usermodel.decay import RECENCY_FLOOR, half_life, recency
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
