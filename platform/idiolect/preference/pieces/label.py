"""Labels: the probability q that a preference is what it says.

    loss = q l(z) + (1 - q) l(z flipped)

q starts from the pair's own probability p, which is 1 unless someone said otherwise and 0.5 for
a tie; each label then doubts it in its own way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from idiolect.preference.columns import Rows


class Label(Protocol):
    """How sure the preferences of a batch are."""

    def __call__(self, rows: Rows, odds: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        """q, ``[n]``, without gradient.

        Args:
            rows: the batch.
            odds: log-odds, under the present policy, that a preference is the right way round:
                what the flipped pair costs less what the pair costs, ``[n]``.
            estimates: the objective's running estimates.
        """
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """q = p: the preference as it came."""

    def __call__(self, rows: Rows, odds: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        del odds, estimates
        return rows.probability


@dataclass(frozen=True, slots=True)
class Smoothed:
    """q = (1 - eps) p + eps (1 - p): a share eps of the preferences is flipped (cDPO).

    Mitchell 2023. The logit settles at log((1 - eps) / eps) instead of growing for ever.
    """

    flip_rate: float = 0.1

    def __call__(self, rows: Rows, odds: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        del odds, estimates
        p = rows.probability
        return (1 - self.flip_rate) * p + self.flip_rate * (1 - p)


@dataclass(frozen=True, slots=True)
class Robust:
    """q = (p - eps) / (1 - 2 eps), above 1 for a sure preference (robust DPO, "rDPO").

    Chowdhury et al. 2024, Provably robust DPO: in expectation over flips at the rate eps the loss
    is the loss on clean labels. It is not bounded below, so it wants few steps or a small rate.
    """

    flip_rate: float = 0.1

    def __call__(self, rows: Rows, odds: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        del odds, estimates
        return (rows.probability - self.flip_rate) / (1 - 2 * self.flip_rate)


@dataclass(frozen=True, slots=True)
class Posterior:
    """q = s r / (s r + (1 - s)(1 - r)), with s = sigmoid(odds) and the source's reliability r.

    Cao et al. 2025, RE-PO: the E-step of an EM over whether each label is right. A pair that the
    policy contradicts strongly ends with q below 0.5 and teaches the opposite. A pair's own
    doubt p mixes the posteriors of both ways.
    """

    def __call__(self, rows: Rows, odds: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        reliability = estimates["reliability"][rows.source]
        prior = torch.logit(reliability)
        right, wrong = torch.sigmoid(odds.detach() + prior), torch.sigmoid(odds.detach() - prior)
        return rows.probability * right + (1 - rows.probability) * wrong


@dataclass(frozen=True, slots=True)
class RewardSoftmax:
    """q = sigmoid((r_w - r_l) / temperature), the softmax over the pair's two rewards.

    The soft label of ADPO and DNO, and InfoNCA for two samples. Pairs without rewards keep p.
    """

    temperature: float = 1.0

    def __call__(self, rows: Rows, odds: Tensor, estimates: Mapping[str, Tensor]) -> Tensor:
        del odds, estimates
        difference = rows.chosen.reward - rows.rejected.reward
        judged = torch.sigmoid(difference / self.temperature)
        return torch.where(difference.isnan(), rows.probability, judged)


LABELS: Mapping[str, Callable[..., Label]] = {
    "given": Given,
    "smoothed": Smoothed,
    "robust": Robust,
    "posterior": Posterior,
    "reward_softmax": RewardSoftmax,
}
