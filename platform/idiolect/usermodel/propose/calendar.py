"""Calendar entries: what recurs is a habit, what stands alone is a plan."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from idiolect.usermodel.confidence import DIRECT, STATED, from_days
from idiolect.usermodel.propose.protocols import Draft, Evidence, ObservationView
from idiolect.usermodel.propose.seen import Seen, trusts

HABIT_DURABILITY = 0.65
PLAN_DURABILITY = 0.2

LEAST_INVITED_DAYS = 3
"""Entries that somebody else made say what the user does only when they come back so often: a
single one is an invitation, and anybody can send one, with whatever in its title."""

GOES_ON = timedelta(days=15)
"""A weekday belongs to a habit as long as the latest entry on it is no older than this, counted
from the latest of all: then it recurs weekly or every other week."""
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_WEEKLY = {
    (0, 1, 2, 3, 4): "on working days",
    (0, 1, 2, 3, 4, 5, 6): "on every day of the week",
}


def propose_calendar(seen: Seen) -> Iterator[Draft]:
    """A habit for each entry that recurs on several days, a plan for each that stands alone."""
    entries: dict[str, list[ObservationView]] = defaultdict(list)
    for view in seen.everything:
        if view.kind != "calendar" or view.trust == "untrusted":
            continue
        if name := _name(view):
            entries[name].append(view)
    for name, views in sorted(entries.items()):
        days = {seen.day(view) for view in views}
        if DIRECT.isdisjoint(trusts(views)) and len(days) < LEAST_INVITED_DAYS:
            continue
        if len(days) > 1:
            yield _habit(seen, name, views)
        else:
            yield _plan(seen, name, views[0])


def _name(view: ObservationView) -> str:
    lines = (view.title or view.text).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else ""


def _habit(seen: Seen, name: str, views: Sequence[ObservationView]) -> Draft:
    days = sorted({seen.day(view) for view in views})
    weekdays = {day.weekday() for day in days if days[-1] - day <= GOES_ON}
    present = [view for view in views if seen.day(view).weekday() in weekdays]
    regularity = _regularity(sorted(weekdays))
    return Draft(
        text=f'{seen.user_name} has "{name}" {regularity}{_hour(seen, present)}.',
        reasoning=f"The calendar has it on {len(days)} days.",
        confidence=from_days(len(days), 0, trusts(views)),
        durability=HABIT_DURABILITY,
        evidence=seen.one_a_day(views, dict.fromkeys((view.id for view in views), name)),
        valid_from=present[0].occurred_at,
        estimate_key=f"calendar:{name}",
    )


def _regularity(weekdays: Sequence[int]) -> str:
    """Names up to three weekdays, and sums more of them up."""
    if len(weekdays) <= 3:
        names = [_WEEKDAYS[weekday] for weekday in weekdays]
        return "on " + (f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0])
    return _WEEKLY.get(tuple(weekdays), "on several days a week")


def _hour(seen: Seen, views: Sequence[ObservationView]) -> str:
    hours = {seen.local(view).time() for view in views}
    [hour] = hours if len(hours) == 1 else [time.min]
    return "" if hour == time.min else f" at {hour:%H:%M}"


def _plan(seen: Seen, name: str, view: ObservationView) -> Draft:
    moment = seen.local(view)
    return Draft(
        text=f'{seen.user_name} has "{name}" in the calendar for {_date(moment)}.',
        reasoning="The calendar has it once.",
        confidence=STATED[view.trust],
        durability=PLAN_DURABILITY,
        evidence=(Evidence(view.id, name),),
        valid_from=view.occurred_at,
        estimate_key=f"calendar:{name}",
    )


def _date(moment: datetime) -> str:
    hour = "" if moment.time() == time.min else f" at {moment:%H:%M}"
    return f"{moment:%A} {moment.day} {moment:%B %Y}{hour}"
