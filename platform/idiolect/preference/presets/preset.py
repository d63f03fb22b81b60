"""What a preset is: a published objective as a row of data."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from idiolect.errors import InvalidInputError
from idiolect.preference.objective import Objective


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter that is one of some names."""

    default: str
    names: tuple[str, ...]


Default = float | int | bool | Choice
Value = float | int | bool | str


@dataclass(frozen=True, slots=True)
class Preset:
    """A named objective.

    Attributes:
        citation: the paper and the place in it.
        parameters: what can be set, with the defaults; a default's type is the parameter's.
        compose: makes the objective from an object that has exactly those parameters.
        unverified: what could not be checked against the paper or its authors' code.
        data: what it asks of the data, where that is more than pairs.
    """

    citation: str
    parameters: Mapping[str, Default]
    compose: Callable[[Any], Objective]
    unverified: str = ""
    data: str = ""

    def __call__(self, name: str, given: Mapping[str, Any]) -> Objective:
        """The objective with these parameters; those not given keep their defaults.

        Raises:
            InvalidInputError: there is no such parameter, or it cannot have this value.
        """
        unknown = sorted(set(given) - set(self.parameters))
        if unknown:
            raise InvalidInputError(
                f"the objective {name!r} has no parameter {', '.join(unknown)}",
                hint=f"It has: {', '.join(self.parameters) or 'none'}.",
            )
        values = {
            key: checked(f"{name}.{key}", default, given[key]) if key in given else plain(default)
            for key, default in self.parameters.items()
        }
        return self.compose(SimpleNamespace(**values))


def plain(default: Default) -> Value:
    """The value of a default."""
    return default.default if isinstance(default, Choice) else default


def checked(what: str, default: Default, value: Any) -> Value:
    """A value in the type of the default.

    Raises:
        InvalidInputError: it is of another type, not finite, or none of the names.
    """
    if isinstance(default, Choice):
        if value in default.names:
            return str(value)
        raise _refused(what, value, f"Use one of: {', '.join(default.names)}.")
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
        raise _refused(what, value, "Use true or false.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused(what, value, "Use a finite number.")
    if isinstance(default, int):
        if value != int(value):
            raise _refused(what, value, "Use a whole number.")
        return int(value)
    return float(value)


def _refused(what: str, value: Any, hint: str) -> InvalidInputError:
    return InvalidInputError(f"{what} cannot be {value!r}", hint=hint)
