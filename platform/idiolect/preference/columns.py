"""Batches as columns: what a policy and its anchors say of the samples, token by token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

NO_ESTIMATES: Mapping[str, Tensor] = {}


@dataclass(frozen=True, slots=True)
class Side:
    """n samples and what is known of each; t is the longest one's number of tokens.

    Log-probabilities are in nats, and 0 beyond a sample's end. A policy over something else than
    text, such as a bandit's arm, is one "token" a sample; a surrogate score takes the same place.

    Attributes:
        policy: log-probability of each token under the policy, with its gradient, ``[n, t]``.
        anchors: the same under frozen policies, by name, each ``[n, t]``.
        tokens: number of tokens of each sample, ``[n]``.
        reward: what a judge or a value estimate gave it, ``[n]``; NaN where nobody judged it.
        collision: log sum_v pi(v)^2 at each token, ``[n, t]``, if the objective needs it (WPO).
    """

    policy: Tensor
    anchors: Mapping[str, Tensor]
    tokens: Tensor
    reward: Tensor
    collision: Tensor | None = None

    @property
    def mask(self) -> Tensor:
        """1 at the tokens of each sample and 0 beyond, ``[n, t]``."""
        return within(self.tokens, self.policy)

    def take(self, index: Tensor) -> "Side":
        """The samples at these positions, in this order."""
        return Side(
            policy=self.policy[index],
            anchors={name: column[index] for name, column in self.anchors.items()},
            tokens=self.tokens[index],
            reward=self.reward[index],
            collision=None if self.collision is None else self.collision[index],
        )

    @classmethod
    def joined(cls, sides: Sequence["Side"]) -> "Side":
        """Several sides one after the other, widened to the longest sample of all."""
        first = sides[0]
        collisions = [side.collision for side in sides if side.collision is not None]
        return cls(
            policy=_stacked([side.policy for side in sides]),
            anchors={
                name: _stacked([side.anchors[name] for side in sides]) for name in first.anchors
            },
            tokens=torch.cat([side.tokens for side in sides]),
            reward=torch.cat([side.reward for side in sides]),
            collision=_stacked(collisions) if len(collisions) == len(sides) else None,
        )

    def with_policy(self, policy: Tensor) -> "Side":
        """The same samples with other log-probabilities of the policy."""
        return replace(self, policy=policy)


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch of n pairs: both sides and the pairs' own columns, each ``[n]``.

    Attributes:
        chosen: the preferred samples.
        rejected: the others.
        weight: how much each pair counts.
        margin: by how much the chosen sample must win, in units of the logit.
        probability: how sure the preference is; 1 is certain, 0.5 a tie.
        source: which source each preference comes from, as a whole number from 0.
        mismatched: log-ratios of samples under contexts that are not theirs, ``[m]``, if the
            objective needs them (KTO).
    """

    chosen: Side
    rejected: Side
    weight: Tensor
    margin: Tensor
    probability: Tensor
    source: Tensor
    mismatched: Tensor | None = None

    @property
    def shared_tokens(self) -> Tensor:
        """The number of tokens that both sides have, ``[n]``."""
        return torch.minimum(self.chosen.tokens, self.rejected.tokens)

    @property
    def flipped(self) -> "Rows":
        """The same pairs labeled the wrong way: their sides swapped, their margins negated."""
        return replace(self, chosen=self.rejected, rejected=self.chosen, margin=-self.margin)


@dataclass(frozen=True, slots=True)
class Samples:
    """A batch of n judged samples in groups, each group under one context.

    A group of one is a verdict on a sample by itself: its reward is above 0 if it is good.

    Attributes:
        side: the samples, with their rewards.
        group: which group each sample is of, ``[n]``, whole numbers from 0 without gaps.
        weight: how much each group counts, ``[groups]``.
        mismatched: as in ``Rows``.
    """

    side: Side
    group: Tensor
    weight: Tensor
    mismatched: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an objective makes of a batch: of its r rows, which are pairs or groups.

    Attributes:
        loss: to be averaged over the rows, ``[r]``.
        reward_w: beta times the score of the chosen or of a group's best sample, ``[r]``;
            NaN where there is none.
        reward_l: the same of the rejected or a group's worst, ``[r]``.
    """

    loss: Tensor
    reward_w: Tensor
    reward_l: Tensor

    @property
    def margin(self) -> Tensor:
        """By how much the chosen sample's reward exceeds the rejected one's, ``[r]``."""
        return self.reward_w - self.reward_l


def _stacked(columns: Sequence[Tensor]) -> Tensor:
    width = max(column.shape[1] for column in columns)
    return torch.cat([functional.pad(column, (0, width - column.shape[1])) for column in columns])


def within(tokens: Tensor, like: Tensor) -> Tensor:
    """1 at the first ``tokens`` positions of each row and 0 beyond, in the form of ``like``.

    Args:
        tokens: ``[n]``.
        like: ``[n, t]``; gives the width, type and device.
    """
    positions = torch.arange(like.shape[1], device=like.device)
    return (positions < tokens.unsqueeze(1)).to(like.dtype)
