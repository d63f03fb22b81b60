"""Auxiliary terms: what is added to a row's loss beside the comparison of its sides.

They are not mixed by the label: a doubt about which side is better is none about them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from idiolect.preference.columns import Side
from idiolect.preference.pieces.score import PREVIOUS, Length, Mean


class Auxiliary(Protocol):
    """A term on the samples that are to be likely."""

    def __call__(self, side: Side, shared_tokens: Tensor) -> Tensor:
        """The term of each sample, ``[n]``."""
        ...

    @property
    def anchors(self) -> tuple[str, ...]:
        """The anchors that it reads."""
        ...


@dataclass(frozen=True, slots=True)
class NegativeLogLikelihood:
    """-coefficient * length(P(y_w)): keeps the chosen samples likely (CPO, ORPO, RPO, SLiC)."""

    coefficient: float = 1.0
    length: Length = Mean()
    anchors: tuple[str, ...] = ()

    def __call__(self, side: Side, shared_tokens: Tensor) -> Tensor:
        return -self.coefficient * self.length(side.policy, side.tokens, shared_tokens)


@dataclass(frozen=True, slots=True)
class Divergence:
    """coefficient * mean_t k3, an estimate of KL(policy || anchor) on the anchor's own samples.

    k3 = exp(A_t - P_t) - (A_t - P_t) - 1 >= 0 (Schulman 2020, Approximating KL divergence). The
    difference is cut at 20 nats a token.
    """

    coefficient: float = 1e-3
    anchor: str = PREVIOUS

    @property
    def anchors(self) -> tuple[str, ...]:
        return (self.anchor,)

    def __call__(self, side: Side, shared_tokens: Tensor) -> Tensor:
        del shared_tokens
        return self.coefficient * k3(side.policy, side.anchors[self.anchor]).sum(1) / side.tokens


@dataclass(frozen=True, slots=True)
class TrustRegion:
    """coefficient / 2 * max(0, mean_t k3 - slack)^2: no pull within a small divergence (DRPO).

    The authors' code takes the mean of the whole batch; here each sample has its own.
    """

    coefficient: float = 1e3
    slack: float = 1e-4
    anchor: str = PREVIOUS

    @property
    def anchors(self) -> tuple[str, ...]:
        return (self.anchor,)

    def __call__(self, side: Side, shared_tokens: Tensor) -> Tensor:
        excess = Divergence(1.0, self.anchor)(side, shared_tokens) - self.slack
        return self.coefficient / 2 * excess.clamp(min=0).square()


def k3(policy: Tensor, anchor: Tensor) -> Tensor:
    """Schulman's k3 of each token, ``[n, t]``; 0 where both are 0."""
    difference = (anchor - policy).clamp(max=20.0)
    return difference.exp() - difference - 1


AUXILIARIES: Mapping[str, Callable[..., Auxiliary]] = {
    "nll": NegativeLogLikelihood,
    "kl": Divergence,
    "trust_region": TrustRegion,
}
