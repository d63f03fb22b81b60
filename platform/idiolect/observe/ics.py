"""iCalendar (RFC 5545) files as occurrences: recurring events expanded, each in its own zone.

A rule is expanded by the wall clock, as people mean it (a lesson at six stays at six across a
change to summer time), and only then is a moment made of each occurrence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from dateutil.rrule import rrulestr  # type: ignore[import-untyped] # the package has no types
from icalendar import Calendar, Event
from icalendar.prop import vRecur

from idiolect.errors import InvalidInputError

log = structlog.get_logger(__name__)

MAX_OCCURRENCES = 1000
"""Of one event within the window."""

_UNIT = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event takes place; times are in the event's own zone."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    is_all_day: bool
    repeats: str | None
    place: str | None
    description: str | None
    is_invitation: bool


def occurrences(
    content: bytes, since: datetime, until: datetime, zone: tzinfo = UTC
) -> Iterator[Occurrence]:
    """What begins within a window, event by event; canceled events and dates are left out.

    An event that cannot be understood is logged and left out.

    Args:
        zone: for times without a zone, when the calendar names none itself (X-WR-TIMEZONE).

    Raises:
        InvalidInputError: code INVALID_CALENDAR, the content is no calendar.
    """
    try:
        calendar = Calendar.from_ical(content)
    except ValueError as error:
        raise InvalidInputError(
            "this is not an iCalendar file",
            code="INVALID_CALENDAR",
            hint="Export the calendar again as .ics and import that file.",
        ) from error
    zone = _named_zone(str(calendar.get("X-WR-TIMEZONE", ""))) or zone
    events = calendar.events
    moved = _moved_occurrences(events)
    for event in events:
        try:
            yield from _of_event(event, moved.get(_uid(event), []), since, until, zone)
        except ValueError as error:  # also the base of icalendar's own errors
            log.warning("calendar event left out", reason=type(error).__name__)


def _of_event(
    event: Event, moved: list[date], since: datetime, until: datetime, zone: tzinfo
) -> Iterator[Occurrence]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    start = event.start
    is_all_day = not isinstance(start, datetime)
    own_zone = (start.tzinfo if isinstance(start, datetime) else None) or zone
    length = event.end - start
    if length < timedelta(0):
        raise ValueError("it ends before it begins")
    # One that was moved is an event of its own; it recurs no more.
    rules = [] if "RECURRENCE-ID" in event else event.rrules
    canceled = [*event.exdates, *([] if "RECURRENCE-ID" in event else moved)]
    canceled_days = {day for day in canceled if not isinstance(day, datetime)}
    canceled_times = {
        _wall(moment, own_zone) for moment in canceled if isinstance(moment, datetime)
    }
    first = _wall(start, own_zone)
    last = _wall(until, own_zone)
    begins = {first, *(_wall(extra[0], own_zone) for extra in event.rdates)}
    for rule in rules:
        begins.update(_expand(rule, first, _wall(since, own_zone), last, own_zone))
    for begin in sorted(begins):
        starts_at = begin.replace(tzinfo=own_zone)
        if begin in canceled_times or begin.date() in canceled_days:
            continue
        if since <= starts_at <= until:
            yield Occurrence(
                uid=_uid(event),
                title=str(event.get("SUMMARY", "")).strip(),
                starts_at=starts_at,
                ends_at=(begin + length).replace(tzinfo=own_zone),
                is_all_day=is_all_day,
                repeats=_in_words(rules[0]) if rules else None,
                place=str(event.get("LOCATION", "")).strip() or None,
                description=str(event.get("DESCRIPTION", "")).strip() or None,
                is_invitation="ORGANIZER" in event,
            )


def _expand(
    rule: vRecur, first: datetime, since: datetime, last: datetime, zone: tzinfo
) -> Iterable[datetime]:
    is_whole = isinstance(rule, vRecur) and str(rule.get("FREQ", [""])[0]).upper() in _UNIT
    if not is_whole or int(rule.get("INTERVAL", [1])[0]) < 1:
        raise ValueError("its rule is broken, or repeats within a day")
    # UNTIL may be a date or in another zone, which dateutil refuses to mix with a wall clock.
    plain = vRecur({name: value for name, value in rule.items() if name != "UNTIL"})
    end = min([last, *(_last_moment(value, zone) for value in rule.get("UNTIL", []))])
    text: bytes = plain.to_ical()  # type: ignore[no-untyped-call] # icalendar leaves it untyped
    begins = takewhile(lambda begin: begin <= end, rrulestr(text.decode(), dtstart=first))
    return islice((begin for begin in begins if begin >= since), MAX_OCCURRENCES)


def _last_moment(until: date, zone: tzinfo) -> datetime:
    if isinstance(until, datetime):
        return _wall(until, zone)
    return datetime.combine(until, time.max)


def _wall(moment: date, zone: tzinfo) -> datetime:
    """What the clock on the wall of a zone shows, without the zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min)
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zone).replace(tzinfo=None)


def _moved_occurrences(events: list[Event]) -> dict[str, list[date]]:
    """UID → the occurrences that an event of the same UID replaces."""
    moved: dict[str, list[date]] = {}
    for event in events:
        if "RECURRENCE-ID" in event:
            moved.setdefault(_uid(event), []).append(event.decoded("RECURRENCE-ID"))
    return moved


def _uid(event: Event) -> str:
    return str(event.get("UID") or event.get("SUMMARY", ""))


def _named_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _in_words(rule: vRecur) -> str:
    unit = _UNIT[str(rule["FREQ"][0]).upper()]
    interval = int(rule.get("INTERVAL", [1])[0])
    return f"every {unit}" if interval == 1 else f"every {interval} {unit}s"
