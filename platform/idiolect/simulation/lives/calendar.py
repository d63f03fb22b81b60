"""Entries of a calendar as an iCalendar file, and as the importer reads that file."""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress

from idiolect.observe.importers import ImportOptions, import_file
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.lives.protagonist import Protagonist, host
from idiolect.simulation.lives.scenes import Entry
from idiolect.simulation.lives.timeline import Seen

_BEFORE, _AFTER = timedelta(days=28), timedelta(days=60)
"""How long before and after a stream entries are looked at."""

_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def to_ics(who: Protagonist, entries: Sequence[Entry]) -> bytes:
    """The calendar as it stands when the stream ends (RFC 5545), in the person's own zone."""
    calendar = Calendar()
    calendar.add("prodid", "-//Idiolect//Simulated life//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-timezone", who.zone.key)
    written_at = who.moment(who.days)
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.id)):
        calendar.add_component(_event(entry, who.zone, written_at))
    calendar.add_missing_timezones()
    content: bytes = calendar.to_ical()
    return content


def observed(who: Protagonist, content: bytes, entries: Sequence[Entry]) -> list[Seen]:
    """What ``idiolect observe import`` makes of the calendar.

    The importer itself reads it, so importing the file later adds nothing that is here already.
    """
    options = ImportOptions(
        since=who.moment(0) - _BEFORE, until=who.moment(who.days) + _AFTER, zone=who.zone
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calendar.ics"
        path.write_bytes(content)
        rows = [ObservationIn.model_validate(row) for row in import_file(path, options)]
    by_id = {entry.id: entry for entry in entries}
    seen = []
    for row in rows:
        uid = row.idempotency_key.removeprefix("calendar:").rsplit(":", 4)[0]
        entry = by_id[uid.partition("@")[0]]
        seen.append(Seen(row, entry.facts, entry.traps))
    return sorted(seen, key=lambda one: (one.observation.occurred_at, one.observation.title or ""))


def _event(entry: Entry, zone: ZoneInfo, written_at: datetime) -> Event:
    begins = datetime.combine(entry.day, entry.begins, tzinfo=zone)
    event = Event()
    event.add("uid", f"{entry.id}@simulation.example")
    event.add("dtstamp", written_at)
    event.add("summary", entry.title)
    event.add("dtstart", begins)
    event.add("dtend", begins + timedelta(minutes=entry.minutes))
    if entry.weekdays:
        rule: dict[str, object] = {
            "freq": "weekly",
            "byday": [_DAY_CODES[weekday] for weekday in entry.weekdays],
        }
        if entry.until is not None:
            last = datetime.combine(entry.until, time.max, tzinfo=zone)
            rule["until"] = last.astimezone(UTC).replace(microsecond=0)
        event.add("rrule", rule)
    if entry.organizer:
        address = vCalAddress(f"mailto:{host(entry.organizer)[:30]}@people.example")
        address.params["CN"] = entry.organizer
        event.add("organizer", address)
    if entry.description:
        event.add("description", entry.description)
    return event
