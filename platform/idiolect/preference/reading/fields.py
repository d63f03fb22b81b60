"""The fields of a row, each read in its type or refused by name."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


class FieldError(Exception):
    """What is wrong with a field; an empty name stands for the whole row."""

    def __init__(self, field: str, fault: str) -> None:
        super().__init__(f"{field}: {fault}")
        self.field = field
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Fields:
    """An object's fields. A field that is null is one that is not there, as tables write it.

    Attributes:
        values: the object.
        path: where it stands in its row, such as ``tree.children[0].``.
    """

    values: Row
    path: str = ""

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def names(self) -> list[str]:
        """The fields that are there."""
        return [name for name in self.values if name in self]

    def at(self, name: str) -> str:
        """A field's whole path."""
        return f"{self.path}{name}"

    def __getitem__(self, name: str) -> Any:
        """A value of any type.

        Raises:
            FieldError: it is missing; as for every method below, also if it does not fit.
        """
        if name not in self:
            raise FieldError(self.at(name), "is missing")
        return self.values[name]

    def text(self, name: str) -> str:
        """A text that says something."""
        return text(self[name], self.at(name))

    def label(self, name: str) -> str:
        """A name, or a whole number as one; empty if it is not there."""
        if name not in self:
            return ""
        value = self[name]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return str(value) if whole else self.text(name)

    def number(self, name: str, default: float) -> float:
        """A finite number."""
        return number(self[name], self.at(name)) if name in self else default

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self[name]
        if not isinstance(value, bool):
            raise FieldError(self.at(name), f"is {a(value)}, not true or false")
        return value

    def items(self, name: str) -> list[Any]:
        """A list with at least one element."""
        return items(self[name], self.at(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(
            text(one, f"{self.at(name)}[{place}]") for place, one in enumerate(self.items(name))
        )

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        return tuple(
            number(one, f"{self.at(name)}[{place}]") for place, one in enumerate(self.items(name))
        )


def text(value: Any, at: str, *, may_be_empty: bool = False) -> str:
    """A text; FieldError if it is none or says nothing."""
    if not isinstance(value, str):
        raise FieldError(at, f"is {a(value)}, not a text")
    if not (may_be_empty or value.strip()):
        raise FieldError(at, "is empty")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise FieldError(at, "holds half a surrogate pair, which is no character") from error
    return value


def number(value: Any, at: str) -> float:
    """A finite number; FieldError if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FieldError(at, f"is {a(value)}, not a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise FieldError(at, "is not a finite number")
    return found


def items(value: Any, at: str) -> list[Any]:
    """A list with at least one element; FieldError if it is none."""
    if not isinstance(value, list):
        raise FieldError(at, f"is {a(value)}, not a list")
    if not value:
        raise FieldError(at, "is empty")
    return value


def mapping(value: Any, at: str) -> Row:
    """An object; FieldError if it is none."""
    if not isinstance(value, dict):
        raise FieldError(at, f"is {a(value)}, not an object")
    return value


def a(value: Any) -> str:
    """The name of a JSON value's type, with its article."""
    names: Sequence[tuple[type, str]] = (
        (bool, "true or false"),
        (int, "a number"),
        (float, "a number"),
        (str, "a text"),
        (list, "a list"),
        (dict, "an object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "null")
