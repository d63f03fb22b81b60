"""Scores: how good the policy holds a sample to be.

    S(y) = shape( length( P(y) - sum_k c_k A_k(y) ) )

P(y) is the policy's log-probability of a sample and A_k(y) that of a frozen anchor with its
weight c_k, such as the reference policy or the iterate before; both in nats.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from idiolect.preference.columns import Side, within

REFERENCE = "reference"
"""The anchor that most objectives stay near: the model without its adapter."""
PREVIOUS = "previous"
"""The policy of the round before, or, within a round, the policy that drew the samples."""

_LARGEST_EXPONENT = 80.0  # exp(80) is finite in float32, and so is its square root's gradient


class Length(Protocol):
    """How the values of a sample's tokens become one number."""

    def __call__(self, values: Tensor, tokens: Tensor, shared_tokens: Tensor) -> Tensor:
        """``[n, t]`` to ``[n]``; values beyond a sample's end are 0.

        Args:
            values: of each token.
            tokens: of each sample, ``[n]``.
            shared_tokens: of the shorter of the two samples of each pair, ``[n]``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sum:
    """The log-probability of the whole sample."""

    def __call__(self, values: Tensor, tokens: Tensor, shared_tokens: Tensor) -> Tensor:
        del tokens, shared_tokens
        return values.sum(1)


@dataclass(frozen=True, slots=True)
class Mean:
    """Per token, so that length alone makes no sample better."""

    def __call__(self, values: Tensor, tokens: Tensor, shared_tokens: Tensor) -> Tensor:
        del shared_tokens
        return values.sum(1) / tokens


@dataclass(frozen=True, slots=True)
class Power:
    """Divided by tokens^exponent: 0 is the sum, 1 the mean (RRHF's length penalty)."""

    exponent: float = 1.0

    def __call__(self, values: Tensor, tokens: Tensor, shared_tokens: Tensor) -> Tensor:
        del shared_tokens
        return values.sum(1) / tokens**self.exponent


@dataclass(frozen=True, slots=True)
class SharedPrefix:
    """The tokens up to the shorter sample's length count fully, those after by ``tail``.

    Liu et al. 2024, LD-DPO: length-desensitized DPO. ``tail`` 1 is the sum.
    """

    tail: float = 0.5

    def __call__(self, values: Tensor, tokens: Tensor, shared_tokens: Tensor) -> Tensor:
        del tokens
        shared = within(shared_tokens, values)
        return (values * (self.tail + (1 - self.tail) * shared)).sum(1)


class Shape(Protocol):
    """A monotone function of each score."""

    def __call__(self, score: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """The score as it is; as a divergence, the reverse KL: f'(r) = log r + 1."""

    def __call__(self, score: Tensor) -> Tensor:
        return score


@dataclass(frozen=True, slots=True)
class ForwardKL:
    """-exp(-u): f-DPO with the forward KL (Wang et al. 2023, table 1), f'(r) = -1 / r.

    The exponent is cut at 80, beyond which float32 would overflow.
    """

    def __call__(self, score: Tensor) -> Tensor:
        return -torch.exp((-score).clamp(max=_LARGEST_EXPONENT))


@dataclass(frozen=True, slots=True)
class JensenShannon:
    """log 2 + log sigmoid(u): f-DPO with the Jensen-Shannon divergence (ibid.)."""

    def __call__(self, score: Tensor) -> Tensor:
        return functional.logsigmoid(score) + math.log(2)


@dataclass(frozen=True, slots=True)
class Alpha:
    """(1 - exp(-alpha u)) / alpha: f-DPO with an alpha divergence, and AlphaPO's score.

    Alpha towards 0 is the reverse KL (the identity), 1 the forward KL up to a constant. The
    exponent is cut at 80.
    """

    alpha: float = 0.5

    def __call__(self, score: Tensor) -> Tensor:
        if self.alpha == 0:
            return score
        scaled = (-self.alpha * score).clamp(max=_LARGEST_EXPONENT)
        return -torch.expm1(scaled) / self.alpha


@dataclass(frozen=True, slots=True)
class LogOdds:
    """u - log(1 - e^u), the log-odds of a probability e^u (Hong et al. 2024, ORPO).

    Only for mean log-probabilities: u < 0. A u of 0 or above counts as -1e-6, since a sample that
    is certain has infinite odds.
    """

    def __call__(self, score: Tensor) -> Tensor:
        below = score.clamp(max=-1e-6)
        # log(1 - e^u) loses all digits on one side of -log 2 or the other.
        near = torch.log(-torch.expm1(below.clamp(min=-math.log(2))))
        far = torch.log1p(-torch.exp(below.clamp(max=-math.log(2))))
        return below - torch.where(below > -math.log(2), near, far)


@dataclass(frozen=True, slots=True)
class Bounded:
    """s v / (e^{s v} - 1) of a cost v = -u >= 0: in (0, 1] and falling with the cost.

    Hong et al. 2024, MaPO, the authors' code. Where v tends to 0 it tends to 1 - s v / 2.
    """

    steepness: float = 0.5

    def __call__(self, score: Tensor) -> Tensor:
        cost = -self.steepness * score
        small = cost.abs() < 1e-4
        safe = torch.where(small, torch.ones_like(cost), cost).clamp(max=_LARGEST_EXPONENT)
        return torch.where(small, 1 - cost / 2, safe / torch.expm1(safe))


@dataclass(frozen=True, slots=True)
class Score:
    """S(y) of each sample; without anchors it is free of a reference."""

    anchors: tuple[tuple[str, float], ...] = ((REFERENCE, 1.0),)
    length: Length = Sum()
    shape: Shape = Identity()

    def __call__(self, side: Side, shared_tokens: Tensor) -> Tensor:
        """``[n]``."""
        values = side.policy
        for name, weight in self.anchors:
            values = values - weight * side.anchors[name]
        return self.shape(self.length(values, side.tokens, shared_tokens))


REFERENCE_FREE: tuple[tuple[str, float], ...] = ()

LENGTHS: Mapping[str, Callable[..., Length]] = {
    "sum": Sum,
    "mean": Mean,
    "power": Power,
    "shared_prefix": SharedPrefix,
}
DIVERGENCES: Mapping[str, Callable[..., Shape]] = {
    "reverse_kl": Identity,
    "forward_kl": ForwardKL,
    "js": JensenShannon,
    "alpha": Alpha,
}
SHAPES: Mapping[str, Callable[..., Shape]] = {
    **DIVERGENCES,
    "log_odds": LogOdds,
    "bounded": Bounded,
}
