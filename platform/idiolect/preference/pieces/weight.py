"""Weights: how much each pair counts besides its own weight; at least 0, without gradient."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from idiolect.preference.columns import Rows, Side


class Weight(Protocol):
    """How much each row counts."""

    def __call__(self, rows: Rows, estimates: Mapping[str, Tensor]) -> Tensor:
        """omega, ``[n]``."""
        ...

    @property
    def needs_collision(self) -> bool:
        """It reads the sides' ``collision`` columns."""
        ...


@dataclass(frozen=True, slots=True)
class RewardAgreement:
    """sigmoid(c m) / sigmoid(m) of the gap m between a reward model's scores (MADPO).

    c(m) = c_min + (c_max - c_min) / (1 + (c_max - 1) / (1 - c_min) exp(rate (|m| - turn)))

    and 1 where m <= -turn; c_min = 1 / c_max. From the authors' code. Read critically: pairs on
    which the reward model agrees gain at most a fifth, and those it contradicts lose nearly all,
    so it acts as a soft filter of flipped labels. Pairs without rewards keep their weight.
    """

    largest: float = 2.0
    rate: float = 1.0
    turn: float = math.log(999.0)
    needs_collision: bool = False

    def __call__(self, rows: Rows, estimates: Mapping[str, Tensor]) -> Tensor:
        del estimates
        gap = rows.chosen.reward - rows.rejected.reward
        smallest = 1 / self.largest
        odds = (self.largest - 1) / (1 - smallest) * torch.exp(self.rate * (gap.abs() - self.turn))
        amplification = smallest + (self.largest - smallest) / (1 + odds)
        # A ratio of logistics loses its digits far below 0, a difference of their logs does not.
        ratio = functional.logsigmoid(amplification * gap) - functional.logsigmoid(gap)
        plain = gap.isnan() | (gap <= -self.turn)
        return torch.where(plain, torch.ones_like(gap), ratio.exp())


@dataclass(frozen=True, slots=True)
class OnPolicy:
    """The product over both samples of exp(mean_t(log pi(y_t) - log sum_v pi(v)^2)) (WPO).

    Zhou et al. 2024, WPO, with their alignment of weights: a sample that the policy would draw
    itself has a weight near 1.
    """

    needs_collision: bool = True

    def __call__(self, rows: Rows, estimates: Mapping[str, Tensor]) -> Tensor:
        del estimates
        return _likeliness(rows.chosen) * _likeliness(rows.rejected)


@dataclass(frozen=True, slots=True)
class Kept:
    """1 or 0 for each row, from the running estimate of this name, scaled to a mean of 1."""

    estimate: str = "kept"
    needs_collision: bool = False

    def __call__(self, rows: Rows, estimates: Mapping[str, Tensor]) -> Tensor:
        del rows
        kept = estimates[self.estimate]
        return kept * (kept.numel() / kept.sum())


WEIGHTS: Mapping[str, Callable[..., Weight]] = {
    "reward_agreement": RewardAgreement,
    "on_policy": OnPolicy,
}


def _likeliness(side: Side) -> Tensor:
    if side.collision is None:
        raise ValueError("on-policy weights need the policy's collision probabilities")
    surprise = (side.policy - side.collision) * side.mask
    return torch.exp(surprise.detach().sum(1) / side.tokens)
