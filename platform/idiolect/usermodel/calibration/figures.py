"""How far confidence is to be trusted: the Brier score and the expected calibration error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

BINS = 10
"""Of equal width on [0, 1], for the calibration error; the last one holds 1 too."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Beliefs of like confidence.

    Attributes:
        low, high: the ends of the bin.
        beliefs: how many lie in it.
        confidence: their mean.
        right: their mean outcome; where each is true or false, the share that is true.
    """

    low: float
    high: float
    beliefs: int
    confidence: float
    right: float


def brier(confidences: Sequence[float], right: Sequence[float]) -> float | None:
    """Brier 1950, "Verification of forecasts expressed in terms of probability".

    The mean of (c - y)^2 with confidence c and outcome y of 1 or 0; None of nothing. What is
    partly true has an outcome between, which Brier does not have: a half is then best met by 0.5.
    """
    if not confidences:
        return None
    return fmean((c - y) ** 2 for c, y in zip(confidences, right, strict=True))


def bins_of(confidences: Sequence[float], right: Sequence[float]) -> tuple[Bin, ...]:
    """The bins [0, 0.1), [0.1, 0.2) ... [0.9, 1] that hold something."""
    held: dict[int, list[tuple[float, float]]] = {}
    for c, y in zip(confidences, right, strict=True):
        held.setdefault(min(int(c * BINS), BINS - 1), []).append((c, y))
    return tuple(
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            beliefs=len(held[place]),
            confidence=fmean(c for c, _ in held[place]),
            right=fmean(y for _, y in held[place]),
        )
        for place in sorted(held)
    )


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities".

    ECE = sum over bins of n_b / n |mean confidence - share of true ones|; None of nothing.
    """
    total = sum(one.beliefs for one in bins)
    if not total:
        return None
    return sum(one.beliefs * abs(one.confidence - one.right) for one in bins) / total


def error_by_chance(bins: Sequence[Bin]) -> float | None:
    """The calibration error to expect of beliefs whose confidence is exactly right.

    Even then a bin's share of true ones differs from its confidence c by chance, as a mean of n_b
    outcomes with variance c (1 - c). Taken as normal, the mean distance is

        sum over bins of n_b / n sqrt(2 c (1 - c) / (pi n_b)),

    a little less where some are partly true. An error that is no greater says nothing against
    the confidence. None of nothing.
    """
    total = sum(one.beliefs for one in bins)
    if not total:
        return None
    spread = (one.beliefs * one.confidence * (1 - one.confidence) for one in bins)
    return sum(math.sqrt(2 / math.pi * each) for each in spread) / total
