"""Logits: by how much the chosen side wins.

z = beta (S_w - S_l) - gamma - m + rate (|y_w| - |y_l|)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from idiolect.preference.columns import Rows
from idiolect.preference.pieces.score import Score


class Gap(Protocol):
    """Which scores are compared with which."""

    def __call__(self, rows: Rows, score: Score) -> Tensor:
        """S_w - S_l, ``[n]``."""
        ...

    @property
    def couples_rows(self) -> bool:
        """A row's gap depends on the other rows of the batch."""
        ...


@dataclass(frozen=True, slots=True)
class Paired:
    """Each chosen sample with its own rejected one."""

    couples_rows: bool = False

    def __call__(self, rows: Rows, score: Score) -> Tensor:
        shared = rows.shared_tokens
        return score(rows.chosen, shared) - score(rows.rejected, shared)


@dataclass(frozen=True, slots=True)
class SortedGaps:
    """The policy's gaps against the anchors' by rank in the batch (AOT, paired).

    Melnyk et al. 2024, Distributional preference alignment via optimal transport: the
    distribution of the policy's gaps shall dominate the reference's, not each gap its own. The
    first anchor's gaps are sorted by themselves, as in TRL. Large batches make it meaningful.
    """

    couples_rows: bool = True

    def __call__(self, rows: Rows, score: Score) -> Tensor:
        free = Score((), score.length)
        gap = Paired()(rows, free).sort().values
        for name, weight in score.anchors:
            anchored = rows_of_anchor(rows, name)
            gap = gap - weight * Paired()(anchored, free).sort().values
        return gap


@dataclass(frozen=True, slots=True)
class SortedSides:
    """The k-th worst chosen sample against the k-th worst rejected one (AOT, unpaired)."""

    couples_rows: bool = True

    def __call__(self, rows: Rows, score: Score) -> Tensor:
        shared = rows.shared_tokens
        chosen, rejected = score(rows.chosen, shared), score(rows.rejected, shared)
        return chosen.sort().values - rejected.sort().values


@dataclass(frozen=True, slots=True)
class Logit:
    """z of each pair.

    Attributes:
        beta: scales scores to rewards.
        gamma: by how much every chosen sample must win, whichever side is chosen (SimPO).
        length_rate: added for each token that the chosen sample has more (R-DPO): what length
            alone explains need not be learned.
        gain_beta: beta is multiplied by this in pairs whose chosen sample has a reward above 0
            (TRPA's weighting of gains against losses).
        gap: which scores are compared.
        beta_estimate: the running estimate that takes beta's place, if any (beta-DPO).
    """

    beta: float = 1.0
    gamma: float = 0.0
    length_rate: float = 0.0
    gain_beta: float = 1.0
    gap: Gap = Paired()
    beta_estimate: str = ""

    def __call__(self, rows: Rows, score: Score, estimates: Mapping[str, Tensor]) -> Tensor:
        """``[n]``."""
        beta: Tensor | float = estimates[self.beta_estimate] if self.beta_estimate else self.beta
        if self.gain_beta != 1.0:
            beta = beta * torch.where(rows.chosen.reward > 0, self.gain_beta, 1.0)
        logit = beta * self.gap(rows, score) - self.gamma - rows.margin
        if self.length_rate:
            logit = logit + self.length_rate * (rows.chosen.tokens - rows.rejected.tokens)
        return logit

    def flipped(self, logit: Tensor) -> Tensor:
        """z of the same pairs with their sides swapped: all but gamma changes its sign."""
        return -logit - 2 * self.gamma


def rows_of_anchor(rows: Rows, name: str) -> Rows:
    """The rows as if an anchor were the policy."""
    return Rows(
        chosen=rows.chosen.with_policy(rows.chosen.anchors[name]),
        rejected=rows.rejected.with_policy(rows.rejected.anchors[name]),
        weight=rows.weight,
        margin=rows.margin,
        probability=rows.probability,
        source=rows.source,
    )


GAPS: Mapping[str, Callable[..., Gap]] = {
    "paired": Paired,
    "sorted_gaps": SortedGaps,
    "sorted_sides": SortedSides,
}
