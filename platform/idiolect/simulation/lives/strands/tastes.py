"""Lasting traits and likings, and one that changes in the middle."""

import random
from collections.abc import Sequence
from typing import Any

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact, Revelation
from idiolect.simulation.lives.grammar import Predicate
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.strands.hobbies import forms, frames
from idiolect.simulation.lives.telling import clashes, seen_on
from idiolect.simulation.lives.wordings import words

_NUMBER = 3
_REVELATIONS: tuple[Revelation, ...] = ("stated", "shown", "hidden")
_WEIGHTS = (0.4, 0.5, 0.1)

SWITCH_SHARE = 0.6
"""Of the people, of whom something changes in the middle."""

_LEAST_DAYS_FOR_CHANGE = 4


def tastes(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Several traits, said outright or seen in orders, forms and asides, and perhaps a switch."""
    met, threads = list(known), []
    if studio.who.days >= _LEAST_DAYS_FOR_CHANGE and rng.random() < SWITCH_SHARE:
        threads.append(_switch(studio, met, rng))
        met += threads[-1].facts
    threads.append(_traits(studio, met, rng))
    return Thread.joined(threads)


def _traits(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    who, me = studio.who, studio.who.first
    facts: list[Fact] = []
    scenes: list[Scene] = []
    for number, row in enumerate(_unknown("taste", "predicate", studio, known, rng)[:_NUMBER]):
        predicate = Predicate(row["predicate"])
        (revelation,) = rng.choices(_REVELATIONS, _WEIGHTS)
        fact = Fact(
            id=f"{who.id}/taste-{number}",
            kind="taste",
            statement=predicate.of(me),
            wordings=_about(me, row["wordings"]),
            durability=row["durability"],
            revelation=revelation,
        )
        facts.append(fact)
        if revelation == "hidden":
            continue
        days = who.some_days(min(2, len(row["shown"])), rng)
        clips = frames("clips", predicate) if revelation == "stated" else row["shown"]
        scenes += seen_on(studio, fact, clips, days, rng, forms(predicate))
    return Thread(facts=tuple(facts), scenes=tuple(scenes))


def _switch(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Something that holds until a day on which the person says that it holds no more."""
    who, me = studio.who, studio.who.first
    row = _unknown("switch", "new", studio, known, rng)[0]
    slots = {"newcomer": who.cast.name()}
    day = rng.randrange(1, who.days - 1)
    change = who.moment(day, 7 * 60)
    old = Fact(
        id=f"{who.id}/switch-old",
        kind="taste",
        statement=Predicate(row["old"]).of(me),
        wordings=_about(me, row["old_wordings"]),
        durability=0.6,
        revelation="shown",
        valid_to=change,
    )
    new = Fact(
        id=f"{who.id}/switch-new",
        kind="taste",
        statement=Predicate(row["new"].format_map(slots)).of(me),
        wordings=_about(me, row["new_wordings"], slots),
        durability=0.6,
        revelation="stated",
        valid_from=change,
    )
    before = who.some_days(2, rng, until=day)
    after = who.some_days(1, rng, since=day + 1)
    scenes = seen_on(studio, old, row["before"], before, rng, slots)
    scenes += seen_on(studio, new, row["announce"], [day], rng, slots)
    for later in after:
        counted = slots | {"n": str(later - day + 1)}
        scenes += seen_on(studio, new, row["after"], [later], rng, counted)
    return Thread(facts=(old, new), scenes=tuple(scenes))


def _unknown(
    name: str, statement: str, studio: Studio, known: Sequence[Fact], rng: random.Random
) -> list[Any]:
    """Rows about nothing that is known already, shuffled."""
    rows = words("tastes")[name]
    me = studio.who.first
    return [
        row for row in rng.sample(rows, len(rows)) if not clashes(f"{me} {row[statement]}", known)
    ]


def _about(
    me: str, wordings: Sequence[str], slots: dict[str, str] | None = None
) -> tuple[str, ...]:
    return tuple(text.format_map({"me": me, **(slots or {})}) for text in wordings)
