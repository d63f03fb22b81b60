"""Targets: how a group's rewards become what its samples' probabilities should be.

All work on ``[groups, k]`` with a mask of the same shape that is true where there is a sample.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Target(Protocol):
    """The distribution that a group's samples should have."""

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        """``[groups, k]``, each row summing to 1; 0 where there is no sample."""
        ...


@dataclass(frozen=True, slots=True)
class Softmax:
    """softmax(r / temperature) (InfoNCA, NCA, EXO)."""

    temperature: float = 1.0

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        return masked_softmax(reward / self.temperature, mask)


@dataclass(frozen=True, slots=True)
class StandardizedSoftmax:
    """softmax(z / temperature) of the rewards less their mean over their deviation (ADPO).

    The deviation is the sample's (over k - 1), plus 1e-8, as in the authors' code; equal rewards
    give the uniform distribution.
    """

    temperature: float = 0.5

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        centered = reward - masked_mean(reward, mask)
        squares = centered.square().masked_fill(~mask, 0.0).sum(1, keepdim=True)
        deviation = (squares / (mask.sum(1, keepdim=True) - 1).clamp(min=1)).sqrt()
        return masked_softmax(centered / (deviation + 1e-8) / self.temperature, mask)


TARGETS: Mapping[str, Callable[..., Target]] = {
    "softmax": Softmax,
    "standardized_softmax": StandardizedSoftmax,
}


def masked_softmax(values: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the samples there are, ``[groups, k]``."""
    return torch.softmax(values.masked_fill(~mask, -torch.inf), dim=1)


def masked_log_softmax(values: Tensor, mask: Tensor) -> Tensor:
    """Its logarithm, 0 where there is no sample."""
    logs = torch.log_softmax(values.masked_fill(~mask, -torch.inf), dim=1)
    return logs.masked_fill(~mask, 0.0)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean over the samples there are, ``[groups, 1]``."""
    return values.masked_fill(~mask, 0.0).sum(1, keepdim=True) / mask.sum(1, keepdim=True)
