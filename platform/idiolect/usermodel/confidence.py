"""Confidence as arithmetic: from counts, from statements, and how evidence moves it.

All of it is addition of log-odds. A claim starts at ``PRIOR``; each independent day that shows
or misses a habit, each statement of the user, each identical draft adds its own weight; what the
sources are worth caps the result.
"""

import math
from collections.abc import Iterable
from typing import Literal

Trust = Literal["typed", "sent", "read", "untrusted"]

PRIOR = 0.2
"""Probability that a claim holds before anything speaks for it."""

HABIT_RATE = 0.8
"""How often a habit shows on a day on which it could."""

CHANCE_RATE = 0.2
"""How often the same shows by chance when there is no habit."""

DEPENDENCE = 0.5
"""Share of a further draft's weight that counts: one person's screens are not independent."""

LOWEST, HIGHEST = 0.01, 0.98

DIRECT: frozenset[Trust] = frozenset({"typed", "sent"})
"""What the user wrote: only this speaks for the user, and against what is known."""

CAPS: dict[Trust, float] = {"typed": 0.97, "sent": 0.95, "read": 0.85, "untrusted": 0.3}
"""The highest confidence that a source of each trust can support alone."""

_LEVELS: dict[str, Trust] = {level: level for level in CAPS}

STATED: dict[Trust, float] = {"typed": 0.9, "sent": 0.88, "read": 0.7, "untrusted": 0.1}
"""Confidence in what the user says about themself, by where it was said."""


def trust(name: str) -> Trust:
    """The trust level of this name; an unknown one counts as the lowest."""
    return _LEVELS.get(name, "untrusted")


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), with p clipped to [0.01, 0.98] so that no claim is ever settled."""
    clipped = min(max(probability, LOWEST), HIGHEST)
    return math.log(clipped / (1 - clipped))


def probability(odds: float) -> float:
    """The inverse of ``log_odds``, clipped to [0.01, 0.98]."""
    return min(max(1 / (1 + math.exp(-odds)), LOWEST), HIGHEST)


def from_days(hits: int, misses: int, trusts: Iterable[Trust], *, prior: float = PRIOR) -> float:
    """Confidence that a habit exists, from the independent days that show or miss it.

    Bayes' rule with two hypotheses: a habit shows on 0.8 of the days on which it could, chance
    on 0.2. A day that shows it multiplies the odds by 0.8/0.2 = 4, a day that misses it by
    0.2/0.8 = 1/4; prior odds are 0.2/0.8 = 1/4 unless another ``prior`` probability is given:

        odds = prior / (1 - prior) · 4^(hits - misses)

    One day gives 0.5, two 0.8, three 0.94; three days of five 0.5. The result is capped by the
    best of the sources' ``trusts``.
    """
    weight = math.log(HABIT_RATE / CHANCE_RATE)
    return min(probability(log_odds(prior) + weight * (hits - misses)), cap(trusts))


def cap(trusts: Iterable[Trust]) -> float:
    """The highest confidence that sources of these trusts can support together."""
    return max((CAPS[trust] for trust in trusts), default=LOWEST)


def is_credible(confidence: float | None) -> bool:
    """Whether more than strangers' words supports a statement of this raw confidence."""
    return (confidence or 0.0) > CAPS["untrusted"]


def weight_of(confidence: float) -> float:
    """What a draft's confidence says beyond the prior, in log-odds; never below zero."""
    return max(0.0, log_odds(confidence) - log_odds(PRIOR))


def supported(known: float, draft: float, novelty: float, ceiling: float) -> float:
    """Confidence in a statement after an identical draft came.

    The logarithmic pool of two opinions with a common prior (Bordley, 1982): the draft's
    log-odds beyond the prior are added, scaled by the share of its evidence that is new
    (``novelty`` in [0, 1]) and by ``DEPENDENCE``. ``ceiling`` is what the draft's sources can
    support; they never lift a statement above it, and never lower one.
    """
    pooled = probability(log_odds(known) + DEPENDENCE * novelty * weight_of(draft))
    return max(known, min(pooled, ceiling))


def opposed(confidence: float, other: float) -> float:
    """Confidence in a statement after another one spoke against it: log-odds are taken away."""
    return min(confidence, probability(log_odds(confidence) - DEPENDENCE * weight_of(other)))
