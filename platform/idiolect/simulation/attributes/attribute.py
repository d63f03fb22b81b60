"""What every attribute of a text gives: a number in a stated unit, and the name of its band."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from idiolect.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Measured:
    """One attribute of one text.

    Attributes:
        value: in the attribute's unit and range.
        band: the name that people have for such a value; empty where they have none.
    """

    value: float
    band: str = ""


class Checker(Protocol):
    """Something about a text that a program can check; the same text gives the same result.

    An empty text has a value too, that of having nothing of the kind.
    """

    @property
    def name(self) -> str:
        """How utilities and cards call it."""
        ...

    @property
    def unit(self) -> str:
        """Of the value, in words."""
        ...

    @property
    def range(self) -> tuple[float, float]:
        """The least and the greatest value that a text can have; the latter may be infinite."""
        ...

    def __call__(self, text: str) -> Measured:
        """What the text has of it."""
        ...

    def scaled(self, value: float) -> float:
        """The value on a scale from 0 to 1, so that attributes can be weighed by each other."""
        ...


@dataclass(frozen=True, slots=True)
class Attribute:
    """A checker made of one pure function.

    Attributes:
        name: how utilities and cards call it.
        unit: of the value, in words.
        range: the least and the greatest value that a text can have.
        span: where replies to everyday questions differ; ``scaled`` puts it on [0, 1] and takes
            what lies outside for its ends.
        measure: the function.

    Raises:
        InvalidInputError: the span is empty, infinite or leaves the range.
    """

    name: str
    unit: str
    range: tuple[float, float]
    span: tuple[float, float]
    measure: Callable[[str], Measured]

    def __post_init__(self) -> None:
        (least, greatest), (low, high) = self.range, self.span
        if not (least <= low < high <= greatest and math.isfinite(high - low)):
            raise InvalidInputError(f"attribute {self.name}: {self.span} is no span of its range")

    def __call__(self, text: str) -> Measured:
        """What the text has of it."""
        return self.measure(text)

    def scaled(self, value: float) -> float:
        """The value's place in the span, from 0 to 1."""
        low, high = self.span
        return min(1.0, max(0.0, (value - low) / (high - low)))


def band_of(value: float, bands: tuple[tuple[str, float], ...]) -> str:
    """The first band whose upper end the value does not pass, else the last one.

    Args:
        bands: name and upper end, in the value's unit, ascending.
    """
    return next((name for name, upper in bands if value <= upper), bands[-1][0])
