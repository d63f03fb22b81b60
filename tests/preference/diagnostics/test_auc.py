"""The AUC of paired scores by hand, and how often its interval holds."""

import math

import pytest
import torch
from torch import Tensor

from idiolect.preference.diagnostics.auc import paired_auc


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_auc_by_hand() -> None:
    assert paired_auc(column(3, 1), column(2, 0))[0] == 0.75
    assert paired_auc(column(1, 1), column(1, 1))[0] == 0.5
    assert paired_auc(column(1, 2), column(1, 0))[0] == pytest.approx(3.5 / 4)
    assert paired_auc(column(0, 1), column(2, 3)) == (0.0, (0.0, 0.0))
    assert paired_auc(column(1.0), column(0.0)) == (1.0, (0.0, 1.0))


def test_the_interval_by_hand() -> None:
    # Chosen 1, 3, 5, 7 and rejected 0, 2, 4, 6: V = 1/4, 2/4, 3/4, 1 and U = 1, 3/4, 2/4, 1/4.
    # V + U is 5/4 for every pair, so nothing varies.
    chosen = column(1, 3, 5, 7)
    assert paired_auc(chosen, column(0, 2, 4, 6)) == (0.625, (0.625, 0.625))
    # Rejected 6, 4, 2, 0: V + U = 2/4, 5/4 - 1/4, 3/2, 2 has the variance 5/12 over pairs.
    area, (low, high) = paired_auc(chosen, column(6, 4, 2, 0))
    half = 1.959964 * math.sqrt(5 / 12 / 4)
    assert area == 0.625
    assert (low, high) == pytest.approx((max(0.0, 0.625 - half), min(1.0, 0.625 + half)))


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_the_interval_holds_as_often_as_it_says(correlation: float) -> None:
    generator = torch.Generator().manual_seed(5)
    truth = 0.5 * (1 + math.erf(1.0 / math.sqrt(2) / math.sqrt(2)))  # Phi(delta / sqrt 2), delta 1
    hits = 0
    for _ in range(400):
        shared, one, other = torch.randn(3, 60, generator=generator, dtype=torch.float64)
        own = math.sqrt(1 - correlation)
        chosen = math.sqrt(correlation) * shared + own * one + 1
        low, high = paired_auc(chosen, math.sqrt(correlation) * shared + own * other)[1]
        hits += low <= truth <= high
    assert 0.92 <= hits / 400 <= 0.98
