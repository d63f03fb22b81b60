"""Ratings of propositions, and how well calibrated confidence is by them."""

from typing import Literal

from idiolect.api.schemas.base import Input, Output


class RatingIn(Input):
    """What the user says of a statement."""

    mark: Literal["true", "partly", "false", "private"]


class BinOut(Output):
    """Rated statements of like confidence: how many, their mean confidence, their mean outcome."""

    low: float
    high: float
    beliefs: int
    confidence: float
    right: float


class FiguresOut(Output):
    """How good confidences are; all null, and no bins, while there are too few ratings.

    An error that is no greater than ``error_by_chance`` says nothing against the confidence.
    """

    brier: float | None
    calibration_error: float | None
    error_by_chance: float | None
    bins: list[BinOut]


class ReliabilityOut(Output):
    """Of some rated statements: ``raw`` as their authors gave it, ``calibrated`` held out.

    ``mean_rating`` is 1 if all are true and 0 if none is.
    """

    ratings: int
    mean_rating: float | None
    raw: FiguresOut
    calibrated: FiguresOut


class CalibrationOut(Output):
    """How good confidence is, overall and by author; ``ratings_needed`` for a figure."""

    overall: ReliabilityOut
    authors: dict[str, ReliabilityOut]
    ratings_needed: int
