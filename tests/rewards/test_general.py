"""The general preference model is skew, has its golden value, and can go round in a circle."""

import math

import pytest
import torch
from torch import Tensor

from idiolect.rewards.general import PreferenceHead, ScaleGate, loss, score

torch.set_num_threads(1)


def _column(*values: float) -> Tensor:
    return torch.tensor([values], dtype=torch.float64)


def test_golden_value() -> None:
    v_i, v_j = _column(1, 0.5, -0.3, 0.2), _column(0.4, -0.2, 0.1, 0.6)
    # 1*-0.2 - 0.5*0.4 + -0.3*0.6 - 0.2*0.1 = -0.2 - 0.2 - 0.18 - 0.02
    assert score(v_i, v_j).item() == pytest.approx(-0.6, abs=1e-9)
    assert loss(v_i, v_j).item() == pytest.approx(6.002476, abs=1e-6)


def test_it_is_skew_to_the_last_bit() -> None:
    random = torch.Generator().manual_seed(0)
    v_i, v_j = torch.randn(2, 50, 6, generator=random)
    scales = ScaleGate(4, 3)(torch.randn(50, 4, generator=random))
    assert torch.equal(score(v_i, v_j, scales), -score(v_j, v_i, scales))
    assert torch.equal(score(v_i, v_i, scales), torch.zeros(50))


def test_a_reward_and_a_constant_are_bradley_terry() -> None:
    reward = torch.tensor([0.3, -1.2])
    v = torch.stack([reward, torch.full((2,), 2.0)], dim=1)
    assert score(v[:1], v[1:]).item() == pytest.approx(2.0 * (0.3 + 1.2))


def test_three_embeddings_can_beat_each_other_in_a_circle() -> None:
    angles = [math.radians(degrees) for degrees in (0, 120, 240)]
    v = torch.tensor([[math.cos(angle), math.sin(angle)] for angle in angles])
    around = score(v, v.roll(-1, dims=0))
    assert around.tolist() == pytest.approx([math.sqrt(3) / 2] * 3, abs=1e-6)


def test_a_margin_asks_for_a_larger_score() -> None:
    v_i, v_j = _column(1, 0), _column(0, 1)  # score 1
    at_margin = loss(v_i, v_j, temperature=1.0, margin=1.0)
    assert at_margin.item() == pytest.approx(math.log(2))


def test_shares_of_planes_sum_to_one() -> None:
    shares = ScaleGate(8, 3)(torch.randn(5, 8, generator=torch.Generator().manual_seed(0)))
    assert shares.shape == (5, 3)
    assert shares.sum(1).tolist() == pytest.approx([1.0] * 5)


def test_normalized_embeddings_bound_the_score() -> None:
    head = PreferenceHead(8, 2, normalized=True)
    v = head(torch.randn(20, 8, generator=torch.Generator().manual_seed(0)))
    assert v.norm(dim=1).tolist() == pytest.approx([1.0] * 20, abs=1e-6)
    assert bool((score(v, v.flip(0)).abs() <= 1 + 1e-6).all())
