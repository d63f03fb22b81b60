"""What a run reports of each step and of its held-out examples."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from idiolect.preference.columns import Outcome, Rows, Samples, Side
from idiolect.preference.pieces.auxiliary import k3
from idiolect.preference.pieces.score import REFERENCE

_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Reading:
    """What one batch says, averaged over its examples.

    Attributes:
        loss: the objective's.
        accuracy: share of pairs whose chosen sample has the higher reward; of groups, the best.
            Rewards that differ by rounding alone, as before the first step, count half.
        margin: chosen less rejected reward.
        chosen_reward: beta times the score of the chosen sample.
        rejected_reward: the same of the rejected one.
        kl: k3 of the policy from its reference, in nats a token, on the examples' samples; they
            are not the policy's own, so it tells how far it has moved on them. None for an
            objective without a reference.
    """

    loss: float
    accuracy: float
    margin: float
    chosen_reward: float
    rejected_reward: float
    kl: float | None


@dataclass(frozen=True, slots=True)
class StepMetrics(Reading):
    """What one step saw before it moved the weights.

    Attributes:
        step: counts from 1.
        steps: of the whole run.
        grad_norm: before clipping.
        learning_rate: of this step.
        tokens_per_s: tokens of the examples, contexts included, by the wall clock.
        estimates: the objective's running estimates, as ``by_name`` gives them.
    """

    step: int
    steps: int
    grad_norm: float
    learning_rate: float
    tokens_per_s: float
    estimates: Mapping[str, float]


def reading(outcome: Outcome, kl: tuple[float, float] | None) -> Reading:
    """Averages an outcome; what a kind of example does not have, such as a margin, is 0.

    Args:
        outcome: of a whole batch.
        kl: sum of k3 over the batch's tokens, and their number.
    """
    paired = ~outcome.margin.isnan()
    margin = outcome.margin[paired]
    return Reading(
        loss=outcome.loss.mean().item(),
        accuracy=_mean((torch.sign(margin.where(margin.abs() > _ROUNDING, 0.0)) + 1) / 2),
        margin=_mean(margin),
        chosen_reward=_mean(outcome.reward_w[~outcome.reward_w.isnan()]),
        rejected_reward=_mean(outcome.reward_l[~outcome.reward_l.isnan()]),
        kl=None if kl is None else kl[0] / max(kl[1], 1.0),
    )


def by_name(estimates: Mapping[str, Tensor], sources: Iterable[str]) -> dict[str, float]:
    """Running estimates as single numbers.

    Args:
        estimates: numbers, and vectors of one number a source, ``[sources]``.
        sources: their names in the order of their numbers; a place without a source is left out.

    Returns:
        The numbers by their names, and those of a vector as ``reliability/annotator_a``.
    """
    names = list(sources)
    named: dict[str, float] = {}
    for name, value in estimates.items():
        if value.dim():
            parts = zip(names, value.tolist(), strict=False)
            named.update({f"{name}/{source}": part for source, part in parts})
        else:
            named[name] = value.item()
    return named


def divergence(batch: Rows | Samples) -> tuple[float, float] | None:
    """Sum of k3 from the reference over all tokens, and their number; None without it."""
    sides = (batch.side,) if isinstance(batch, Samples) else (batch.chosen, batch.rejected)
    if REFERENCE not in sides[0].anchors:
        return None
    with torch.no_grad():
        total = sum(_k3(side) for side in sides)
        return float(total), float(sum(side.tokens.sum() for side in sides))


def _k3(side: Side) -> float:
    return float(k3(side.policy, side.anchors[REFERENCE]).sum())


def _mean(values: Tensor) -> float:
    return values.mean().item() if values.numel() else 0.0
