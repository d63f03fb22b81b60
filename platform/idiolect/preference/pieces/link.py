"""Links: what a logit z costs. ``[n]`` to ``[n]``; z above 0 agrees with the preference."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional


class Link(Protocol):
    """What a logit costs."""

    def __call__(self, logit: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Logistic:
    """-log sigmoid(z), computed as softplus(-z), which does not overflow (DPO)."""

    def __call__(self, logit: Tensor) -> Tensor:
        return functional.softplus(-logit)


@dataclass(frozen=True, slots=True)
class Hinge:
    """max(0, margin - z) (SLiC, RSO; RRHF with a margin of 0)."""

    margin: float = 1.0

    def __call__(self, logit: Tensor) -> Tensor:
        return functional.relu(self.margin - logit)


@dataclass(frozen=True, slots=True)
class Square:
    """(z - target)^2: the logit is drawn to a finite target (IPO, INPO, SPPO)."""

    target: float = 0.0

    def __call__(self, logit: Tensor) -> Tensor:
        return (logit - self.target).square()


@dataclass(frozen=True, slots=True)
class Exponential:
    """exp(-z), with the exponent cut at 80: punishes mistakes without bound."""

    def __call__(self, logit: Tensor) -> Tensor:
        return torch.exp((-logit).clamp(max=80.0))


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """1 - sigmoid(z): saturates on both sides (KTO, APO)."""

    def __call__(self, logit: Tensor) -> Tensor:
        return torch.sigmoid(-logit)


@dataclass(frozen=True, slots=True)
class DiscoPop:
    """(1 - m) (-log sigmoid(z)) + m exp(-z), where m = sigmoid(z / temperature).

    Lu et al. 2024, DiscoPOP, the loss that their search found (LRML). It is not convex: it has a
    bump near 0. The mixing m carries a gradient; the exponent is cut at 80.
    """

    temperature: float = 0.05

    def __call__(self, logit: Tensor) -> Tensor:
        share = torch.sigmoid(logit / self.temperature)
        exponential = torch.exp((-logit).clamp(max=80.0))
        return (1 - share) * functional.softplus(-logit) + share * exponential


@dataclass(frozen=True, slots=True)
class ReverseKL:
    """KL of (sigmoid(z), sigmoid(-z)) from the target (1 - smoothing, smoothing).

    Ji et al. 2024, EXO, the preference form for two samples: DPO fits the forward KL of the same
    two distributions. The smoothing is this link's own label noise, so a label that also doubts
    the preference would count it twice.
    """

    smoothing: float = 1e-3

    def __call__(self, logit: Tensor) -> Tensor:
        agree, differ = functional.logsigmoid(logit), functional.logsigmoid(-logit)
        return agree.exp() * (agree - math.log1p(-self.smoothing)) + differ.exp() * (
            differ - math.log(self.smoothing)
        )


@dataclass(frozen=True, slots=True)
class Nothing:
    """Costs nothing: the objective does not compare the two sides."""

    def __call__(self, logit: Tensor) -> Tensor:
        return torch.zeros_like(logit)


LINKS: Mapping[str, Callable[..., Link]] = {
    "logistic": Logistic,
    "hinge": Hinge,
    "square": Square,
    "exponential": Exponential,
    "sigmoid": Sigmoid,
    "discopop": DiscoPop,
    "reverse_kl": ReverseKL,
    "nothing": Nothing,
}
