"""Intervals of shares and means: known values, limits, and how often they hold."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from idiolect.preference.diagnostics.intervals import Z_95, bootstrap_interval, wilson_interval


def test_wilson_by_hand() -> None:
    # No success of n: p = 0, so center and half are both (z^2 / 2n) / (1 + z^2 / n).
    assert wilson_interval(0, 10) == pytest.approx((0.0, Z_95**2 / (10 + Z_95**2)))
    assert wilson_interval(8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert wilson_interval(10, 10) == pytest.approx((0.722467, 1.0), abs=1e-6)
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.integers(0, 60), st.integers(1, 60))
def test_wilson_holds_the_share_and_mirrors(successes: int, trials: int) -> None:
    successes = min(successes, trials)
    low, high = wilson_interval(successes, trials)
    assert 0 <= low < high <= 1
    assert low - 1e-12 <= successes / trials <= high + 1e-12
    assert wilson_interval(trials - successes, trials) == pytest.approx((1 - high, 1 - low))


def test_bootstrap_is_near_the_normal_interval_and_repeats() -> None:
    values = [float(number % 10) for number in range(200)]
    low, high = bootstrap_interval(values, seed=1)
    half = 1.96 * torch.tensor(values).std().item() / 200**0.5
    assert (low, high) == pytest.approx((4.5 - half, 4.5 + half), abs=0.03)
    assert (low, high) == bootstrap_interval(values, seed=1)
    assert (low, high) != bootstrap_interval(values, seed=2)
    assert bootstrap_interval([1.0] * 9, seed=0) == (1.0, 1.0)
    assert bootstrap_interval([], seed=0) == (-1.0, 1.0)


def test_drawing_in_parts_changes_nothing() -> None:
    values = torch.linspace(-1, 2, 300, dtype=torch.float64)
    drawn = torch.randint(300, (10_000, 300), generator=torch.Generator().manual_seed(3))
    means = values[drawn].mean(dim=1)
    expected = means.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    assert bootstrap_interval(values.tolist(), seed=3) == pytest.approx(tuple(expected), abs=1e-14)
