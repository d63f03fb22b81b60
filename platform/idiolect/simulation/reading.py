"""What is scored, read from files: the truth of a simulated life, and propositions about it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.simulation.lives.facts import Truth
from idiolect.simulation.scoring import Belief


def read_truth(path: Path) -> Truth:
    """A truth.json, or that of a person's folder.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: it is no truth.
    """
    file = path / "truth.json" if path.is_dir() else path
    try:
        values = json.loads(_text(file))
    except ValueError as error:
        raise InvalidInputError(
            f"{file} is not JSON", hint="Give a truth.json that `idiolect simulate` wrote."
        ) from error
    return Truth.of(values)


def read_beliefs(path: Path) -> list[Belief]:
    """Propositions with ``text`` and ``confidence``; their other fields are passed over.

    They stand in JSON lines, or in one JSON list as ``idiolect profile ls --json`` prints it.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: a row cannot be used; it is named by its number.
    """
    return [_belief(path, number, row) for number, row in enumerate(_rows(path), 1)]


def _rows(path: Path) -> Iterator[Any]:
    text = _text(path)
    if text.lstrip().startswith("["):
        try:
            yield from json.loads(text)
        except ValueError as error:
            raise InvalidInputError(f"{path} begins as a JSON list and is none") from error
        return
    # Not splitlines, which also parts at marks that JSON may have within a string, as U+2028.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise InvalidInputError(
                    f"{path}: line {number} is not JSON",
                    hint="Write one object with text and confidence on each line.",
                ) from error


def _belief(path: Path, number: int, row: Any) -> Belief:
    try:
        text, confidence = row["text"], row["confidence"]
        if not isinstance(text, str) or isinstance(confidence, bool):
            raise TypeError
        return Belief(text, float(confidence))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            f"{path}: proposition {number} has no text with a confidence",
            hint='Write rows such as {"text": "Mara keeps bees.", "confidence": 0.8}.',
        ) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}", hint="Correct the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read as text") from error
