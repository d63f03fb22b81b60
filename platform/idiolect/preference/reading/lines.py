"""A file of JSON lines as rows, read one line at a time."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from idiolect.errors import InvalidInputError
from idiolect.preference.reading.fields import FieldError, Row

LARGEST_BYTES = 10_000_000


def file_rows(path: Path) -> Iterator[tuple[int, Row | FieldError]]:
    """Each row with its line's number, or what is wrong with it; empty lines are passed over.

    Raises:
        InvalidInputError: the file cannot be opened.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidInputError(
            f"{path} cannot be read: {error.strerror}", hint="Name a file that you may read."
        ) from error
    with file:
        number = 0
        while line := file.readline(LARGEST_BYTES + 1):
            number += 1
            if len(line) > LARGEST_BYTES and not line.endswith(b"\n"):
                _skip_line(file)
                yield number, FieldError("", "is longer than 10 MB")
            elif line.strip():
                yield number, _row(line)


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(LARGEST_BYTES)) and not rest.endswith(b"\n"):
        pass


def _row(line: bytes) -> Row | FieldError:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return FieldError("", f"is not UTF-8 at its byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return FieldError("", f"is not JSON at its character {error.colno}: {error.msg}")
    except (RecursionError, ValueError):  # nested without end; a number of thousands of digits
        return FieldError("", "is not JSON that can be read")
    if not isinstance(value, dict):
        return FieldError("", "is not an object; each line is {...}")
    return value
