"""Files as observations: screens, texts, JSON lines in wire form, and calendars.

Each importer gives raw items for ``POST /api/observations`` or ``Ingestor.ingest``, which judge
them one by one. Idempotency keys follow from the content, so a file can be imported again.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.kit.hashing import sha256_file
from idiolect.observe.ics import Occurrence, occurrences
from idiolect.observe.wire import Trust

PAST = timedelta(days=90)
AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What files do not say themselves.

    Args:
        since: calendar entries that begin earlier are left out.
        until: calendar entries that begin later are left out.
        zone: the zone of calendar entries that name none.
        trust: whose words texts and screens are.
    """

    since: datetime
    until: datetime
    zone: tzinfo = UTC
    trust: Trust = "read"

    @classmethod
    def around(cls, now: datetime, *, zone: tzinfo = UTC, trust: Trust = "read") -> "ImportOptions":
        """Calendar entries from 90 days before to 60 days after a moment."""
        return cls(since=now - PAST, until=now + AHEAD, zone=zone, trust=trust)


def import_files(paths: Iterable[Path], options: ImportOptions) -> Iterator[object]:
    """The observations in files, and in a folder's own files, in the order of their names.

    In a folder files of other kinds are passed over; a file that is named must be of a known
    kind.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: code UNKNOWN_FILE_TYPE or INVALID_CALENDAR.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(path.iterdir()):
                if file.suffix.lower() in IMPORTERS:
                    yield from import_file(file, options)
        else:
            yield from import_file(path, options)


def import_file(path: Path, options: ImportOptions) -> Iterator[object]:
    """The observations in one file; errors as in ``import_files``."""
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", hint="Correct the path.")
    importer = IMPORTERS.get(path.suffix.lower())
    if importer is None:
        raise InvalidInputError(
            f"{path.name} is of no kind that can be imported",
            code="UNKNOWN_FILE_TYPE",
            hint=f"Import one of: {', '.join(IMPORTERS)}.",
        )
    return importer(path, options)


def _import_screen(path: Path, options: ImportOptions) -> Iterator[object]:
    yield _whole_file(path, options) | {"kind": "screen", "image_base64": _base64_of(path)}


def _import_text(path: Path, options: ImportOptions) -> Iterator[object]:
    text = path.read_text("utf-8-sig", errors="replace")
    yield _whole_file(path, options) | {"kind": "text", "title": path.name, "text": text}


def _import_json_lines(path: Path, options: ImportOptions) -> Iterator[object]:
    """Rows in wire form; ``image`` may name a file beside it or in a folder ``screens`` there.

    What cannot be used (a line that is no JSON, an image that is not there) is passed on as it
    is, to be refused by itself without spoiling the rest.
    """
    del options
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for line in lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                row = line
            if isinstance(row, dict) and "image" in row:
                row["image_base64"] = _image_beside(path.parent, str(row.pop("image")))
            yield row


def _import_calendar(path: Path, options: ImportOptions) -> Iterator[object]:
    content = path.read_bytes()
    for entry in occurrences(content, options.since, options.until, options.zone):
        moment = entry.starts_at.astimezone(UTC).isoformat()
        yield {
            "idempotency_key": f"calendar:{entry.uid[:150]}:{moment}",
            "kind": "calendar",
            "source": "calendar",
            "title": entry.title[:1000] or None,
            "text": _described(entry),
            # An invitation is somebody else's words; what is not one the user wrote down.
            "trust": "read" if entry.is_invitation else "typed",
            "occurred_at": moment,
            "duration_s": (entry.ends_at - entry.starts_at).total_seconds(),
        }


IMPORTERS: Mapping[str, Callable[[Path, ImportOptions], Iterator[object]]] = {
    ".png": _import_screen,
    ".jpg": _import_screen,
    ".jpeg": _import_screen,
    ".txt": _import_text,
    ".md": _import_text,
    ".jsonl": _import_json_lines,
    ".ics": _import_calendar,
}


def _whole_file(path: Path, options: ImportOptions) -> dict[str, Any]:
    changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return {
        "idempotency_key": f"file:{sha256_file(path)}",
        "source": "import",
        "trust": options.trust,
        "occurred_at": changed_at.isoformat(),
    }


def _base64_of(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _image_beside(folder: Path, name: str) -> str:
    for place in (folder, folder / "screens"):
        image = (place / name).resolve()
        if image.is_relative_to(place.resolve()) and image.is_file():
            return _base64_of(image)
    return ""


def _described(entry: Occurrence) -> str:
    start, end = entry.starts_at, entry.ends_at
    day = f"{start:%A} {start.day} {start:%B %Y}"
    hours = "all day" if entry.is_all_day else f"{start:%H:%M} to {end:%H:%M}"
    lines = [
        entry.title,
        f"{day}, {hours}",
        f"Repeats {entry.repeats}" if entry.repeats else None,
        f"Place: {entry.place}" if entry.place else None,
        entry.description,
    ]
    return "\n".join(line for line in lines if line)
