"""Pointwise terms: what one sample costs by itself, on the side that it is on.

    term = coefficient * link( sign * (scale * S - shift) )

Terms that are asked for on the chosen side say "this is good", those on the rejected side "this
is bad"; so they also take samples that were judged by themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from torch import Tensor

from idiolect.preference.pieces.link import Link


class Shift(Protocol):
    """What a scaled score is compared with."""

    def __call__(self, reward: Tensor, estimates: Mapping[str, Tensor]) -> Tensor | float:
        """``[n]`` or one number."""
        ...

    @property
    def needs_rewards(self) -> bool:
        """It reads the samples' rewards."""
        ...


@dataclass(frozen=True, slots=True)
class At:
    """The same number for all."""

    value: float = 0.0
    needs_rewards: bool = False

    def __call__(self, reward: Tensor, estimates: Mapping[str, Tensor]) -> float:
        del reward, estimates
        return self.value


@dataclass(frozen=True, slots=True)
class AtEstimate:
    """A running estimate, times a scale."""

    name: str
    scale: float = 1.0
    needs_rewards: bool = False

    def __call__(self, reward: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        del reward
        return self.scale * estimates[self.name]


@dataclass(frozen=True, slots=True)
class AtReward:
    """slope * (reward - origin): the sample's own target (SPPO's win rate, GPO's score)."""

    slope: float
    origin: float = 0.0
    needs_rewards: bool = True

    def __call__(self, reward: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        del estimates
        return self.slope * (reward - self.origin)


@dataclass(frozen=True, slots=True)
class Pointwise:
    """One term.

    Attributes:
        side: on which side's samples it acts.
        link: what the shifted score costs.
        sign: +1 draws the score up, -1 down.
        scale: beta, where the link works on rewards; 1 where on scores in nats.
        shift: what the scaled score is compared with.
        coefficient: how much the term counts.
    """

    side: Literal["chosen", "rejected"]
    link: Link
    sign: Literal[1, -1] = 1
    scale: float = 1.0
    shift: Shift = At()
    coefficient: float = 1.0

    def __call__(self, score: Tensor, reward: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        """The term of each sample on this side, ``[n]``.

        Args:
            score: S of the samples, ``[n]``.
            reward: their rewards, ``[n]``.
            estimates: the objective's running estimates.
        """
        compared = self.sign * (self.scale * score - self.shift(reward, estimates))
        return self.coefficient * self.link(compared)


SHIFTS: Mapping[str, Callable[..., Shift]] = {
    "at": At,
    "at_estimate": AtEstimate,
    "at_reward": AtReward,
}
