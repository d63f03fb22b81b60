"""How a statement's weight fades with the time since it was last supported."""

import math
from datetime import datetime, timedelta

SHORTEST_HALF_LIFE = timedelta(hours=6)
LONGEST_HALF_LIFE = timedelta(days=730)
RECENCY_FLOOR = 0.05

SPENT_WEIGHT = 0.005
SPENT_HALF_LIVES = 5
SPENT_AFTER = timedelta(days=30)
"""When a statement is spent: see ``is_spent``. After 5 half-lives recency has stood at its floor
for a while (0.05 is 4.3 of them), so ranking can lower it no further; 30 days leave a holiday."""


def half_life(durability: float) -> timedelta:
    """The half-life of a statement: durable ones fade slowly.

    T½ = 6 h · (2 y / 6 h)^d, so d = 0 gives 6 hours, d = 1 two years, and d = 0.5 their
    geometric mean of about 13 days. GUM (Shaikh et al., UIST 2025) calls the same judgement
    *decay*, where 10 lasts long; its public code uses the number as a rate, which makes the
    most durable statements vanish first. Here it is a half-life.

    Args:
        durability: in [0, 1]; values outside are clipped.
    """
    clipped = min(max(durability, 0.0), 1.0)
    ratio: float = (LONGEST_HALF_LIFE / SHORTEST_HALF_LIFE) ** clipped
    return SHORTEST_HALF_LIFE * ratio


def recency(supported_at: datetime, now: datetime, durability: float) -> float:
    """The factor in [0.05, 1] by which a statement counts now: max(0.05, 2^(-age / T½)).

    The age is counted from the last supporting evidence, so what keeps being seen keeps its
    weight; the floor lets an old statement be found when nothing newer fits. Evidence from the
    future (a planned event) counts as fresh.
    """
    age = max(now - supported_at, timedelta(0))
    halvings = age / half_life(durability)
    return max(RECENCY_FLOOR, math.pow(0.5, halvings))


def is_spent(confidence: float, supported_at: datetime, now: datetime, durability: float) -> bool:
    """Whether a statement has decayed so far that it need not act until it is supported again.

    Recency has a floor, so weight alone never says so. Spent is what has had no evidence for 30
    days and for 5 half-lives, and whose weight without the floor, confidence · 2^(-age / T½), is
    below 0.005. A nearly certain statement (0.95) is spent after 7.6 half-lives, one of even odds
    after 6.6, one of 0.15 after 5.
    """
    age = now - supported_at
    halvings = age / half_life(durability)
    return (
        age >= SPENT_AFTER
        and halvings >= SPENT_HALF_LIVES
        and confidence * math.pow(0.5, halvings) < SPENT_WEIGHT
    )
