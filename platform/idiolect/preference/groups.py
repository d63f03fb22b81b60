"""Objectives of groups: several judged samples under one context, compared all together.

u_i  = beta S(y_i)
loss = omega contrast(u, rewards) + auxiliary terms
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from idiolect.preference.columns import NO_ESTIMATES, Outcome, Rows, Samples, Side
from idiolect.preference.objective import Kind, Needs
from idiolect.preference.pieces.auxiliary import Auxiliary
from idiolect.preference.pieces.contrast import Contrast
from idiolect.preference.pieces.score import Score
from idiolect.preference.state import Estimates


@dataclass(frozen=True, slots=True)
class Grid:
    """How the n samples of a batch stand in groups of at most k.

    Attributes:
        index: of the sample in each place, ``[groups, k]``; 0 where there is none.
        mask: true where there is one.
    """

    index: Tensor
    mask: Tensor

    @classmethod
    def of(cls, group: Tensor) -> "Grid":
        """From each sample's group, ``[n]``, whole numbers from 0 without gaps."""
        counts = torch.bincount(group)
        order = group.argsort(stable=True)
        starts = counts.cumsum(0) - counts
        places = torch.arange(int(counts.max()), device=group.device)
        mask = places < counts.unsqueeze(1)
        index = order[(starts.unsqueeze(1) + places).clamp(max=len(group) - 1)]
        return cls(index.masked_fill(~mask, 0), mask)

    def spread(self, column: Tensor) -> Tensor:
        """``[n]`` to ``[groups, k]``, 0 where there is no sample."""
        return column[self.index].masked_fill(~self.mask, 0.0)


@dataclass(frozen=True, slots=True)
class GroupObjective:
    """A contrast over groups; implements ``Objective``. Pairs are groups of two.

    Attributes:
        score: of each sample.
        beta: scales scores to rewards.
        contrast: what the scaled scores cost.
        auxiliaries: terms on each group's best sample.
        regularizers: terms on every sample, averaged over the group.
    """

    score: Score
    beta: float
    contrast: Contrast
    auxiliaries: tuple[Auxiliary, ...] = ()
    regularizers: tuple[Auxiliary, ...] = ()

    @property
    def takes(self) -> frozenset[Kind]:
        return frozenset({"pairs", "groups"})

    @property
    def needs(self) -> Needs:
        anchors = {name for name, _ in self.score.anchors}
        for term in (*self.auxiliaries, *self.regularizers):
            anchors.update(term.anchors)
        return Needs(anchors=frozenset(anchors))

    def __call__(self, batch: Rows | Samples, estimates: Estimates = NO_ESTIMATES) -> Outcome:
        """The loss of each group, ``[groups]``; pairs without rewards have 1 and 0."""
        del estimates
        samples = as_groups(batch) if isinstance(batch, Rows) else batch
        side, grid = samples.side, Grid.of(samples.group)
        score = self.score(side, side.tokens)
        scaled, reward = grid.spread(self.beta * score), grid.spread(side.reward)
        loss = self.contrast(scaled, reward, grid.mask, grid.spread(side.tokens))
        best, worst = extremes(reward, grid.mask)
        for term in self.auxiliaries:
            loss = loss + grid.spread(term(side, side.tokens)).gather(1, best).squeeze(1)
        for term in self.regularizers:
            loss = loss + grid.spread(term(side, side.tokens)).sum(1) / grid.mask.sum(1)
        return Outcome(
            loss=samples.weight * loss,
            reward_w=scaled.detach().gather(1, best).squeeze(1),
            reward_l=scaled.detach().gather(1, worst).squeeze(1),
        )


def extremes(reward: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The places of each group's best and worst sample, each ``[groups, 1]``."""
    best = reward.masked_fill(~mask, -torch.inf).argmax(1, keepdim=True)
    worst = reward.masked_fill(~mask, torch.inf).argmin(1, keepdim=True)
    return best, worst


def as_groups(rows: Rows) -> Samples:
    """Pairs as groups of two, the chosen sample first; unjudged ones have the rewards 1 and 0."""
    pairs = len(rows.weight)
    unjudged = rows.chosen.reward.isnan() | rows.rejected.reward.isnan()
    rewards = (
        torch.where(unjudged, 1.0, rows.chosen.reward),
        torch.where(unjudged, 0.0, rows.rejected.reward),
    )
    chosen = replace(rows.chosen, reward=rewards[0])
    rejected = replace(rows.rejected, reward=rewards[1])
    side = Side.joined([chosen, rejected])
    group = torch.arange(pairs, device=rows.weight.device).repeat(2)
    return Samples(side, group, rows.weight, rows.mismatched)
