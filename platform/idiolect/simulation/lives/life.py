"""A simulated life: who somebody is, the stream that shows some of it, and the truth about it."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from idiolect.errors import InvalidInputError
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.lives import calendar, desktop, timeline
from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.desk import Desk
from idiolect.simulation.lives.facts import Fact, Trap, Truth
from idiolect.simulation.lives.protagonist import Protagonist
from idiolect.simulation.lives.scenes import Thread
from idiolect.simulation.lives.strands import STRANDS
from idiolect.simulation.lives.timeline import Seen
from idiolect.simulation.people import Person

START = date(2026, 3, 2)
"""A Monday. Streams begin there unless told otherwise, so that they are the same on any day."""


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen of a person, and what is true of them.

    Attributes:
        who: the person with everything around them.
        observations: in the wire's form, in the order of time; entries of the calendar are among
            them, also those that lie ahead.
        calendar: the same entries as an iCalendar file.
        truth: facts and traps, with the observations that show them.
    """

    who: Protagonist
    observations: tuple[ObservationIn, ...]
    calendar: bytes
    truth: Truth


def draw_life(person: Person, seed: int, *, days: int = 7, start: date = START) -> Life:
    """The life of a person of a population; the same arguments give the same bytes.

    Args:
        person: whose tastes in replies it shows; its id names the life.
        seed: another one gives another life.
        days: how long the stream is, at least 1.
        start: its first day.

    Raises:
        InvalidInputError: there are no days.
    """
    if days < 1:
        raise InvalidInputError(f"a life has at least one day, not {days}")
    rng = random.Random(f"{seed}/{person.id}/life")  # noqa: S311 - simulated people are no secret
    who = Protagonist.draw(person, start, days, rng, f"sim-{seed}-{person.id}")
    studio = Studio(who, Desk.draw(who.first, rng))
    threads: list[Thread] = []
    for strand in STRANDS.values():
        threads.append(strand(studio, Thread.joined(threads).facts, rng))
    whole = Thread.joined(threads)
    content = calendar.to_ics(who, whole.entries)
    stream = timeline.run(who, whole.scenes, rng)
    planned = calendar.observed(who, content, whole.entries)
    seen_at = _seen_at(who, stream, planned)
    incidental = [replace(fact, revealed_at=who.moment(days)) for fact in desktop.used(who, stream)]
    truth = Truth(
        name=who.first,
        ends_at=who.moment(days),
        facts=(*(_revealed(fact, who, seen_at) for fact in whole.facts), *incidental),
        traps=tuple(_shown(trap, seen_at) for trap in whole.traps),
    )
    ordered = sorted(
        (one.observation for one in (*stream, *planned)), key=lambda one: one.occurred_at
    )
    return Life(who=who, observations=tuple(ordered), calendar=content, truth=truth)


@dataclass(frozen=True, slots=True)
class _Sight:
    """One observation that shows a fact or sets a trap."""

    key: str
    at: datetime
    is_planned: bool


def _seen_at(
    who: Protagonist, stream: Sequence[Seen], planned: Sequence[Seen]
) -> Mapping[str, list[_Sight]]:
    """By id of a fact or trap, what shows it in the order of time.

    A calendar lies open from the first day on, whenever its entries take place.
    """
    sights: dict[str, list[_Sight]] = defaultdict(list)
    for one in planned:
        for id in (*one.facts, *one.traps):
            sights[id].append(_Sight(one.observation.idempotency_key, who.moment(0), True))
    for one in stream:
        for id in (*one.facts, *one.traps):
            at = one.observation.occurred_at
            sights[id].append(_Sight(one.observation.idempotency_key, at, False))
    return sights


def _revealed(fact: Fact, who: Protagonist, sights: Mapping[str, list[_Sight]]) -> Fact:
    mine = sights.get(fact.id, [])
    days: set[date] = set()
    revealed_at = None
    for sight in mine:
        days.add(sight.at.astimezone(who.zone).date())
        if sight.is_planned or len(days) >= fact.days_needed:
            revealed_at = sight.at
            break
    if revealed_at is not None and fact.valid_from is not None:
        # A calendar shows what it is to become, too; before that it is not yet so.
        revealed_at = max(revealed_at, fact.valid_from)
    return replace(fact, revealed_at=revealed_at, evidence=tuple(sight.key for sight in mine))


def _shown(trap: Trap, sights: Mapping[str, list[_Sight]]) -> Trap:
    mine = sights.get(trap.id, [])
    first = min((sight.at for sight in mine), default=None)
    return replace(trap, shown_at=first, evidence=tuple(sight.key for sight in mine))
