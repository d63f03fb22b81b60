"""Files of preferences as examples: pairs, verdicts on single replies, and judged groups.

A file has one JSON object a line, in the forms that TRL reads or in our own; ``forms`` lists
them. Every row is looked at before anything is learned from: one that cannot be used is named by
its number and field. None of this needs torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Pair
from idiolect.preference.reading.fields import FieldError, Row
from idiolect.preference.reading.folder import COLUMNAR, folder_rows
from idiolect.preference.reading.forms import KIND_NAMES, Parsed, parse
from idiolect.preference.reading.lines import file_rows

__all__ = ["FAULTS_SHOWN", "read_examples"]

FAULTS_SHOWN = 20

log = structlog.get_logger()


def read_examples(path: Path) -> list[Pair] | list[Group]:
    """All examples of a file of JSON lines, or of a folder that the package ``datasets`` reads.

    A row without an ``id`` is named after its number, ``row-17``; rows count from 1, empty lines
    included. Fields that no form knows are passed over and logged by name, unless they look like
    a misspelled one.

    Raises:
        NotFoundError: there is no such file.
        NotReadyError: it takes the package ``datasets``, which is not installed.
        InvalidInputError: code INVALID_DATA; rows that cannot be used, each with its number,
            field and fault, or no rows at all.
    """
    if not path.exists():
        raise NotFoundError(f"there is no file {path}", hint="Correct the path.")
    by_column = path.is_dir() or path.suffix in COLUMNAR
    reading = _Reading(path)
    for number, row in folder_rows(path) if by_column else file_rows(path):
        reading.take(number, row)
    return reading.examples()


@dataclass(slots=True)
class _Reading:
    """What has been read of a file so far."""

    path: Path
    rows: int = 0
    faults: int = 0
    told: list[str] = field(default_factory=list)
    kind: str = ""
    kind_row: int = 0
    ids: dict[str, int] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    pairs: list[Pair] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def take(self, number: int, row: Row | FieldError) -> None:
        """Adds a row's examples, or its fault."""
        self.rows += 1
        try:
            if isinstance(row, FieldError):
                raise row
            parsed = parse(row, f"row-{number}")
            self._require_kind(number, parsed)
            self._require_new_id(number, parsed.id)
        except FieldError as fault:
            self.faults += 1
            if len(self.told) < FAULTS_SHOWN:
                self.told.append(f"  row {number}{_place(fault.field)}: {fault.fault}")
            return
        self.ignored |= parsed.ignored
        for example in parsed.examples:
            if isinstance(example, Pair):
                self.pairs.append(example)
            else:
                self.groups.append(example)

    def examples(self) -> list[Pair] | list[Group]:
        """Everything, if there was no fault."""
        if not self.rows:
            raise InvalidInputError(
                f"{self.path} has no rows",
                hint="Write one JSON object with prompt, chosen and rejected on each line.",
                code="INVALID_DATA",
            )
        if self.faults:
            raise InvalidInputError(
                "\n".join(self._report()),
                hint="Correct these rows or remove them, then try again.",
                code="INVALID_DATA",
            )
        if self.ignored:
            log.warning("fields_not_read", file=str(self.path), fields=sorted(self.ignored))
        return self.pairs or self.groups

    def _report(self) -> Iterator[str]:
        yield f"{self.path}: {self.faults} of {self.rows} rows cannot be used"
        yield from self.told
        if self.faults > len(self.told):
            yield f"  and {self.faults - len(self.told)} more"

    def _require_kind(self, number: int, parsed: Parsed) -> None:
        if not self.kind:
            self.kind, self.kind_row = parsed.kind, number
        if parsed.kind != self.kind:
            raise FieldError(
                "",
                f"is {KIND_NAMES[parsed.kind]}, but row {self.kind_row} is"
                f" {KIND_NAMES[self.kind]}; a file holds one kind",
            )

    def _require_new_id(self, number: int, id: str) -> None:
        first = self.ids.setdefault(id, number)
        if first != number:
            raise FieldError("id", f"{id!r} is the id of row {first} already")


def _place(name: str) -> str:
    return f", {name}" if name else ""
