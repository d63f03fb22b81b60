"""Dated intentions: kept, moved or dropped."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.protagonist import in_words
from idiolect.simulation.lives.scenes import Entry, Thread
from idiolect.simulation.lives.telling import seen_on
from idiolect.simulation.lives.wordings import words

MOVED_SHARE, DROPPED_SHARE = 0.2, 0.15

_NUMBER = 2
_IN_CALENDAR_SHARE = 0.7
_LEAST_DAYS_FOR_CHANGE = 4
_SOONEST, _LATEST = 2, 40
"""Days from the stream's beginning to a plan's date."""


def plans(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Several plans; a change comes within the stream, the date of a changed one after it."""
    del known
    can_change = studio.who.days >= _LEAST_DAYS_FOR_CHANGE
    rows = rng.sample(words("plans")["plan"], _NUMBER)
    threads = []
    for number, row in enumerate(rows):
        chance = rng.random() if can_change else 1.0
        make = _moved if chance < MOVED_SHARE else _kept
        make = _dropped if MOVED_SHARE <= chance < MOVED_SHARE + DROPPED_SHARE else make
        threads.append(make(studio, row, f"{studio.who.id}/plan-{number}", rng))
    return Thread.joined(threads)


def _kept(studio: Studio, row: dict[str, Any], id: str, rng: random.Random) -> Thread:
    who = studio.who
    offset = rng.randint(_SOONEST, _LATEST)
    slots = _slots(studio, row, offset, rng)
    fact = replace(_fact(studio, row, id, offset, slots), is_dated=True)
    in_calendar = rng.random() < _IN_CALENDAR_SHARE
    days = who.some_days(rng.randint(1, 2), rng, until=min(offset, who.days))
    return Thread(
        facts=(fact,),
        scenes=tuple(seen_on(studio, fact, row["clips"], days, rng, slots)),
        entries=(_entry(studio, fact, slots, offset, rng),) if in_calendar else (),
    )


def _moved(studio: Studio, row: dict[str, Any], id: str, rng: random.Random) -> Thread:
    who, day = studio.who, rng.randrange(1, studio.who.days - 1)
    offset = who.days + rng.randint(_SOONEST, _LATEST)
    later = offset + rng.randint(2, 14)
    slots = _slots(studio, row, offset, rng)
    new_slots = slots | {"date": _spoken(who.date(later))}
    change = who.moment(day, 7 * 60)
    old = replace(_fact(studio, row, f"{id}-old", offset, slots), valid_to=change)
    new = replace(_fact(studio, row, f"{id}-new", later, new_slots), valid_from=change)
    new = replace(new, is_dated=True)
    told = slots | {"new_date": new_slots["date"]}
    scenes = seen_on(studio, old, row["clips"], who.some_days(1, rng, until=day), rng, slots)
    scenes += seen_on(studio, new, words("plans")["moved"], [day], rng, told)
    return Thread(
        facts=(old, new),
        scenes=tuple(scenes),
        entries=(_entry(studio, new, new_slots, later, rng),),
    )


def _dropped(studio: Studio, row: dict[str, Any], id: str, rng: random.Random) -> Thread:
    who, day = studio.who, rng.randrange(1, studio.who.days - 1)
    offset = who.days + rng.randint(_SOONEST, _LATEST)
    slots = _slots(studio, row, offset, rng)
    plan = replace(_fact(studio, row, id, offset, slots), valid_to=who.moment(day, 7 * 60))
    dropped = Fact(
        id=f"{id}-dropped",
        kind="plan",
        statement=f'{who.first} has canceled "{slots["title"]}".',
        wordings=(f'{who.first} no longer plans "{slots["title"]}" on {slots["date"]}.',),
        durability=0.3,
        valid_from=plan.valid_to,
    )
    scenes = seen_on(studio, plan, row["clips"], who.some_days(1, rng, until=day), rng, slots)
    scenes += seen_on(studio, dropped, words("plans")["dropped"], [day], rng, slots)
    return Thread(facts=(plan, dropped), scenes=tuple(scenes))


def _slots(studio: Studio, row: dict[str, Any], offset: int, rng: random.Random) -> dict[str, str]:
    place = rng.choice(row["places"])
    return {
        "place": place,
        "title": row["title"].format(place=place),
        "date": _spoken(studio.who.date(offset)),
        "code": "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=6)),
        "number": str(rng.randint(100, 4999)),
    }


def _fact(studio: Studio, row: dict[str, Any], id: str, offset: int, slots: dict[str, str]) -> Fact:
    who = studio.who
    day = who.date(offset)
    named = {"me": who.first, "place": slots["place"], "date": in_words(day)}
    return Fact(
        id=id,
        kind="plan",
        statement=row["statement"].format_map(named),
        wordings=(
            f'{who.first} has "{slots["title"]}" on {day:%A} {in_words(day)}.',
            *(text.format_map(named) for text in row["wordings"]),
        ),
        durability=0.2,
        valid_to=who.moment(offset + 1),
    )


def _entry(
    studio: Studio, fact: Fact, slots: dict[str, str], offset: int, rng: random.Random
) -> Entry:
    return Entry(
        id=fact.id,
        title=slots["title"],
        day=studio.who.date(offset),
        begins=time(rng.randint(8, 19), rng.choice((0, 15, 30))),
        minutes=rng.choice((30, 60, 120)),
        facts=(fact.id,),
    )


def _spoken(day: date) -> str:
    """As people say it in a message: ``14 March``."""
    return f"{day.day} {day:%B}"
