"""The logistic regression: its equation, its minimum, its limits."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from idiolect.preference.diagnostics.probe import fit_probe, held_out_scores


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_the_fit_solves_its_equation() -> None:
    # One feature of +1 and -1, and 3 of 4 labels that agree with it: the slope of the cost is
    # n (sigmoid(w) - 3/4) + ridge w.
    feature = column(1, 1, 1, 1, -1, -1, -1, -1).unsqueeze(1)
    labels = column(1, 1, 1, 0, 0, 0, 0, 1)
    for ridge in (1e-9, 1.0, 10.0):
        weight = fit_probe(feature, labels, ridge=ridge).weight
        slope = 8 * (torch.sigmoid(weight) - 0.75) + ridge * weight
        assert slope.item() == pytest.approx(0.0, abs=1e-6)
    assert fit_probe(feature, labels, ridge=1e-9).weight.item() == pytest.approx(math.log(3))


def test_the_fit_is_a_minimum_whatever_the_units() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(40, 3, generator=generator, dtype=torch.float64) * column(1, 100, 1e-3)
    labels = (features[:, 0] + torch.randn(40, generator=generator) > 0).double()
    probe = fit_probe(features, labels)
    weight = probe.weight.clone().requires_grad_()
    bias = column(probe.bias).requires_grad_()
    z = (features - probe.mean) / probe.spread @ weight + bias
    cost = softplus((1 - 2 * labels) * z).sum() + weight.square().sum() / 2
    for slope in torch.autograd.grad(cost, [weight, bias]):
        assert slope.abs().max().item() < 1e-6


def test_what_can_be_told_without_error_and_what_does_not_vary_have_finite_weights() -> None:
    features = torch.stack([column(0, 0, 1, 1), torch.full((4,), 0.1).double()], dim=1)
    probe = fit_probe(features, column(0, 0, 1, 1))
    assert probe.weight.isfinite().all()
    assert probe.weight[0] > 0.5
    assert probe.weight[1] == 0


def test_scores_come_from_the_other_folds() -> None:
    features = column(0, 1, 0, 1).unsqueeze(1)
    labels = column(0, 1, 1, 0)  # the second fold contradicts the first
    scores = held_out_scores(features, labels, torch.tensor([0, 0, 1, 1]))
    assert scores[0] > scores[1]  # as the second fold has it
    assert scores[2] < scores[3]  # as the first has it
