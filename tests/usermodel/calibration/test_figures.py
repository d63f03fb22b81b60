"""The figures of calibration, by hand."""

import math

import pytest

from idiolect.usermodel.calibration.figures import (
    bins_of,
    brier,
    calibration_error,
    error_by_chance,
)


def test_the_brier_score_by_hand() -> None:
    assert brier([0.8, 0.4], [1, 0]) == pytest.approx((0.04 + 0.16) / 2)
    assert brier([1.0, 0.0], [1, 0]) == 0.0
    assert brier([1.0, 0.0], [0, 1]) == 1.0
    assert brier([], []) is None


def test_the_calibration_error_by_hand() -> None:
    # Bin [0.6, 0.7): mean 0.65, half right, 0.15 off; bin [0.9, 1]: mean 0.95, all right, 0.05.
    bins = bins_of([0.6, 0.7 - 1e-9, 0.9, 1.0], [1, 0, 1, 1])
    assert [(one.low, one.high, one.beliefs) for one in bins] == [(0.6, 0.7, 2), (0.9, 1.0, 2)]
    assert calibration_error(bins) == pytest.approx((2 * 0.15 + 2 * 0.05) / 4)
    assert calibration_error([]) is None


def test_perfect_confidence_has_no_calibration_error() -> None:
    bins = bins_of([0.25] * 4, [1, 0, 0, 0])
    assert calibration_error(bins) == 0.0


def test_what_is_partly_true_counts_in_between() -> None:
    assert brier([0.8, 0.5], [0.5, 0.5]) == pytest.approx(0.3**2 / 2)
    (held,) = bins_of([0.8, 0.82], [0.5, 1.0])
    assert (held.confidence, held.right) == pytest.approx((0.81, 0.75))
    assert calibration_error([held]) == pytest.approx(0.06)


def test_the_error_by_chance_by_hand() -> None:
    # Nine at 0.9: sqrt(2 * 9 * 0.9 * 0.1 / pi); one at 0.5: sqrt(2 * 0.25 / pi); over ten.
    bins = bins_of([0.9] * 9 + [0.5], [1] * 10)
    expected = (math.sqrt(1.62 / math.pi) + math.sqrt(0.5 / math.pi)) / 10
    assert error_by_chance(bins) == pytest.approx(expected)
    assert error_by_chance([]) is None


def test_the_error_by_chance_halves_with_four_times_as_many() -> None:
    few, many = (error_by_chance(bins_of([0.3] * n, [0] * n)) for n in (10, 40))
    assert few is not None
    assert many == pytest.approx(few / 2)
