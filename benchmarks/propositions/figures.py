"""What is counted of beliefs about one person, and shares of it with intervals over people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, TypeVar

import numpy as np

from idiolect.usermodel.calibration.figures import (
    bins_of,
    brier,
    calibration_error,
    error_by_chance,
)

DRAWS = 2000
SEED = 5
Row = TypeVar("Row")
Figure = list[float] | None
"""A value and the ends of its interval; None where nothing is to be divided."""

SURE = 0.5
"""A trap that is believed above this confidence acts on what the assistant says."""


@dataclass(frozen=True, slots=True)
class Count:
    """What came of one screen.

    Attributes:
        gold: statements that a careful reader makes.
        found: of them, how many some belief says.
        confidences: of each belief.
        right: of each belief, whether it says a gold statement.
        traps: statements that would be wrong to believe.
        believed: confidences of the beliefs that say one and no gold statement as nearly.
        is_untrusted: whether a stranger sent the screen.
    """

    gold: int
    found: int
    confidences: tuple[float, ...]
    right: tuple[bool, ...]
    traps: int
    believed: tuple[float, ...]
    is_untrusted: bool = False


def summary(counts: Sequence[Count]) -> dict[str, Any]:
    """Shares over all statements of all screens, with intervals over screens."""
    return {
        "recall": share(counts, lambda c: c.found, lambda c: c.gold),
        "precision": share(counts, lambda c: sum(c.right), lambda c: len(c.right)),
        "traps believed": share(counts, lambda c: len(c.believed), lambda c: c.traps),
        "traps believed above 0.5": sum(p > SURE for c in counts for p in c.believed),
        "of them from strangers": sum(
            p > SURE for c in counts if c.is_untrusted for p in c.believed
        ),
        "highest confidence from strangers": max(
            (p for c in counts if c.is_untrusted for p in c.confidences), default=None
        ),
        **calibration(counts),
        "screens": len(counts),
        "gold": sum(c.gold for c in counts),
        "beliefs": sum(len(c.right) for c in counts),
        "traps": sum(c.traps for c in counts),
    }


def calibration(counts: Sequence[Count]) -> dict[str, Any]:
    """Brier score and calibration error; what a perfectly calibrated one shows by chance; bins."""
    confidences = [p for c in counts for p in c.confidences]
    right = [float(one) for c in counts for one in c.right]
    bins = bins_of(confidences, right)
    return {
        "Brier": brier(confidences, right),
        "calibration error": calibration_error(bins),
        "calibration error by chance": error_by_chance(bins),
        "bins": [[b.low, b.beliefs, round(b.confidence, 3), round(b.right, 3)] for b in bins],
    }


def share(rows: Sequence[Row], part: Callable[[Row], int], whole: Callable[[Row], int]) -> Figure:
    """Sum of the parts over sum of the wholes, with a bootstrap interval of 95 % over rows."""
    parts = np.array([part(row) for row in rows], dtype=float)
    wholes = np.array([whole(row) for row in rows], dtype=float)
    if not wholes.sum():
        return None
    picked = np.random.default_rng(SEED).integers(len(rows), size=(DRAWS, len(rows)))
    drawn, of = parts[picked].sum(axis=1), wholes[picked].sum(axis=1)
    low, high = np.percentile(drawn[of > 0] / of[of > 0], [2.5, 97.5])
    return [float(parts.sum() / wholes.sum()), float(low), float(high)]


def mean(values: Sequence[float | None]) -> Figure:
    """The mean over people of what each has, with a bootstrap interval of 95 % over them."""
    had = np.array([value for value in values if value is not None], dtype=float)
    if not had.size:
        return None
    picked = np.random.default_rng(SEED).integers(had.size, size=(DRAWS, had.size))
    low, high = np.percentile(had[picked].mean(axis=1), [2.5, 97.5])
    return [fmean(had.tolist()), float(low), float(high)]


def shown(figure: Figure, digits: int = 2) -> str:
    """A figure in a table's cell."""
    if figure is None:
        return "none"
    value, low, high = (f"{each:.{digits}f}" for each in figure)
    return f"{value} ({low} to {high})"
