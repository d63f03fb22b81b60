"""Charters as TOML, and the one with which everybody begins."""

import tomllib
from functools import cache
from pathlib import Path

from idiolect.errors import InvalidInputError
from idiolect.usermodel.charter.lifecycle import require_consistent
from idiolect.usermodel.charter.standards import Charter, charter_from


def read_charter(text: str) -> Charter:
    """A charter from TOML: a list of ``[[standards]]``.

    Raises:
        InvalidInputError: it is no TOML, or a field is missing, unknown or of the wrong form.
        ConflictError: two ratified standards contradict each other, and neither goes first.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(
            f"the charter is no TOML: {error}", hint="Correct that line."
        ) from error
    return require_consistent(charter_from(content))


@cache
def default_charter() -> Charter:
    """The charter with which everybody begins."""
    file = Path(__file__).resolve().parent / "default.toml"
    return read_charter(file.read_text(encoding="utf-8"))
