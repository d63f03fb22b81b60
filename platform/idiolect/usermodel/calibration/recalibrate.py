"""What the user's ratings say about confidence: a map from raw to calibrated, per author.

An author is who made a proposition, such as ``pattern`` or a model. One may be too sure of
itself and another too timid; what the user rates true, partly or false tells. The map is the
isotonic regression of outcomes on raw confidence (Zadrozny and Elkan, KDD 2002, "Transforming
classifier scores into accurate multiclass probability estimates"): it may bend at any place and
never turns the order of two propositions round. By itself it believes a single rating wholly, so
it is given a prior, as ratings that nobody made: ``STRENGTH`` of them, spread evenly over the
scale, each with the outcome that the prior expects there. The map is then the isotonic fit to both.

The prior of an author's map is the map over all *other* authors' ratings, whose own prior is that
raw confidence is right. So a new author starts from what the user's ratings of the others taught,
and no rating counts twice.

Measured on the made-up sources of ``tests/usermodel/calibration/sources.py``, over 100 draws of
ratings: the expected Brier score above that of a source's true probabilities, times 1000, and
the expected calibration error on 2,000 propositions held out (over 40 draws; 0.02 is chance).

    ratings of one author               0       5      20     100     500
    five miscalibrated sources, mean
      raw                          47 .19  47 .19  47 .19  47 .19  47 .19
      fitted without a prior       47 .19  86 .21  32 .12   9 .07   2 .03
      a prior of  20 ratings       47 .19  35 .14  23 .11   8 .07   2 .03
      a prior of  60 ratings       47 .19  38 .16  26 .12   9 .07   2 .03
      a prior of 120 ratings       47 .19  40 .17  30 .14  11 .08   3 .04
    a calibrated source
      raw                           0 .02   0 .02   0 .02   0 .02   0 .02
      fitted without a prior        0 .02  90 .20  29 .12   8 .06   2 .03
      a prior of  20 ratings        0 .02   8 .06  11 .08   7 .06   2 .03
      a prior of  60 ratings        0 .02   3 .04   5 .06   5 .05   2 .03
      a prior of 120 ratings        0 .02   2 .03   3 .04   4 .04   2 .03
    an author among two others with 100 ratings each, Brier score alone
      alike: raw                       31      31      31      31      31
      alike: from identity             31      26      18       8       2
      alike: from the others            4       7       8       6       2
      unlike: raw                      12      12      12      12      12
      unlike: from identity            12      11       9       5       2
      unlike: from the others          15      13      11       6       2

Of the three strengths 60 is best at 5, 20 and 100 ratings if half of the authors are calibrated.
Learning from others gains more where authors are alike than it costs where they are not, and at
100 ratings of one's own hardly any of that cost is left.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, Self, get_args

from idiolect.errors import InvalidInputError
from idiolect.usermodel.calibration.isotonic import isotonic
from idiolect.usermodel.confidence import HIGHEST, LOWEST

Mark = Literal["true", "partly", "false", "private"]
"""What a user can say of a proposition."""

OUTCOMES: Mapping[Mark, float] = {"true": 1.0, "partly": 0.5, "false": 0.0}
"""How far a rated proposition came out true. *Private* does not say, so it has none."""

STRENGTH = 60.0
"""The prior's weight in ratings, over the whole scale, near three at each of its places. It is
large as only what lies near a rating holds against it: a single *false* at 0.8 gives 0.67."""

STEPS = 20
"""The prior's ratings lie at 0, 1/20, 2/20 ... 1."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A proposition that the user rated.

    Attributes:
        proposition: its id; the same in all its versions.
        author: who made it.
        raw: the confidence that it had when it was rated, in (0, 1): before any map was applied,
            or the map would learn from itself.
        outcome: how far it came out true, in [0, 1]; see ``OUTCOMES``.

    Raises:
        InvalidInputError: the confidence or the outcome lies outside.
    """

    proposition: str
    author: str
    raw: float
    outcome: float

    def __post_init__(self) -> None:
        if not (0 < self.raw < 1 and 0 <= self.outcome <= 1):
            raise InvalidInputError(
                f"a rating with confidence {self.raw} and outcome {self.outcome} says nothing",
                hint="Give a confidence between 0 and 1, and an outcome from 0 to 1.",
            )

    @classmethod
    def of(cls, proposition: str, author: str, raw: float, mark: Mark) -> Self | None:
        """The rating that a mark makes; None of *private*, which does not say whether it is true.

        Raises:
            InvalidInputError: there is no such mark, or the confidence is none.
        """
        if mark not in get_args(Mark):
            raise InvalidInputError(
                f"a proposition cannot be rated {mark!r}",
                hint=f"Use one of {', '.join(get_args(Mark))}.",
            )
        return cls(proposition, author, raw, OUTCOMES[mark]) if mark in OUTCOMES else None


@dataclass(frozen=True, slots=True)
class Curve:
    """A map from raw to calibrated confidence that never falls, straight between its knots.

    Attributes:
        knots: raw and calibrated confidence, both in [0, 1], in the order of the raw one.

    Raises:
        InvalidInputError: there is no knot, one lies outside, or they are out of order.
    """

    knots: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        inside = all(0 <= x <= 1 and 0 <= y <= 1 for x, y in self.knots)
        rising = all(x0 < x1 and y0 <= y1 for (x0, y0), (x1, y1) in pairwise(self.knots))
        if not (self.knots and inside and rising):
            raise InvalidInputError(
                "these knots make no map of confidence", hint="Fit it again from the ratings."
            )

    def __call__(self, raw: float) -> float:
        """The calibrated confidence; beyond the first and the last knot it stays at theirs."""
        place = bisect_right(self.knots, raw, key=lambda knot: knot[0])
        if place == 0 or place == len(self.knots):
            return self.knots[max(place - 1, 0)][1]
        (x0, y0), (x1, y1) = self.knots[place - 1 : place + 1]
        return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)


IDENTITY = Curve(((0.0, 0.0), (1.0, 1.0)))
"""Raw confidence is right."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """The maps of one user's ratings.

    Attributes:
        shared: for authors that were never rated: the map over all ratings.
        authors: the map of each author that was.
    """

    shared: Curve = IDENTITY
    authors: Mapping[str, Curve] = field(default_factory=dict)

    def confidence(self, author: str, raw: float) -> float:
        """The calibrated confidence in what this author holds with raw confidence.

        In [0.01, 0.98], so that no claim is ever settled. It may lie above what the trust in the
        proposition's sources allows: the caller caps it again with ``confidence.cap``.
        """
        calibrated = self.authors.get(author, self.shared)(raw)
        return min(max(calibrated, LOWEST), HIGHEST)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "shared": _plain(self.shared),
            "authors": {author: _plain(self.authors[author]) for author in sorted(self.authors)},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of ``as_dict``.

        Raises:
            InvalidInputError: these are no maps.
        """
        try:
            authors = {str(name): _curve(knots) for name, knots in values["authors"].items()}
            return cls(_curve(values["shared"]), authors)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInputError(
                "what is stored is no recalibration", hint="Fit it again from the ratings."
            ) from error


def recalibration(ratings: Iterable[Rating], strength: float = STRENGTH) -> Recalibration:
    """The maps that these ratings make, whatever their order.

    Args:
        ratings: one a proposition, the latest.
        strength: the weight of each prior, in ratings.

    Raises:
        InvalidInputError: the strength is not above zero, or without end.
    """
    known = sorted(ratings, key=lambda rating: (rating.raw, rating.outcome))
    authors: dict[str, Curve] = {}
    for author in sorted({rating.author for rating in known}):
        others = fit([rating for rating in known if rating.author != author], IDENTITY, strength)
        own = [rating for rating in known if rating.author == author]
        authors[author] = fit(own, others, strength)
    return Recalibration(fit(known, IDENTITY, strength), authors)


def fit(ratings: Sequence[Rating], prior: Curve, strength: float = STRENGTH) -> Curve:
    """The isotonic fit to ratings and to the prior's own; without ratings, the prior itself.

    It minimizes, over all f that never fall,

        sum over ratings of (f(raw) - outcome)^2
            + strength / 21 · sum over g = 0, 1/20 ... 1 of (f(g) - prior(g))^2

    which settles f at the places named. Between them it is straight.

    Raises:
        InvalidInputError: the strength is not above zero, or without end.
    """
    if not 0 < strength < math.inf:
        raise InvalidInputError(
            f"a prior of {strength} ratings is none", hint="Give a finite strength above zero."
        )
    if not ratings:
        return prior
    seen: defaultdict[float, list[tuple[float, float]]] = defaultdict(list)
    for step in range(STEPS + 1):
        seen[step / STEPS].append((prior(step / STEPS), strength / (STEPS + 1)))
    for rating in ratings:
        seen[rating.raw].append((rating.outcome, 1.0))
    raws = sorted(seen)
    weights = [sum(weight for _, weight in seen[raw]) for raw in raws]
    means = [
        sum(outcome * weight for outcome, weight in seen[raw]) / total
        for raw, total in zip(raws, weights, strict=True)
    ]
    return Curve(_knots(raws, isotonic(means, weights)))


def _knots(raws: Sequence[float], values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Without those that lie within a level stretch, which change nothing."""
    last = len(raws) - 1
    return tuple(
        (raw, value)
        for place, (raw, value) in enumerate(zip(raws, values, strict=True))
        if place in (0, last) or not values[place - 1] == value == values[place + 1]
    )


def _plain(curve: Curve) -> list[list[float]]:
    return [list(knot) for knot in curve.knots]


def _curve(knots: Sequence[Sequence[float]]) -> Curve:
    return Curve(tuple((float(raw), float(calibrated)) for raw, calibrated in knots))
