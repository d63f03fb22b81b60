"""A token bucket: however good the offers are, only so many interrupt in a while.

The expected utility weighs each offer by itself and lets all good ones of an hour through; GUMBO
(Shaikh et al., UIST 2025, section 4.3) has the same bucket behind it for that reason.
"""

from dataclasses import dataclass
from datetime import datetime

from idiolect.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many offers may interrupt at once, and how long until the next one may.

    GUMBO's has a capacity of 1 and 60 seconds. Its users still found that it offers too much, so
    ours refills in a quarter of an hour.

    Raises:
        InvalidInputError: a capacity below 1 or a time of 0 or less.
    """

    capacity: int = 1
    refill_s: float = 900.0

    def __post_init__(self) -> None:
        if self.capacity < 1 or not self.refill_s > 0:
            raise InvalidInputError(
                f"a bucket holds at least 1 token and refills in more than 0 s, "
                f"not {self.capacity} in {self.refill_s} s"
            )


USUAL_BUCKET = Bucket()
"""One interruption in a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Level:
    """How many tokens there were at a moment, parts of one included."""

    tokens: float
    at: datetime


def full(bucket: Bucket, now: datetime) -> Level:
    """Where a user begins."""
    return Level(float(bucket.capacity), now)


def refilled(bucket: Bucket, level: Level, now: datetime) -> Level:
    """The level now: a token more every ``refill_s``, up to the capacity.

    A clock that was set back adds nothing and takes nothing.
    """
    elapsed_s = max(0.0, (now - level.at).total_seconds())
    return Level(min(float(bucket.capacity), level.tokens + elapsed_s / bucket.refill_s), now)


def taken(bucket: Bucket, level: Level, now: datetime) -> Level | None:
    """The level after one token was taken; None where there is no whole one."""
    present = refilled(bucket, level, now)
    return Level(present.tokens - 1, now) if present.tokens >= 1 else None


def wait_s(bucket: Bucket, level: Level, now: datetime) -> float:
    """Seconds until there is a whole token; 0 where there is one."""
    return max(0.0, 1 - refilled(bucket, level, now).tokens) * bucket.refill_s
