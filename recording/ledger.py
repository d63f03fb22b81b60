"""What is kept of the week: rows of events and screens, in the platform's wire form."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from recording.desktop import Window

SOURCE = "recording"
Row = dict[str, Any]


@dataclass
class Ledger:
    """Rows in memory, screens on disk; ``write`` puts the rows beside the screens."""

    folder: Path
    events: list[Row] = field(default_factory=list)
    screens: list[Row] = field(default_factory=list)
    shown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    near_identical: list[list[str]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def event(
        self,
        kind: str,
        window: Window,
        text: str,
        *,
        trust: str,
        at: datetime,
        url: str | None = None,
        duration_s: float | None = None,
    ) -> Row:
        """Keep one event and give its row."""
        key = f"recording-event-{next(self._numbers):04d}"
        row = _row(key, kind, window, trust, at, url) | {"text": text, "duration_s": duration_s}
        self.events.append(row)
        return row

    def screen(
        self,
        image: Image.Image,
        window: Window,
        *,
        trust: str,
        at: datetime,
        url: str | None,
        shows: tuple[str, ...],
    ) -> str:
        """Keep one screen and give its file's name."""
        number = len(self.screens) + 1
        name = f"{number:04d}.png"
        image.save(self.folder / "screens" / name, optimize=True)
        row = _row(f"recording-screen-{number:04d}", "screen", window, trust, at, url)
        self.screens.append(row | {"duration_s": None, "image": name})
        self.shown[name] = shows
        return name

    def resend(self, row: Row) -> None:
        """Write a row again as it is: the daemon did not hear that it had arrived."""
        self.events.append(dict(row))

    def repeat(self, row: Row) -> None:
        """Write a row's content again under a key and a time of its own."""
        later = datetime.fromisoformat(row["occurred_at"]) + timedelta(seconds=2)
        key = f"{row['idempotency_key']}-again"
        self.events.append(row | {"idempotency_key": key, "occurred_at": _utc(later)})

    def write(self) -> None:
        """Write events.jsonl and screens.jsonl, each in the order of time."""
        for name, rows in (("events", self.events), ("screens", self.screens)):
            ordered = sorted(rows, key=lambda row: row["occurred_at"])
            lines = (json.dumps(row, ensure_ascii=False) for row in ordered)
            (self.folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


def _row(key: str, kind: str, window: Window, trust: str, at: datetime, url: str | None) -> Row:
    return {
        "idempotency_key": key,
        "kind": kind,
        "source": SOURCE,
        "application": window.application,
        "title": window.title,
        "url": url,
        "trust": trust,
        "occurred_at": _utc(at),
    }


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
