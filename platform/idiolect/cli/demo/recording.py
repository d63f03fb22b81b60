"""The bundled recording of an invented person's week, as observations on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from idiolect.errors import NotReadyError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Recording:
    """What was recorded, and what its person would ask.

    Attributes:
        name: the person's name.
        time_zone: where the week took place, such as ``Europe/Lisbon``.
        events: observations without images: applications, messages, statements, the calendar.
        screens: observations that are images.
        asks: what the person would ask an assistant.
    """

    name: str
    time_zone: str
    events: list[object]
    screens: list[object]
    asks: list[str]


def load_recording(directory: Path) -> Recording:
    """Reads a recording.

    Raises:
        NotReadyError: it is not there (``NO_RECORDING``).
    """
    from idiolect.observe.importers import ImportOptions, import_file

    if not (directory / "person.json").is_file():
        raise NotReadyError(
            f"the recording is missing: {directory}",
            code="NO_RECORDING",
            hint="Check the repository out whole, or install the wheel, which brings it along.",
        )
    person = json.loads((directory / "person.json").read_text())
    zone = ZoneInfo(person["time_zone"])
    # The calendar as it was seen in that week: what lay ahead then is a plan.
    last_day = datetime.fromisoformat(person["week"]["to"]).replace(tzinfo=zone)
    options = ImportOptions.around(last_day, zone=zone)
    events = [
        *import_file(directory / "events.jsonl", options),
        *import_file(directory / "calendar.ics", options),
    ]
    return Recording(
        name=person["name"],
        time_zone=person["time_zone"],
        events=events,
        screens=list(import_file(directory / "screens.jsonl", options)),
        asks=(directory / "asks.txt").read_text().splitlines(),
    )
