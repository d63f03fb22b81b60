"""Sources whose true probabilities are known, to measure what recalibrating is worth."""

import math
import random
from collections.abc import Callable, Sequence

from idiolect.usermodel.calibration.recalibrate import Rating

Truth = Callable[[float], float]
"""The probability that a proposition of this raw confidence is true."""

RAW = {0.1: 1, 0.2: 2, 0.5: 4, 0.7: 4, 0.8: 4, 0.85: 2, 0.88: 2, 0.9: 3, 0.94: 2, 0.97: 1}
"""The raw confidences that arise, and how often: our sources give few different ones."""


def bent(shift: float, slope: float) -> Truth:
    """True probabilities whose log-odds are shift + slope times the raw log-odds."""
    return lambda raw: 1 / (1 + math.exp(-shift - slope * math.log(raw / (1 - raw))))


MISCALIBRATED: dict[str, Truth] = {
    "too sure": bent(-0.6, 0.6),
    "too timid": bent(0.5, 1.5),
    "a share of it": lambda raw: 0.7 * raw,
    "says nothing": lambda _: 0.5,
    "a step": lambda raw: 0.3 if raw < 0.75 else 0.85,
}


def calibrated(raw: float) -> float:
    """The source that is right about itself."""
    return raw


def relatives(alike: bool, seed: int, sources: int = 3) -> list[Truth]:
    """Sources that are miscalibrated in one way, or each in its own."""
    chance = random.Random(f"relatives {seed}")
    if alike:
        return [bent(chance.gauss(-0.4, 0.6), math.exp(chance.gauss(-0.3, 0.3)))] * sources
    return [bent(chance.gauss(0, 0.6), math.exp(chance.gauss(0, 0.3))) for _ in range(sources)]


def drawn(truth: Truth, ratings: int, seed: int | str, author: str = "model") -> list[Rating]:
    """Ratings of propositions of a source."""
    chance = random.Random(f"{author} {ratings} {seed}")
    raws = chance.choices(list(RAW), list(RAW.values()), k=ratings)
    return [
        Rating(f"mem_{seed}_{place}", author, raw, float(chance.random() < truth(raw)))
        for place, raw in enumerate(raws)
    ]


def excess(confidence: Callable[[float], float], truth: Truth) -> float:
    """Expected Brier score above that of the true probabilities.

    E (c - y)^2 = E (c - p)^2 + E p (1 - p) for outcomes y of probability p, so it is the mean
    squared distance of confidence and probability.
    """
    total = sum(often * (confidence(raw) - truth(raw)) ** 2 for raw, often in RAW.items())
    return total / sum(RAW.values())


def mean_excess(
    confidence: Callable[[Sequence[Rating]], Callable[[float], float]],
    truth: Truth,
    ratings: int,
    draws: int,
) -> float:
    """The excess of a way to make confidence from ratings, over draws of them."""
    found = (excess(confidence(drawn(truth, ratings, n)), truth) for n in range(draws))
    return sum(found) / draws
