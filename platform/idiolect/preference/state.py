"""Running estimates that objectives keep: pure rules, and the object that carries them.

A rule looks at each step's whole batch once, without gradient, before the loss is computed. It
gives the estimates that this loss uses and those that the next step starts from, which are the
same unless the paper says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.columns import Rows, Samples

Estimates = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Glance:
    """What a rule sees of a batch of n pairs, or of n samples that were judged by themselves.

    Attributes:
        score_w: S of the chosen or good samples.
        score_l: S of the rejected or bad ones; as many as ``score_w`` for pairs.
        odds: log-odds of each preference being the right way round, ``[n]``; empty without pairs.
        source: of each pair, ``[n]``.
        mismatched: log-ratios of samples under contexts that are not theirs, ``[m]``.
    """

    score_w: Tensor
    score_l: Tensor
    odds: Tensor
    source: Tensor
    mismatched: Tensor | None


class Running(Protocol):
    """A rule."""

    def start(self) -> dict[str, Tensor]:
        """The estimates before the first step."""
        ...

    def step(self, before: Estimates, glance: Glance) -> tuple[Estimates, Estimates]:
        """The estimates for this step's loss, and those for the next step."""
        ...

    @property
    def needs_mismatched(self) -> bool:
        """It reads ``mismatched``."""
        ...

    @property
    def needs_odds(self) -> bool:
        """It reads ``odds``."""
        ...


@dataclass(frozen=True, slots=True)
class ReferencePoint:
    """KTO's z0 = max(0, mean log-ratio of samples under contexts that are not theirs).

    Ethayarajh et al. 2024, KTO: an estimate of the policy's KL from its reference,
    each sample's context being the one before it in the batch. ``momentum`` carries a share of
    the estimate over from step to step; 0 is the paper, and more helps where batches are small.
    """

    momentum: float = 0.0
    needs_mismatched: bool = True
    needs_odds: bool = False

    def start(self) -> dict[str, Tensor]:
        return {"reference_point": _number(0.0)}

    def step(self, before: Estimates, glance: Glance) -> tuple[Estimates, Estimates]:
        if glance.mismatched is None or not glance.mismatched.numel():
            return before, before
        seen = glance.mismatched.mean().clamp(min=0).to(torch.float64).cpu()
        mixed = self.momentum * before["reference_point"] + (1 - self.momentum) * seen
        after = {"reference_point": mixed}
        return after, after


@dataclass(frozen=True, slots=True)
class RewardShift:
    """BCO's delta: the mean of all rewards beta S seen so far, both sides alike.

    Jung et al. 2024, BCO. Every sample counts the same, however old, as in TRL.
    """

    beta: float
    needs_mismatched: bool = False
    needs_odds: bool = False

    def start(self) -> dict[str, Tensor]:
        return {"shift": _number(0.0), "samples": _number(0.0)}

    def step(self, before: Estimates, glance: Glance) -> tuple[Estimates, Estimates]:
        seen = self.beta * torch.cat([glance.score_w, glance.score_l]).to(torch.float64).cpu()
        samples = before["samples"] + seen.numel()
        shift = before["shift"] + (seen - before["shift"]).sum() / samples
        after = {"shift": shift, "samples": samples}
        return after, after


@dataclass(frozen=True, slots=True)
class AdaptiveBeta:
    """beta-DPO's beta of the batch, and which of its rows are kept.

    Wu et al. 2024, beta-DPO, after the authors' code: with the gaps h of the
    batch, their running mean M and standard deviation s,

        kept   = a share of the rows, drawn without replacement in proportion to
                 exp(-(h - M)^2 / (2 s^2))
        beta_b = max(1e-3, beta (1 + slope (mean kept h - M)))

    The paper's text takes gaps that are scaled by beta, its code those that are not; ``scaled``
    chooses. Whether M is updated before or after use is unverified; here it is after, so that a
    batch is compared with those before it.

    Attributes:
        seed: of the draw, which follows from it and the number of steps so far alone.
    """

    beta: float = 0.1
    slope: float = 0.6
    keep: float = 0.8
    momentum: float = 0.9
    scaled: bool = False
    seed: int = 0
    needs_mismatched: bool = False
    needs_odds: bool = False

    def start(self) -> dict[str, Tensor]:
        return {"mean": _number(0.0), "deviation": _number(1.0), "steps": _number(0.0)}

    def step(self, before: Estimates, glance: Glance) -> tuple[Estimates, Estimates]:
        gap = (glance.score_w - glance.score_l).to(torch.float64).cpu()
        if self.scaled:
            gap = self.beta * gap
        kept = self._kept(gap, before)
        surplus = gap[kept > 0].mean() - before["mean"]
        used = {
            **before,
            "beta": (self.beta * (1 + self.slope * surplus)).clamp(min=1e-3),
            "kept": kept,
        }
        spread = gap.std() if gap.numel() > 1 else before["deviation"]
        after = {
            "mean": self.momentum * before["mean"] + (1 - self.momentum) * gap.mean(),
            "deviation": self.momentum * before["deviation"] + (1 - self.momentum) * spread,
            "steps": before["steps"] + 1,
        }
        return used, after

    def _kept(self, gap: Tensor, before: Estimates) -> Tensor:
        count = max(1, round(self.keep * gap.numel()))
        distance = (gap - before["mean"]) / before["deviation"].clamp(min=1e-6)
        likely = torch.softmax(-distance.square() / 2, dim=0).clamp(min=1e-12)
        seed = self.seed * 1_000_003 + int(before["steps"].item())
        generator = torch.Generator().manual_seed(seed)
        drawn = torch.multinomial(likely, count, generator=generator)
        return torch.zeros_like(gap).index_fill(0, drawn, 1.0)


@dataclass(frozen=True, slots=True)
class Reliability:
    """RE-PO's reliability r of each source: the share of its preferences that are right.

    Cao et al. 2025, RE-PO (first called LCPO): r <- (1 - rate) r + rate * mean posterior of the
    source's pairs in the batch, within [lowest, highest] so that a policy that is miscalibrated
    at first cannot turn a source round. The loss of a step uses the r from before it. From the
    abstract and two independent notes; the authors' code was not at hand.

    Attributes:
        sources: how many there are.
    """

    sources: int = 1
    initial: float = 0.9
    rate: float = 0.1
    lowest: float = 0.5
    highest: float = 0.99
    needs_mismatched: bool = False
    needs_odds: bool = True

    def start(self) -> dict[str, Tensor]:
        return {"reliability": torch.full((self.sources,), self.initial, dtype=torch.float64)}

    def step(self, before: Estimates, glance: Glance) -> tuple[Estimates, Estimates]:
        if glance.source.numel() and int(glance.source.max()) >= self.sources:
            raise InvalidInputError(
                f"there are preferences of {int(glance.source.max()) + 1} sources and the objective"
                f" keeps the reliability of {self.sources}",
                hint="Set the objective's number of sources.",
            )
        odds = glance.odds.to(torch.float64).cpu()
        source = glance.source.cpu()
        posterior = torch.sigmoid(odds + torch.logit(before["reliability"])[source])
        counts = torch.zeros(self.sources, dtype=torch.float64).index_add(
            0, source, torch.ones_like(posterior)
        )
        sums = torch.zeros_like(counts).index_add(0, source, posterior)
        moved = (1 - self.rate) * before["reliability"] + self.rate * sums / counts.clamp(min=1)
        after = torch.where(counts > 0, moved, before["reliability"])
        return before, {"reliability": after.clamp(self.lowest, self.highest)}


class State:
    """The estimates of one run, moved on by its objective's rule once a step.

    Args:
        rule: how they move; None for an objective that keeps none.
        glance: what the rule sees of a batch.
    """

    def __init__(
        self,
        rule: Running | None = None,
        glance: Callable[[Rows | Samples], Glance] | None = None,
    ) -> None:
        self._rule = rule
        self._glance = glance
        self._estimates: Estimates = rule.start() if rule else {}

    def advance(self, batch: Rows | Samples) -> Estimates:
        """The estimates for this step's loss; the state moves on to those of the next."""
        used, self._estimates = self._step(batch)
        return used

    def peek(self, batch: Rows | Samples) -> Estimates:
        """The estimates that a step on this batch would use, without moving on."""
        return self._step(batch)[0]

    def _step(self, batch: Rows | Samples) -> tuple[Estimates, Estimates]:
        if self._rule is None or self._glance is None:
            return self._estimates, self._estimates
        return self._rule.step(self._estimates, self._glance(batch))

    def state_dict(self) -> dict[str, Tensor]:
        """The estimates by name, as checkpoints keep them."""
        return dict(self._estimates)

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Puts them back."""
        self._estimates = dict(state)


RUNNING: Mapping[str, Callable[..., Running]] = {
    "reference_point": ReferencePoint,
    "reward_shift": RewardShift,
    "adaptive_beta": AdaptiveBeta,
    "reliability": Reliability,
}


def _number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)
