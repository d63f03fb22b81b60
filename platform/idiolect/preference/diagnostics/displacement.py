"""Whether training moves both samples of a pair the same way: down."""

from dataclasses import dataclass

import torch
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics.intervals import bootstrap_interval, wilson_interval

_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Displacement:
    """How far a policy moved from its reference on both sides of its pairs.

    Attributes:
        pairs: how many.
        chosen_drift: mean of log pi - log ref on the chosen samples, in nats.
        chosen_interval: of that mean, 95 %, by bootstrap over the pairs.
        rejected_drift: the same on the rejected ones.
        rejected_interval: of that mean.
        both_fell: share of pairs on which both samples became less likely.
        both_fell_interval: of that share, 95 %.
        threshold: warns if all of the share's interval is above this.
        warning: one sentence, or empty.
    """

    pairs: int
    chosen_drift: float
    chosen_interval: tuple[float, float]
    rejected_drift: float
    rejected_interval: tuple[float, float]
    both_fell: float
    both_fell_interval: tuple[float, float]
    threshold: float
    warning: str

    @property
    def margin(self) -> float:
        """chosen_drift - rejected_drift: what DPO raises, whichever way both sides go."""
        return self.chosen_drift - self.rejected_drift


def likelihood_displacement(
    *,
    chosen_policy: Tensor,
    chosen_reference: Tensor,
    rejected_policy: Tensor,
    rejected_reference: Tensor,
    threshold: float = 0.5,
    seed: int = 0,
) -> Displacement:
    """Reads likelihood displacement (Razin et al. 2024) off a run's log-probabilities.

    A loss of the margin D_w - D_l, with D = log pi - log ref, is content if both fall as long as
    the rejected sample falls faster; the mass then goes to samples that nobody judged.

    Args:
        chosen_policy: log-probability of each chosen sample under the policy, ``[n]``, in nats.
        chosen_reference: the same under the reference.
        rejected_policy: of each rejected sample under the policy.
        rejected_reference: the same under the reference.
        threshold: the share of pairs with both falling that is too large. No paper gives one. It
            warns where the pairs are enough to show it; three of three are no evidence.
        seed: of the bootstrap.

    Raises:
        InvalidInputError: there are no pairs, the columns differ in length, or a value is not
            finite.
    """
    columns = (chosen_policy, chosen_reference, rejected_policy, rejected_reference)
    pairs = chosen_policy.numel()
    if not pairs or any(column.shape != (pairs,) for column in columns):
        raise InvalidInputError(
            f"four columns [n] are needed, not {[tuple(column.shape) for column in columns]}"
        )
    chosen = chosen_policy.detach().double() - chosen_reference.detach().double()
    rejected = rejected_policy.detach().double() - rejected_reference.detach().double()
    if not bool(torch.isfinite(chosen).all() & torch.isfinite(rejected).all()):
        raise InvalidInputError("a log-probability is not finite")
    fell = int(((chosen < 0) & (rejected < 0)).sum())
    share, interval = fell / pairs, wilson_interval(fell, pairs)
    return Displacement(
        pairs=pairs,
        chosen_drift=chosen.mean().item(),
        chosen_interval=bootstrap_interval(chosen.tolist(), seed=seed, resamples=_RESAMPLES),
        rejected_drift=rejected.mean().item(),
        rejected_interval=bootstrap_interval(rejected.tolist(), seed=seed, resamples=_RESAMPLES),
        both_fell=share,
        both_fell_interval=interval,
        threshold=threshold,
        warning=f"On {share:.0%} of {pairs} pairs the chosen sample became less likely together"
        " with the rejected one."
        if interval[0] > threshold
        else "",
    )
