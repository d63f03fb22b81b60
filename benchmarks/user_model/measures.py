"""The arithmetic of the figures. Standard library alone: the peers' interpreter reads it, too."""

import statistics
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

ENDS = 20
"""How many of the first and of the last batches tell whether time grows."""


@dataclass(slots=True)
class Stopwatch:
    """Wall and processor milliseconds of what happens in its block; those of all threads."""

    wall_ms: float = 0.0
    processor_ms: float = 0.0

    def __enter__(self) -> Self:
        self._started, self._worked = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall_ms = 1000 * (time.perf_counter() - self._started)
        self.processor_ms = 1000 * (time.process_time() - self._worked)

    _started: float = 0.0
    _worked: float = 0.0


def growth(times: Sequence[float]) -> tuple[float, float]:
    """The median of the first twenty and of the last twenty; of half where there are fewer."""
    count = min(ENDS, max(1, len(times) // 2))
    return statistics.median(times[:count]), statistics.median(times[-count:])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the others lies, between two neighbors in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def recall_at(ranked: Sequence[str], wanted: Collection[str], count: int) -> float:
    """The share of what is wanted among the first so many."""
    return len(set(wanted).intersection(ranked[:count])) / len(set(wanted))


def reciprocal_rank(ranked: Sequence[str], wanted: Collection[str]) -> float:
    """One over the place of the first that is wanted; 0 when none is there."""
    places = (place for place, one in enumerate(ranked, start=1) if one in wanted)
    return 1 / next(places, float("inf"))
