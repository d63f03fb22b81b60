"""What happens every week at its hour, in the calendar or only in passing, and daily routines."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Entry, Scene, Thread
from idiolect.simulation.lives.telling import clashes, seen_on
from idiolect.simulation.lives.wordings import words

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MOVED_SHARE = 0.25
"""Of the people, one of whose habits moves to another weekday in the middle."""

_NUMBER, _ROUTINES = 2, 1
_IN_CALENDAR_SHARE = 0.6
_ROUTINE_SHARE = 0.85
"""Of the days, on which a daily routine takes place."""
_LEAST_DAYS_FOR_CHANGE = 4
_DAYS = {"any": range(7), "working": range(5), "weekend": range(5, 7)}
_WEEKS_BEFORE = 4


@dataclass(frozen=True, slots=True)
class _Habit:
    """One habit as somebody has it."""

    row: Mapping[str, Any]
    title: str
    weekdays: tuple[int, ...]
    begins: time
    slots: Mapping[str, str]
    """Fixed, so that it is always with the same people."""

    def fact(self, id: str, me: str) -> Fact:
        days, hour = _plural(self.weekdays), f"{self.begins:%H:%M}"
        named = {**self.slots, "days": days}
        return Fact(
            id=id,
            kind="habit",
            statement=f"{me} {self.row['does']} on {days} at {hour}.",
            wordings=(
                f"{me} {self.row['does']}.",
                f'{me} has "{self.title}" on {days} at {hour}.',
                *(text.format_map(named) for text in self.row["wordings"]),
            ),
            durability=0.75,
            revelation="shown",
        )

    def told(self) -> dict[str, str]:
        return {
            "title": self.title,
            "days": _plural(self.weekdays),
            "day": WEEKDAYS[self.weekdays[0]],
            "time": f"{self.begins:%H:%M}",
            "log": self.row["log"],
        }


def habits(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Weekly habits, one of which may move, and a daily routine at the desk."""
    threads = []
    met = list(known)
    moves = studio.who.days >= _LEAST_DAYS_FOR_CHANGE and rng.random() < MOVED_SHARE
    for number in range(_NUMBER):
        habit = _draw(studio, met, rng)
        id = f"{studio.who.id}/habit-{number}"
        is_moved = moves and number == 0
        threads.append((_moved if is_moved else _steady)(studio, habit, id, rng))
        met += threads[-1].facts
    threads += [_routine(studio, met, number, rng) for number in range(_ROUTINES)]
    return Thread.joined(threads)


def _draw(studio: Studio, known: Sequence[Fact], rng: random.Random) -> _Habit:
    rows, me = words("habits")["habit"], studio.who.first
    row = next(
        row
        for row in rng.sample(rows, len(rows))
        if not clashes(f"{me} {row['does']} {row['title']}", known)
    )
    slots = studio.who.slots(rng)
    return _Habit(
        row=row,
        title=row["title"].format_map(slots),
        weekdays=tuple(sorted(rng.sample(_DAYS[row["days"]], row.get("per_week", 1)))),
        begins=time.fromisoformat(rng.choice(row["times"])),
        slots=slots,
    )


def _steady(studio: Studio, habit: _Habit, id: str, rng: random.Random) -> Thread:
    who = studio.who
    fact = habit.fact(id, who.first)
    in_calendar = rng.random() < _IN_CALENDAR_SHARE
    days = who.some_days(rng.randint(0, 2) if in_calendar else 3, rng)
    fact = replace(fact, days_needed=1 if in_calendar else 2)
    entries = (_entry(habit, fact, _first_day(habit, who.start)),)
    return Thread(
        facts=(fact,),
        scenes=tuple(_mentions(studio, habit, fact, days, rng)),
        entries=entries if in_calendar else (),
    )


def _moved(studio: Studio, habit: _Habit, id: str, rng: random.Random) -> Thread:
    """The habit on its old weekdays until a day, and on others from then on."""
    who, day = studio.who, rng.randrange(2, studio.who.days - 1)
    change = who.moment(day, 7 * 60)
    others = [one for one in _DAYS[habit.row["days"]] if one not in habit.weekdays]
    later = replace(
        habit, weekdays=tuple(sorted(rng.sample(others, min(len(others), len(habit.weekdays)))))
    )
    old = replace(habit.fact(f"{id}-old", who.first), valid_to=change)
    new = replace(later.fact(f"{id}-new", who.first), valid_from=change)
    moved = {**habit.slots, **habit.told(), "new_days": _plural(later.weekdays)}
    scenes = _mentions(studio, habit, old, who.some_days(1, rng, until=day), rng)
    scenes += seen_on(studio, new, words("habits")["moved"], [day], rng, moved)
    scenes += _mentions(studio, later, new, who.some_days(1, rng, since=day + 1), rng)
    before = _entry(habit, old, _first_day(habit, who.start))
    after = _entry(later, new, _first_day(later, who.date(day), weeks_before=0))
    return Thread(
        facts=(old, new),
        scenes=tuple(scenes),
        entries=(replace(before, until=who.date(day) - timedelta(days=1)), after),
    )


def _mentions(
    studio: Studio, habit: _Habit, fact: Fact, days: Sequence[int], rng: random.Random
) -> list[Scene]:
    texts = words("habits")
    scenes = []
    for day in days:
        clips = texts["said" if rng.random() < 0.7 else "told"]
        scenes += seen_on(studio, fact, clips, [day], rng, {**habit.slots, **habit.told()})
    return scenes


def _routine(studio: Studio, known: Sequence[Fact], number: int, rng: random.Random) -> Thread:
    who, me = studio.who, studio.who.first
    rows = words("habits")["routine"]
    row = next(
        row for row in rng.sample(rows, len(rows)) if not clashes(f"{me} {row['does']}", known)
    )
    fact = Fact(
        id=f"{who.id}/routine-{number}",
        kind="habit",
        statement=f"{me} {row['does']}.",
        wordings=tuple(text.format(me=me) for text in row["wordings"]),
        durability=0.6,
        revelation="shown",
        days_needed=3,
    )
    scenes = []
    for day in range(who.days):
        if rng.random() >= _ROUTINE_SHARE:
            continue
        slots = who.slots(rng) | {
            "headline": rng.choice(words("background")["headline"]),
            "day_line": rng.choice(words("habits")["diary"]),
            "weekday": WEEKDAYS[who.date(day).weekday()],
            "number": str(400 + 7 * day + rng.randint(0, 6)),
        }
        minute = 60 * row["hour"] + rng.randint(0, 40)
        scenes.append(studio.scene(row["clip"], slots, day, rng, minute=minute).showing(fact.id))
    return Thread(facts=(fact,), scenes=tuple(scenes))


def _entry(habit: _Habit, fact: Fact, first: date) -> Entry:
    return Entry(
        id=fact.id,
        title=habit.title[0].upper() + habit.title[1:],
        day=first,
        begins=habit.begins,
        minutes=habit.row["minutes"],
        weekdays=habit.weekdays,
        facts=(fact.id,),
    )


def _first_day(habit: _Habit, since: date, *, weeks_before: int = _WEEKS_BEFORE) -> date:
    earliest = since - timedelta(weeks=weeks_before)
    return next(
        day
        for day in (earliest + timedelta(days=offset) for offset in range(7))
        if day.weekday() in habit.weekdays
    )


def _plural(weekdays: Sequence[int]) -> str:
    names = [f"{WEEKDAYS[weekday]}s" for weekday in weekdays]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
