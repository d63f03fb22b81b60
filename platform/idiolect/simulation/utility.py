"""What a text is worth to somebody: a utility over its features that is not linear."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, pstdev

from idiolect.errors import InvalidInputError
from idiolect.simulation.features import Features


@dataclass(frozen=True, slots=True)
class Liking:
    """What somebody thinks of one feature.

    Carroll 1972, "Individual differences and multidimensional scaling", names the two models: in
    the vector model more is better (or worse), w (2x - 1); in the ideal-point model of Coombs
    1964 (A Theory of Data) worth falls with the squared distance from what is liked best,
    w (1 - 2 ((x - ideal) / reach)^2), with reach the distance to the farther end of the scale. So
    both lie within [-w, w].

    Attributes:
        weight: what the feature is worth at most; negative, where it is disliked.
        ideal: what is liked best, in [0, 1]; None if more is better.

    Raises:
        InvalidInputError: the weight is not finite, or the ideal not on the scale.
    """

    weight: float
    ideal: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.weight):
            raise InvalidInputError(f"a weight is a finite number, not {self.weight}")
        if self.ideal is not None and not 0 <= self.ideal <= 1:
            raise InvalidInputError(f"an ideal lies between 0 and 1, not at {self.ideal}")

    def __call__(self, value: float) -> float:
        """The worth of a value in [0, 1]."""
        if self.ideal is None:
            return self.weight * _centered(value)
        reach = max(self.ideal, 1 - self.ideal)
        distance = (value - self.ideal) / reach
        return self.weight * (1 - 2 * distance * distance)


@dataclass(frozen=True, slots=True)
class Interaction:
    """Two features that are worth more, or less, together: w (2x - 1)(2y - 1).

    Attributes:
        one: name of a feature.
        other: name of another.
        weight: negative, where the one spoils the other.
    """

    one: str
    other: str
    weight: float

    def __call__(self, features: Features) -> float:
        """The worth of the two together."""
        return self.weight * _centered(features[self.one]) * _centered(features[self.other])


@dataclass(frozen=True, slots=True)
class Utility:
    """u(x) = scale (sum of likings + sum of interactions) - offset.

    Attributes:
        likings: by the feature's name.
        interactions: of pairs of features.
        scale: stretches all differences; at least 0.
        offset: what is worth nothing either way.

    Raises:
        InvalidInputError: the scale is negative, or scale or offset not finite.
    """

    likings: Mapping[str, Liking]
    interactions: Sequence[Interaction] = ()
    scale: float = 1.0
    offset: float = 0.0
    names: frozenset[str] = field(init=False, compare=False)
    """Of the features that it looks at."""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and self.scale >= 0 and math.isfinite(self.offset)):
            raise InvalidInputError(f"scale {self.scale} or offset {self.offset} cannot be used")
        paired = {name for pair in self.interactions for name in (pair.one, pair.other)}
        object.__setattr__(self, "names", frozenset(self.likings) | paired)

    def __call__(self, features: Features) -> float:
        """What a text with these features is worth.

        Raises:
            InvalidInputError: a feature that the utility looks at was not measured.
        """
        missing = self.names - features.keys()
        if missing:
            raise InvalidInputError(
                f"not measured: {', '.join(sorted(missing))}",
                hint="Pass a feature map with these attributes and topics.",
            )
        worth = sum(liking(features[name]) for name, liking in self.likings.items())
        together = sum(interaction(features) for interaction in self.interactions)
        return self.scale * (worth + together) - self.offset

    def standardized(self, reference: Sequence[Features]) -> "Utility":
        """The same order of texts, with mean 0 and standard deviation 1 over the reference.

        Temperatures and regrets are then in standard deviations, alike for all people.

        Args:
            reference: features of texts such as the person will see.

        Raises:
            InvalidInputError: all of them are worth the same.
        """
        plain = replace(self, scale=1.0, offset=0.0)
        worths = [plain(features) for features in reference]
        spread = pstdev(worths) if worths else 0.0
        if spread < 1e-9:
            raise InvalidInputError(
                "the reference texts are all worth the same",
                hint="Give texts that differ in what people care about.",
            )
        return replace(self, scale=1 / spread, offset=fmean(worths) / spread)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A taste that goes round: the skew-symmetric part of a preference, on two features.

    The plane of a general preference model (Zhang et al. 2024, "General Preference Modeling with
    Preference Representations", section 4; Chen and Joachims 2016, "Modeling Intransitivity in
    Matchup and Comparison Data", is its ancestor): s(x, y) = strength (x_a y_b - x_b y_a), with a
    feature a as x_a = (x - middle) / spread. It is antisymmetric, and a text beats those that lie
    up to half a turn counterclockwise of it, so three texts around the middle beat each other in
    a ring, which no utility can express.

    Attributes:
        first: name of feature a.
        second: name of feature b.
        strength: in units of the utility.
        middle: of both features, where the ring is about.
        spread: of both features, above 0.
    """

    first: str
    second: str
    strength: float
    middle: tuple[float, float] = (0.5, 0.5)
    spread: tuple[float, float] = (0.5, 0.5)

    def __call__(self, one: Features, other: Features) -> float:
        """By how much the one beats the other besides utility; negative, if it loses."""
        (x_a, x_b), (y_a, y_b) = self._place(one), self._place(other)
        return self.strength * (x_a * y_b - x_b * y_a)

    def standardized(self, reference: Sequence[Features]) -> "Cycle":
        """The same ring around the middle of reference texts, in their standard deviations.

        Args:
            reference: features of texts such as the person will see.

        Raises:
            InvalidInputError: they do not differ in one of the features.
        """
        columns = [[text[name] for text in reference] for name in (self.first, self.second)]
        a, b = (pstdev(column) if column else 0.0 for column in columns)
        if min(a, b) < 1e-9:
            raise InvalidInputError(
                f"the reference texts do not differ in {self.first} and in {self.second}",
                hint="Give texts that differ in what people care about.",
            )
        middle = (fmean(columns[0]), fmean(columns[1]))
        return replace(self, middle=middle, spread=(a, b))

    def _place(self, features: Features) -> tuple[float, float]:
        return (
            (features[self.first] - self.middle[0]) / self.spread[0],
            (features[self.second] - self.middle[1]) / self.spread[1],
        )


def _centered(value: float) -> float:
    return 2 * value - 1
