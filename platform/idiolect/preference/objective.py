"""Pairwise objectives out of five small pure pieces: score, logit, link, label, weight.

    S(y) = length( P(y) - sum_k c_k A_k(y) )            score, per side
    z    = beta (S_w - S_l) - m                         logit
    l(z)                                                link
    loss = omega [ q l(z) + (1 - q) l(-z) ]             label q, weight omega

P(y) is the policy's log-probability of a sample and A_k(y) that of a frozen anchor, such as the
reference policy; both in nats. A published objective is a choice of the five (``presets``).
Every piece is a frozen dataclass, so that an objective can be compared, printed and hashed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Side:
    """The columns of one side of a batch, each of shape ``[batch]``.

    Attributes:
        policy: log-probability under the policy, in nats, with its gradient.
        anchors: log-probabilities under frozen policies, by name.
        tokens: number of response tokens.
    """

    policy: Tensor
    anchors: Mapping[str, Tensor]
    tokens: Tensor


@dataclass(frozen=True, slots=True)
class Rows:
    """A batch of pairs: both sides and the pairs' own columns, each ``[batch]``."""

    chosen: Side
    rejected: Side
    weight: Tensor
    margin: Tensor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an objective makes of a batch; every column is ``[batch]``.

    Attributes:
        loss: to be averaged over the rows.
        logit: z; the policy agrees with the preference where it is above 0.
        score_w: S of the chosen samples.
        score_l: S of the rejected samples.
    """

    loss: Tensor
    logit: Tensor
    score_w: Tensor
    score_l: Tensor


class Score(Protocol):
    """How good the policy holds a side to be."""

    def __call__(self, side: Side) -> Tensor: ...


class Logit(Protocol):
    """By how much the chosen side wins."""

    @property
    def beta(self) -> float:
        """Scales scores to rewards."""
        ...

    def __call__(self, score_w: Tensor, score_l: Tensor, margin: Tensor) -> Tensor: ...


class Link(Protocol):
    """What a logit costs."""

    def __call__(self, logit: Tensor) -> Tensor: ...


class Label(Protocol):
    """The probability that the preference is what it says."""

    def __call__(self, rows: Rows) -> Tensor | float: ...


class Weight(Protocol):
    """How much each row counts."""

    def __call__(self, rows: Rows) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class LogRatio:
    """S = P - sum_k c_k A_k, summed over the response's tokens or averaged over them.

    ``anchors`` are names with their weights; without any the score is free of a reference.
    """

    anchors: tuple[tuple[str, float], ...] = (("reference", 1.0),)
    length: Literal["sum", "mean"] = "sum"

    def __call__(self, side: Side) -> Tensor:
        score = side.policy
        for name, coefficient in self.anchors:
            score = score - coefficient * side.anchors[name]
        return score / side.tokens if self.length == "mean" else score


@dataclass(frozen=True, slots=True)
class ScaledGap:
    """z = beta (S_w - S_l) - m, where m is the pair's own margin."""

    beta: float = 1.0

    def __call__(self, score_w: Tensor, score_l: Tensor, margin: Tensor) -> Tensor:
        return self.beta * (score_w - score_l) - margin


@dataclass(frozen=True, slots=True)
class Logistic:
    """l(z) = -log sigmoid(z), computed as softplus(-z), which does not overflow."""

    def __call__(self, logit: Tensor) -> Tensor:
        return functional.softplus(-logit)


@dataclass(frozen=True, slots=True)
class Square:
    """l(z) = (z - c)^2: the logit is drawn to a finite target c."""

    target: float

    def __call__(self, logit: Tensor) -> Tensor:
        return (logit - self.target).square()


@dataclass(frozen=True, slots=True)
class FixedLabel:
    """q for every row: 1 trusts the preference; 1 - eps expects a share eps of flipped ones."""

    probability: float = 1.0

    def __call__(self, rows: Rows) -> float:
        del rows
        return self.probability


@dataclass(frozen=True, slots=True)
class PairWeight:
    """omega is the weight that the pair came with."""

    def __call__(self, rows: Rows) -> Tensor:
        return rows.weight


@dataclass(frozen=True, slots=True)
class Objective:
    """The five pieces together; called with a batch it gives the loss of each row."""

    score: Score
    logit: Logit
    link: Link
    label: Label
    weight: Weight

    def __call__(self, rows: Rows) -> Outcome:
        """The loss of each row: omega [ q l(z) + (1 - q) l(-z) ], ``[batch]``."""
        score_w, score_l = self.score(rows.chosen), self.score(rows.rejected)
        logit = self.logit(score_w, score_l, rows.margin)
        label = self.label(rows)
        agreement, flipped = self.link(logit), self.link(-logit)
        loss = self.weight(rows) * (label * agreement + (1 - label) * flipped)
        return Outcome(loss=loss, logit=logit, score_w=score_w, score_l=score_l)
