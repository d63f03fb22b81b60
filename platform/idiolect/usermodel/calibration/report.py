"""What the user's ratings show: how well calibrated confidence is, before and after the map.

A map looks good on the ratings that it was fitted to. So each rating is judged by a map that was
fitted without it: the ratings are split into ten folds by a hash of the proposition's id, and
each fold's confidence comes from the map of the other nine. The map that is in use knows all
ratings and is, if anything, a little better than what is reported.

Two limits remain. Statements that say almost the same under two ids may lie in two folds. And
all figures speak of what the user cared to rate, which need not be like the rest.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Self

from idiolect.kit.hashing import sha256_text
from idiolect.usermodel.calibration.figures import (
    Bin,
    bins_of,
    brier,
    calibration_error,
    error_by_chance,
)
from idiolect.usermodel.calibration.recalibrate import STRENGTH, Rating, recalibration

FOLDS = 10

ENOUGH = 20
"""Ratings for a figure. Of that many, the Brier score of a calibrated source still varies by 0.05
(standard deviation, measured on made-up sources; 0.03 of fifty, 0.02 of hundred)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How good confidences are; None and no bins of fewer ratings than ``ENOUGH``.

    Attributes:
        brier: the mean squared difference of confidence and outcome, in [0, 1]; 0 is best.
        calibration_error: the expected calibration error, in [0, 1]; 0 is best.
        error_by_chance: the calibration error that confidence which is exactly right would show
            of so few ratings.
        bins: of the reliability diagram, those that hold something.
    """

    brier: float | None
    calibration_error: float | None
    error_by_chance: float | None
    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, confidences: Sequence[float], outcomes: Sequence[float]) -> Self:
        """The figures of these confidences, each with its outcome."""
        if len(confidences) < ENOUGH:
            return cls(None, None, None, ())
        bins = bins_of(confidences, outcomes)
        return cls(
            brier=brier(confidences, outcomes),
            calibration_error=calibration_error(bins),
            error_by_chance=error_by_chance(bins),
            bins=bins,
        )


@dataclass(frozen=True, slots=True)
class Reliability:
    """How good the confidence in some rated propositions is.

    Attributes:
        ratings: how many there are.
        mean_rating: their mean outcome, 1 if all are true; None of none.
        raw: of the confidence as the authors gave it.
        calibrated: of what maps make of it that were fitted without the proposition.
    """

    ratings: int
    mean_rating: float | None
    raw: Figures
    calibrated: Figures


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """How good confidence is.

    Attributes:
        overall: over all ratings.
        authors: of each author that was rated, by name.
    """

    overall: Reliability
    authors: Mapping[str, Reliability]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def calibration_report(ratings: Iterable[Rating], strength: float = STRENGTH) -> CalibrationReport:
    """What these ratings show, overall and by author, whatever their order.

    Args:
        ratings: one a proposition, the latest.
        strength: of the maps' priors, in ratings.

    Raises:
        InvalidInputError: the strength is not above zero, or without end.
    """
    held_out = _held_out(ratings, strength)
    authors = sorted({rating.author for rating, _ in held_out})
    return CalibrationReport(
        overall=_reliability(held_out),
        authors={
            author: _reliability([pair for pair in held_out if pair[0].author == author])
            for author in authors
        },
    )


def fold(proposition: str) -> int:
    """The fold in which a proposition is held out: the same one on any machine."""
    return int(sha256_text(proposition), 16) % FOLDS


def _held_out(ratings: Iterable[Rating], strength: float) -> list[tuple[Rating, float]]:
    """Each rating with the confidence that the map of the other folds gives it."""
    folds: defaultdict[int, list[Rating]] = defaultdict(list)
    for rating in ratings:
        folds[fold(rating.proposition)].append(rating)
    pairs: list[tuple[Rating, float]] = []
    for place, held in folds.items():
        known = [rating for other, kept in folds.items() if other != place for rating in kept]
        learned = recalibration(known, strength)
        pairs += [(rating, learned.confidence(rating.author, rating.raw)) for rating in held]
    return pairs


def _reliability(pairs: Sequence[tuple[Rating, float]]) -> Reliability:
    outcomes = [rating.outcome for rating, _ in pairs]
    return Reliability(
        ratings=len(pairs),
        mean_rating=fmean(outcomes) if outcomes else None,
        raw=Figures.of([rating.raw for rating, _ in pairs], outcomes),
        calibrated=Figures.of([confidence for _, confidence in pairs], outcomes),
    )
