"""Pairwise objectives out of five small pure pieces: score, logit, link, label, weight.

    S(y) = shape( length( P(y) - sum_k c_k A_k(y) ) )            score, per side
    z    = beta (S_w - S_l) - m                                  logit
    c    = l(z) + pointwise terms                                link: what the pair costs
    loss = omega [ q c + (1 - q) c flipped ] + auxiliary terms   label q, weight omega

A published objective is a choice of the pieces (``presets``). Every piece is a frozen dataclass,
so that an objective can be compared, printed and hashed. What changes during a run is not in it
but in a ``State``, of which it says by which rule it moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from idiolect.preference.columns import NO_ESTIMATES, Outcome, Rows, Samples
from idiolect.preference.pieces.auxiliary import Auxiliary
from idiolect.preference.pieces.label import Given, Label
from idiolect.preference.pieces.link import Link, Nothing
from idiolect.preference.pieces.logit import Logit
from idiolect.preference.pieces.pointwise import Pointwise
from idiolect.preference.pieces.score import LogOdds, Score
from idiolect.preference.pieces.weight import Weight
from idiolect.preference.state import Estimates, Glance, Reliability, Running, State

Kind = Literal["pairs", "verdicts", "groups"]
"""What can be learned from: pairs, samples judged by themselves, or groups of them."""


Comparison = Literal["anything", "contexts", "samples and contexts"]
"""What the pairs of an objective compare: whatever they do; the same sample under two contexts;
or both kinds side by side."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What an objective reads besides the policy's log-probabilities.

    Attributes:
        anchors: names of frozen policies.
        collision: log sum_v pi(v)^2 of each token.
        mismatched: log-ratios of samples under contexts that are not theirs.
        rewards: a reward of both samples of every pair.
        compares: what the two sides of pairs differ in.
        log_probs: the policy's column to be log-probabilities, and not just any score.
        whole_batch: all its rows at once, because they depend on each other.
        sources: how many sources it keeps estimates of; None if it keeps none.
    """

    anchors: frozenset[str] = frozenset()
    collision: bool = False
    mismatched: bool = False
    rewards: bool = False
    compares: Comparison = "anything"
    log_probs: bool = False
    whole_batch: bool = False
    sources: int | None = None


class Objective(Protocol):
    """A loss of a batch of pairs, of groups of samples, or of either."""

    @property
    def takes(self) -> frozenset[Kind]:
        """What it learns from."""
        ...

    @property
    def needs(self) -> Needs:
        """The columns that it reads."""
        ...

    def __call__(self, batch: Rows | Samples, estimates: Estimates = ...) -> Outcome:
        """The loss of each row."""
        ...


@dataclass(frozen=True, slots=True)
class PairObjective:
    """The five pieces together, with what some papers add; implements ``Objective``.

    Attributes:
        score: of each side.
        logit: of each pair.
        link: what a logit costs.
        label: how sure the preference is.
        weights: multiplied with each other and the pair's own weight.
        pointwise: what each side costs by itself; flipped with the pair.
        auxiliaries: terms on the chosen sample.
        running: the rule of the running estimates that pieces read.
        contrast: how much the link counts.
        gibbs: the cost c becomes -log p of the probability p = sigmoid(c flipped - c) that Gibbs'
            construction gives the preference; it makes any cost a likelihood (RE-PO).
        compares: what the pairs have to compare.
    """

    score: Score
    logit: Logit
    link: Link
    label: Label = Given()
    weights: tuple[Weight, ...] = ()
    pointwise: tuple[Pointwise, ...] = ()
    auxiliaries: tuple[Auxiliary, ...] = ()
    running: Running | None = None
    contrast: float = 1.0
    gibbs: bool = False
    compares: Comparison = "anything"

    @property
    def takes(self) -> frozenset[Kind]:
        """Pairs; and verdicts on single samples, where no side is compared with another."""
        alone = isinstance(self.link, Nothing) and not self.weights and not self.gibbs
        return frozenset({"pairs", "verdicts"} if alone else {"pairs"})

    @property
    def needs(self) -> Needs:
        anchors = {name for name, _ in self.score.anchors}
        for term in self.auxiliaries:
            anchors.update(term.anchors)
        return Needs(
            anchors=frozenset(anchors),
            collision=any(weight.needs_collision for weight in self.weights),
            mismatched=self.running is not None and self.running.needs_mismatched,
            rewards=any(term.shift.needs_rewards for term in self.pointwise),
            compares=self.compares,
            log_probs=isinstance(self.score.shape, LogOdds),
            whole_batch=self.logit.gap.couples_rows or self.running is not None,
            sources=self.running.sources if isinstance(self.running, Reliability) else None,
        )

    def glance(self, batch: Rows | Samples) -> Glance:
        """What the rule of its running estimates sees of a batch, without gradient."""
        with torch.no_grad():
            if isinstance(batch, Samples):
                return self._glance_at_samples(batch)
            shared = batch.shared_tokens
            odds = batch.weight.new_zeros(0)
            if self.running is not None and self.running.needs_odds:
                odds = self._odds(*self._costs(batch, NO_ESTIMATES))
            return Glance(
                score_w=self.score(batch.chosen, shared),
                score_l=self.score(batch.rejected, shared),
                odds=odds,
                source=batch.source,
                mismatched=batch.mismatched,
            )

    def __call__(self, batch: Rows | Samples, estimates: Estimates = NO_ESTIMATES) -> Outcome:
        """The loss of each pair, or of each sample that was judged by itself, ``[r]``.

        Args:
            batch: pairs; or verdicts, if it takes them.
            estimates: the running estimates for this step.

        Raises:
            ValueError: the batch lacks a column that ``needs`` names.
        """
        if isinstance(batch, Samples):
            return self._of_samples(batch, _like(estimates, batch.side.policy))
        return self._of_pairs(batch, _like(estimates, batch.chosen.policy))

    def _of_pairs(self, rows: Rows, estimates: Estimates) -> Outcome:
        cost, flipped = self._costs(rows, estimates)
        odds = self._odds(cost, flipped)
        if self.gibbs:
            cost, flipped = functional.softplus(-odds), functional.softplus(odds)
        label = self.label(rows, odds, estimates)
        weight = rows.weight
        for factor in self.weights:
            weight = weight * factor(rows, estimates)
        shared = rows.shared_tokens
        loss = label * cost + (1 - label) * flipped
        for term in self.auxiliaries:
            loss = loss + term(rows.chosen, shared)
        return Outcome(
            loss=weight * loss,
            reward_w=self.logit.beta * self.score(rows.chosen, shared).detach(),
            reward_l=self.logit.beta * self.score(rows.rejected, shared).detach(),
        )

    def _costs(self, rows: Rows, estimates: Estimates) -> tuple[Tensor, Tensor]:
        """What the pairs cost, and what they would cost the other way round, each ``[n]``."""
        logit = self.logit
        if logit.beta_estimate and logit.beta_estimate not in estimates:
            logit = replace(logit, beta_estimate="")
        z = logit(rows, self.score, estimates)
        cost = self.contrast * self.link(z)
        flipped = self.contrast * self.link(logit.flipped(z))
        if not self.pointwise:
            return cost, flipped
        shared = rows.shared_tokens
        score_w, score_l = self.score(rows.chosen, shared), self.score(rows.rejected, shared)
        for term in self.pointwise:
            ways = ((score_w, rows.chosen.reward), (score_l, rows.rejected.reward))
            one, other = ways if term.side == "chosen" else ways[::-1]
            cost = cost + term(*one, estimates)
            flipped = flipped + term(*other, estimates)
        return cost, flipped

    @staticmethod
    def _odds(cost: Tensor, flipped: Tensor) -> Tensor:
        return flipped - cost

    def _of_samples(self, samples: Samples, estimates: Estimates) -> Outcome:
        side = samples.side
        score = self.score(side, side.tokens)
        good = ~(side.reward <= 0)  # one that nobody judged was given as an example
        loss = torch.zeros_like(score)
        for term in self.pointwise:
            acts = good if term.side == "chosen" else ~good
            loss = loss + torch.where(acts, term(score, side.reward, estimates), 0.0)
        for auxiliary in self.auxiliaries:
            loss = loss + torch.where(good, auxiliary(side, side.tokens), 0.0)
        reward = self.logit.beta * score.detach()
        return Outcome(
            loss=samples.weight[samples.group] * loss,
            reward_w=torch.where(good, reward, torch.nan),
            reward_l=torch.where(good, torch.nan, reward),
        )

    def _glance_at_samples(self, samples: Samples) -> Glance:
        side = samples.side
        score = self.score(side, side.tokens)
        good = ~(side.reward <= 0)
        return Glance(
            score_w=score[good],
            score_l=score[~good],
            odds=score.new_zeros(0),
            source=samples.group.new_zeros(0),
            mismatched=samples.mismatched,
        )


def state_of(objective: Objective) -> State:
    """The running estimates of a run that begins; empty if the objective keeps none."""
    if isinstance(objective, PairObjective) and objective.running is not None:
        return State(objective.running, objective.glance)
    return State()


def _like(estimates: Estimates, column: Tensor) -> Mapping[str, Tensor]:
    return {name: value.to(column) for name, value in estimates.items()}
