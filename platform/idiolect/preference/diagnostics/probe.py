"""A linear probe: logistic regression, and its scores on what it was not fitted to."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

_NEWTON_STEPS = 100  # some ten are enough
_SETTLED = 1e-15  # of the cost


@dataclass(frozen=True, slots=True)
class Probe:
    """log odds = (x - mean) / spread @ weight + bias.

    Attributes:
        mean: of each feature on the rows of the fit, ``[k]``.
        spread: standard deviation of each, ``[k]``; 1 for a feature that does not vary.
        weight: in log odds a standard deviation, ``[k]``.
        bias: in log odds.
    """

    mean: Tensor
    spread: Tensor
    weight: Tensor
    bias: float

    def __call__(self, features: Tensor) -> Tensor:
        """The log odds of each row, ``[n]``, from features ``[n, k]``."""
        return (features - self.mean) / self.spread @ self.weight + self.bias


def fit_probe(features: Tensor, labels: Tensor, *, ridge: float = 1.0) -> Probe:
    """Fits a logistic regression with an L2 penalty.

    J(w, b) = sum_i softplus(-s_i z_i) + (ridge / 2) ||w||^2, with z the log odds, s = +1 or -1,
    and features standardized. With both classes and a ridge above 0 the minimum is unique and
    finite, also where the classes can be told apart without error. Newton's steps from 0, halved
    while they do not lower J, reach it the same way each time.

    Args:
        features: ``[n, k]``, in double precision.
        labels: 1 or 0, both present, ``[n]``, in double precision too.
        ridge: above 0; the bias is not penalized.
    """
    mean, spread = features.mean(dim=0), features.std(dim=0, correction=0)
    # Rounding alone may give a constant feature a tiny spread.
    spread = torch.where(spread > 1e-12 * mean.abs().clamp(min=1), spread, 1.0)
    rows = torch.cat([(features - mean) / spread, features.new_ones(len(features), 1)], dim=1)
    penalty = features.new_full((rows.shape[1],), ridge)
    penalty[-1] = 0.0
    weight = features.new_zeros(rows.shape[1])
    cost = _cost(weight, rows, labels, penalty)
    for _ in range(_NEWTON_STEPS):
        step = _newton_step(weight, rows, labels, penalty)
        while (lower := _cost(weight - step, rows, labels, penalty)) > cost:
            step = step / 2
        weight = weight - step
        if cost - lower <= _SETTLED * cost:
            break
        cost = lower
    return Probe(mean, spread, weight[:-1], weight[-1].item())


def held_out_scores(
    features: Tensor, labels: Tensor, folds: Tensor, *, ridge: float = 1.0
) -> Tensor:
    """The log odds of each row by a probe that was fitted to the other folds, ``[n]``.

    Args:
        features: ``[n, k]``, in double precision, as the labels.
        labels: 1 or 0, ``[n]``; both present outside of any fold.
        folds: which fold each row is in, ``[n]``.
        ridge: as in ``fit_probe``.
    """
    scores = torch.empty_like(labels)
    for fold in sorted(set(folds.tolist())):
        held_out = folds == fold
        probe = fit_probe(features[~held_out], labels[~held_out], ridge=ridge)
        scores[held_out] = probe(features[held_out])
    return scores


def _cost(weight: Tensor, rows: Tensor, labels: Tensor, penalty: Tensor) -> float:
    misfit = softplus((1 - 2 * labels) * (rows @ weight)).sum()
    return (misfit + (penalty * weight.square()).sum() / 2).item()


def _newton_step(weight: Tensor, rows: Tensor, labels: Tensor, penalty: Tensor) -> Tensor:
    """Hessian^-1 gradient of the cost."""
    probability = torch.sigmoid(rows @ weight)
    gradient = rows.T @ (probability - labels) + penalty * weight
    curvature = (probability * (1 - probability)).unsqueeze(1)
    hessian = rows.T @ (curvature * rows) + torch.diag(penalty)
    step: Tensor = torch.linalg.solve(hessian, gradient)
    return step
