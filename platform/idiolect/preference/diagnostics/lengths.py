"""Whether the chosen sample is simply the longer one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class LengthRatio:
    """How long chosen samples are beside the rejected ones.

    Attributes:
        pairs: how many.
        median_ratio: of chosen to rejected length; the ratio's reciprocal if sides are swapped.
        differing: how many pairs have samples of different length.
        chosen_longer: share of those whose chosen sample is the longer one; 0.5 if there are none.
        interval: of that share, 95 %.
        threshold: warns if one side is the longer one in a greater share than this.
        warning: one sentence, or empty.
    """

    pairs: int
    median_ratio: float
    differing: int
    chosen_longer: float
    interval: tuple[float, float]
    threshold: float
    warning: str


def length_ratio(
    chosen: Sequence[float], rejected: Sequence[float], *, threshold: float = 0.75
) -> LengthRatio:
    """Compares the lengths of pairs; a policy trained on one-sided pairs may learn length alone.

    It warns if one side is longer in more than ``threshold`` of the pairs that differ, and their
    number is enough to exclude an even split; three pairs of three are no evidence.

    Args:
        chosen: length of each chosen sample, in tokens or in words.
        rejected: the same of the rejected samples, in the same unit.
        threshold: from 0.5 to 1.

    Raises:
        InvalidInputError: there are no pairs, the lengths are not as many, or one is not above 0.
    """
    if not chosen or len(chosen) != len(rejected):
        raise InvalidInputError(
            f"{len(chosen)} chosen and {len(rejected)} rejected lengths make no pairs"
        )
    if not all(length > 0 and math.isfinite(length) for length in (*chosen, *rejected)):
        raise InvalidInputError("every length must be a finite number above 0")
    pairs = list(zip(chosen, rejected, strict=True))
    longer = sum(one > other for one, other in pairs)
    differing = sum(one != other for one, other in pairs)
    share = longer / differing if differing else 0.5
    low, high = wilson_interval(longer, differing)
    one_sided = max(share, 1 - share) > threshold and not low <= 0.5 <= high
    return LengthRatio(
        pairs=len(pairs),
        median_ratio=math.exp(median(math.log(one / other) for one, other in pairs)),
        differing=differing,
        chosen_longer=share,
        interval=(low, high),
        threshold=threshold,
        warning=_warning(share, differing) if one_sided else "",
    )


def _warning(share: float, differing: int) -> str:
    side, share = ("chosen", share) if share > 0.5 else ("rejected", 1 - share)
    return f"The {side} sample is the longer one in {share:.0%} of {differing} pairs."
