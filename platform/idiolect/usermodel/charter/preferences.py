"""What was inferred of a user, as precedence reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idiolect.errors import InvalidInputError
from idiolect.usermodel.charter.scope import EVERYDAY, STYLE, areas_of
from idiolect.usermodel.charter.subjects import sentence, wishes_of

CONTESTED = "contested"
"""The key in a proposition's payload that says that the user disputes it."""


def is_contested(payload: Mapping[str, Any]) -> bool:
    """Whether the user disputes the proposition with this payload, so that it must not act."""
    return bool(payload.get(CONTESTED))


@dataclass(frozen=True, slots=True)
class Preference:
    """One proposition, or one of the wishes that it holds.

    Attributes:
        proposition_id: of the proposition.
        statement: its text.
        confidence: in (0, 1).
        subject: what a reply should do in the user's way; None where the proposition only
            informs.
        value: the way; None just when the subject is.
        is_contested: whether the user disputes the proposition.
    """

    proposition_id: str
    statement: str
    confidence: float
    subject: str | None = None
    value: str | None = None
    is_contested: bool = False

    def __post_init__(self) -> None:
        if (self.subject is None) != (self.value is None):
            raise InvalidInputError(
                f"the wish of {self.proposition_id} has a subject or a value alone",
                hint="Give both, or neither for a proposition that only informs.",
            )
        if self.subject is not None and self.value is not None:
            sentence(self.subject, self.value)

    @property
    def areas(self) -> frozenset[str]:
        """The areas of life that it touches: style, where it says a wish and no more."""
        touched = areas_of(self.statement)
        return frozenset({STYLE}) if self.subject and touched == {EVERYDAY} else touched


def preferences_of(
    proposition_id: str,
    statement: str,
    confidence: float,
    *,
    style: Mapping[str, str] | None = None,
    is_contested: bool = False,
) -> tuple[Preference, ...]:
    """A proposition as precedence reads it: one preference for each wish in it, at least one.

    Args:
        proposition_id: of the proposition.
        statement: its text, about the user in the third person.
        confidence: in (0, 1).
        style: the values by subject that were read from it elsewhere. They give way to what the
            charter's own vocabulary reads.
        is_contested: whether the user disputes it.

    Raises:
        InvalidInputError: a value is not in the charter's vocabulary.
    """
    read = {**(style or {}), **wishes_of(statement)}
    wishes: list[tuple[str | None, str | None]] = [*read.items()]
    return tuple(
        Preference(proposition_id, statement, confidence, name, value, is_contested)
        for name, value in wishes or [(None, None)]
    )
