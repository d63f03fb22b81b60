"""Objectives of the policy-gradient kind: each token's probability ratio times an advantage.

    rho_t = exp( P_t - O_t )                                     O: the policy that drew the samples
    loss  = -min( rho A, clip(rho, 1 - low, 1 + high) A ) + kl * k3

averaged over tokens as the paper has it. With samples of the present policy rho is 1 and its
gradient that of REINFORCE.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from idiolect.preference.columns import NO_ESTIMATES, Outcome, Rows, Samples, Side
from idiolect.preference.groups import Grid, extremes
from idiolect.preference.objective import Kind, Needs
from idiolect.preference.pieces.auxiliary import k3
from idiolect.preference.pieces.score import PREVIOUS, REFERENCE
from idiolect.preference.pieces.target import masked_mean
from idiolect.preference.state import Estimates

_LARGEST_RATIO_NATS = 20.0


class Advantage(Protocol):
    """By how much each sample is better than its group."""

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        """``[groups, k]``, without gradient."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """The rewards are advantages already (PPO with a critic of its own)."""

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        del mask
        return reward


@dataclass(frozen=True, slots=True)
class Centered:
    """r - mean (Dr. GRPO)."""

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        return (reward - masked_mean(reward, mask)).masked_fill(~mask, 0.0)


@dataclass(frozen=True, slots=True)
class Standardized:
    """(r - mean) / (std + guard) (GRPO); the sample's deviation, or the population's.

    Peers differ: TRL takes the sample's and a guard of 1e-4, HALOs the population's and 1e-2.
    """

    deviation: Literal["sample", "population"] = "sample"
    guard: float = 1e-4

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        centered = Centered()(reward, mask)
        count = mask.sum(1, keepdim=True)
        degrees = (count - 1).clamp(min=1) if self.deviation == "sample" else count
        deviation = (centered.square().sum(1, keepdim=True) / degrees).sqrt()
        return centered / (deviation + self.guard)


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """r_i - mean of the others (RLOO); k / (k - 1) times the centered reward."""

    def __call__(self, reward: Tensor, mask: Tensor) -> Tensor:
        count = mask.sum(1, keepdim=True)
        return Centered()(reward, mask) * count / (count - 1).clamp(min=1)


ADVANTAGES: Mapping[str, Callable[..., Advantage]] = {
    "given": Given,
    "centered": Centered,
    "standardized": Standardized,
    "leave_one_out": LeaveOneOut,
}

Average = Literal["per_sample", "per_token", "constant"]


@dataclass(frozen=True, slots=True)
class PolicyGradient:
    """Implements ``Objective`` on groups.

    Attributes:
        advantage: from the group's rewards.
        low: how far below 1 a ratio counts.
        high: how far above.
        per_sequence: one ratio a sample, from its mean log-ratio a token (GSPO), or from its whole
            log-ratio where ``average`` is "constant" with a length of 1 (RLOO).
        average: over each sample's tokens and then the samples (GRPO); over all tokens of the
            group (DAPO); or the sum over tokens divided by ``longest`` (Dr. GRPO).
        longest: that constant, in tokens.
        kl: weight of k3 towards the reference.
    """

    advantage: Advantage
    low: float = 0.2
    high: float = 0.2
    per_sequence: bool = False
    average: Average = "per_sample"
    longest: float = 1.0
    kl: float = 0.0

    @property
    def takes(self) -> frozenset[Kind]:
        return frozenset({"groups"})

    @property
    def needs(self) -> Needs:
        anchors = {PREVIOUS, REFERENCE} if self.kl else {PREVIOUS}
        return Needs(anchors=frozenset(anchors))

    def __call__(self, batch: Rows | Samples, estimates: Estimates = NO_ESTIMATES) -> Outcome:
        """The loss of each group, ``[groups]``.

        Raises:
            TypeError: pairs, which have no samples of the policy's own.
        """
        del estimates
        if isinstance(batch, Rows):
            raise TypeError("policy-gradient objectives take groups of samples, not pairs")
        side, grid = batch.side, Grid.of(batch.group)
        reward = grid.spread(side.reward)
        advantage = torch.zeros_like(side.reward)
        advantage[grid.index[grid.mask]] = self.advantage(reward, grid.mask)[grid.mask]
        tokens = self._surrogate(side, advantage.unsqueeze(1)) * side.mask
        if self.kl:
            tokens = tokens + self.kl * k3(side.policy, side.anchors[REFERENCE]) * side.mask
        loss = self._averaged(tokens, side, grid)
        ratio = grid.spread((side.policy - side.anchors[PREVIOUS]).detach().sum(1))
        best, worst = extremes(reward, grid.mask)
        return Outcome(
            loss=batch.weight * loss,
            reward_w=ratio.gather(1, best).squeeze(1),
            reward_l=ratio.gather(1, worst).squeeze(1),
        )

    def _surrogate(self, side: Side, advantage: Tensor) -> Tensor:
        """-min(rho A, clip(rho) A) of each token, ``[n, t]``."""
        difference = side.policy - side.anchors[PREVIOUS]
        if self.per_sequence:
            difference = (difference.sum(1) / side.tokens).unsqueeze(1).expand_as(difference)
        ratio = difference.clamp(max=_LARGEST_RATIO_NATS).exp()
        clipped = ratio.clamp(1 - self.low, 1 + self.high)
        return -torch.minimum(ratio * advantage, clipped * advantage)

    def _averaged(self, tokens: Tensor, side: Side, grid: Grid) -> Tensor:
        sums, count = grid.spread(tokens.sum(1)), grid.mask.sum(1)
        if self.average == "per_token":
            return sums.sum(1) / grid.spread(side.tokens).sum(1)
        if self.average == "constant":
            return sums.sum(1) / (self.longest * count)
        lengths = side.tokens[grid.index].clamp(min=1)
        return (sums / lengths).sum(1) / count


@dataclass(frozen=True, slots=True)
class Reinforce:
    """-A log pi(y) of whole samples, with the KL in the reward (RLOO); ``Objective`` on groups.

    Ahmadian et al. 2024, Back to basics: r_i - kl * (P - R), then the others' mean as baseline.
    """

    kl: float = 0.0

    @property
    def takes(self) -> frozenset[Kind]:
        return frozenset({"groups"})

    @property
    def needs(self) -> Needs:
        return Needs(anchors=frozenset({REFERENCE} if self.kl else ()))

    def __call__(self, batch: Rows | Samples, estimates: Estimates = NO_ESTIMATES) -> Outcome:
        """The loss of each group, ``[groups]``.

        Raises:
            TypeError: pairs, which have no samples of the policy's own.
        """
        del estimates
        if isinstance(batch, Rows):
            raise TypeError("policy-gradient objectives take groups of samples, not pairs")
        side, grid = batch.side, Grid.of(batch.group)
        log_prob = side.policy.sum(1)
        reward = side.reward
        if self.kl:
            reward = reward - self.kl * (log_prob - side.anchors[REFERENCE].sum(1)).detach()
        judged = grid.spread(reward)
        advantage = LeaveOneOut()(judged, grid.mask)
        loss = -(advantage * grid.spread(log_prob)).sum(1) / grid.mask.sum(1)
        best, worst = extremes(judged, grid.mask)
        spread = grid.spread(log_prob.detach())
        return Outcome(
            loss=batch.weight * loss,
            reward_w=spread.gather(1, best).squeeze(1),
            reward_l=spread.gather(1, worst).squeeze(1),
        )
