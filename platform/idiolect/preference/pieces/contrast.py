"""Contrasts: what a group's scores cost, given its rewards; the list-wise form of a link.

All take u = beta S, the rewards and a mask, each ``[groups, k]``, and give ``[groups]``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from idiolect.preference.pieces.target import Softmax, Target, masked_log_softmax


class Contrast(Protocol):
    """What a group costs."""

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        """``[groups]``; ``tokens`` is each sample's length, ``[groups, k]``."""
        ...


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    """-sum_i q_i log softmax(u)_i, where q is the target (InfoNCA, list-wise ADPO)."""

    target: Target = Softmax()

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        del tokens
        return -(self.target(reward, mask) * masked_log_softmax(scaled, mask)).sum(1)


@dataclass(frozen=True, slots=True)
class ReverseKL:
    """sum_i p_i (log p_i - log q_i), where p = softmax(u) (EXO with a reward)."""

    target: Target = Softmax()

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        del tokens
        policy = masked_log_softmax(scaled, mask)
        target = self.target(reward, mask).clamp(min=1e-38).log().masked_fill(~mask, 0.0)
        return (policy.exp() * mask * (policy - target)).sum(1)


@dataclass(frozen=True, slots=True)
class NoiseContrast:
    """-sum_i [ q_i log sigmoid(u_i) + log sigmoid(-u_i) / k ] (NCA).

    Unlike the cross-entropy it fixes each score, not only their differences.
    """

    target: Target = Softmax()

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        del tokens
        count = mask.sum(1, keepdim=True)
        terms = self.target(reward, mask) * functional.softplus(-scaled)
        terms = terms + functional.softplus(scaled) / count
        return terms.masked_fill(~mask, 0.0).sum(1)


@dataclass(frozen=True, slots=True)
class RankHinge:
    """Sum over r_i < r_j of max(0, margin + u_i - u_j) (RRHF)."""

    margin: float = 0.0

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        del tokens
        worse = ordered(reward, mask)
        excess = self.margin + scaled.unsqueeze(2) - scaled.unsqueeze(1)
        return functional.relu(excess).masked_fill(~worse, 0.0).sum((1, 2))


@dataclass(frozen=True, slots=True)
class PlackettLuce:
    """-log of the probability of the whole ranking, best first, under weights exp(u).

    -sum_i [ u_(i) - log sum_{j >= i} exp(u_(j)) ] (Plackett 1975; DPO's appendix A.3). Samples of
    equal reward are ranked as they come.
    """

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        del tokens
        order = reward.masked_fill(~mask, -torch.inf).argsort(dim=1, descending=True, stable=True)
        ranked, there = scaled.gather(1, order), mask.gather(1, order)
        rest = ranked.masked_fill(~there, -torch.inf).flip(1).logcumsumexp(1).flip(1)
        return (rest - ranked).masked_fill(~there, 0.0).sum(1)


@dataclass(frozen=True, slots=True)
class LevelPairs:
    """Mean over r_i > r_j of -log sigmoid(g_i (u_i - u_j)); g is ``gain`` at the best level.

    Su et al. 2025, TRPA: rewards are levels, and the best level there is at all is ``top``. A
    group of one level gives -log sigmoid(u) of its samples if that is the top, of -u if not. The
    authors' code scales whole pairs, where the paper writes a scale for each sample.
    """

    gain: float = 2.5
    top: float = -1.0

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        del tokens
        better = ordered(reward, mask).transpose(1, 2)
        gains = torch.where(reward >= self.top, self.gain, 1.0).to(scaled)
        gap = gains.unsqueeze(2) * (scaled.unsqueeze(2) - scaled.unsqueeze(1))
        pairs = better.sum((1, 2))
        compared = functional.softplus(-gap).masked_fill(~better, 0.0).sum((1, 2))
        sign = torch.where(reward >= self.top, 1.0, -1.0).to(scaled)
        alone = functional.softplus(-sign * scaled).masked_fill(~mask, 0.0).sum(1) / mask.sum(1)
        return torch.where(pairs > 0, compared / pairs.clamp(min=1), alone)


@dataclass(frozen=True, slots=True)
class DecoupledLength:
    """-sum_pos w_i u_i / sum_pos w + temperature * log sum_neg exp(u_i / temperature) (DRPO).

    w = exp((1 - |y| / longest) / length_temperature) among the correct samples alone (reward
    above 0), so a correct long answer is never pushed down, only less up. DRPO 2025,
    the authors' code. A group that is all right or all wrong costs nothing. An infinite
    ``length_temperature`` forgets the length: DisCO.
    """

    longest: float = 8192.0
    length_temperature: float = 0.1
    temperature: float = 10.0

    def __call__(self, scaled: Tensor, reward: Tensor, mask: Tensor, tokens: Tensor) -> Tensor:
        right, wrong = (reward > 0) & mask, ~(reward > 0) & mask
        mixed = right.any(1) & wrong.any(1)
        brevity = (1 - tokens / self.longest) / self.length_temperature
        shares = _softmax_of(brevity, right)
        gain = (shares * scaled).sum(1)
        loss = self.temperature * _logsumexp_of(scaled / self.temperature, wrong)
        return torch.where(mixed, loss - gain, 0.0)


CONTRASTS: Mapping[str, Callable[..., Contrast]] = {
    "cross_entropy": CrossEntropy,
    "reverse_kl": ReverseKL,
    "noise_contrast": NoiseContrast,
    "rank_hinge": RankHinge,
    "plackett_luce": PlackettLuce,
    "level_pairs": LevelPairs,
    "decoupled_length": DecoupledLength,
}


def ordered(reward: Tensor, mask: Tensor) -> Tensor:
    """Where sample i is worse than sample j, both there, ``[groups, i, j]``."""
    worse = reward.unsqueeze(2) < reward.unsqueeze(1)
    return worse & mask.unsqueeze(2) & mask.unsqueeze(1)


def _softmax_of(values: Tensor, among: Tensor) -> Tensor:
    # A group without any of them would be all infinities, whose gradient is not a number.
    anyone = among | ~among.any(1, keepdim=True)
    return torch.softmax(values.masked_fill(~anyone, -torch.inf), dim=1) * among


def _logsumexp_of(values: Tensor, among: Tensor) -> Tensor:
    anyone = among | ~among.any(1, keepdim=True)
    return values.masked_fill(~anyone, -torch.inf).logsumexp(1)
