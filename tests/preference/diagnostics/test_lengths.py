"""Chosen beside rejected lengths."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics import length_ratio
from idiolect.preference.diagnostics.intervals import wilson_interval

LENGTHS = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=1, max_size=30)


def test_ratios_and_shares_by_hand() -> None:
    found = length_ratio([10, 20, 30, 8], [5, 20, 10, 16])  # ratios 2, 1, 3 and 1/2
    assert found.median_ratio == pytest.approx(math.sqrt(2))
    assert (found.pairs, found.differing) == (4, 3)
    assert found.chosen_longer == pytest.approx(2 / 3)
    assert found.interval == wilson_interval(2, 3)
    assert found.warning == ""


def test_it_warns_of_either_side() -> None:
    short, long = [10.0] * 20, [15.0] * 18 + [5.0] * 2
    assert length_ratio(long, short).warning == (
        "The chosen sample is the longer one in 90% of 20 pairs."
    )
    assert length_ratio(short, long).warning == (
        "The rejected sample is the longer one in 90% of 20 pairs."
    )


def test_three_of_three_are_no_evidence_and_four_of_four_are() -> None:
    assert length_ratio([2] * 3, [1] * 3).warning == ""
    assert length_ratio([2] * 4, [1] * 4).warning != ""


def test_three_quarters_are_not_more_than_three_quarters() -> None:
    assert length_ratio([2] * 75 + [1] * 25, [1] * 75 + [2] * 25).warning == ""
    assert length_ratio([2] * 76 + [1] * 24, [1] * 76 + [2] * 24).warning != ""


def test_equal_lengths_lean_to_neither_side() -> None:
    found = length_ratio([3, 4], [3, 4])
    assert (found.median_ratio, found.differing, found.chosen_longer) == (1.0, 0, 0.5)
    assert (found.interval, found.warning) == ((0.0, 1.0), "")


@given(LENGTHS)
def test_swapping_the_sides_mirrors_everything(lengths: list[tuple[int, int]]) -> None:
    chosen, rejected = zip(*lengths, strict=True)
    found, mirrored = length_ratio(chosen, rejected), length_ratio(rejected, chosen)
    assert found.median_ratio * mirrored.median_ratio == pytest.approx(1.0)
    assert found.chosen_longer + mirrored.chosen_longer == pytest.approx(1.0)
    assert bool(found.warning) == bool(mirrored.warning)


@pytest.mark.parametrize(
    ("chosen", "rejected", "why"),
    [
        ([], [], "make no pairs"),
        ([1], [1, 2], "1 chosen and 2 rejected"),
        ([0], [1], "above 0"),
        ([1], [math.nan], "above 0"),
        ([math.inf], [1], "above 0"),
    ],
)
def test_what_are_no_lengths_is_refused(
    chosen: list[float], rejected: list[float], why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why):
        length_ratio(chosen, rejected)
