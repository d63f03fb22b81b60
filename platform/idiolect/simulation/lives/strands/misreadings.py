"""Honest words that a careless reader would take for the person's own, or for earnest."""

import random
from collections.abc import Mapping, Sequence
from datetime import time
from itertools import cycle, islice
from typing import Any

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact, Trap, TrapKind
from idiolect.simulation.lives.scenes import Entry, Scene, Thread
from idiolect.simulation.lives.strands.hobbies import forms, some_predicates
from idiolect.simulation.lives.telling import clashes
from idiolect.simulation.lives.wordings import words

FRAMES_PER_DAY = 1.5
"""What others say, what is quoted, and what is said not to be so."""

_JOKES, _GUESSES, _INVITATIONS = 2, 2, 1


def misreadings(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Others' facts, quotations, denials, jokes, an assistant's guesses, declined invitations."""
    texts = words("misreadings")
    threads = [
        *_frames(studio, known, rng),
        *_fixed(studio, known, "joke", _JOKES, rng),
        *_fixed(studio, known, "guess", _GUESSES, rng),
        *(
            _invitation(studio, row, number, rng)
            for number, row in enumerate(_harmless(texts["invitation"], studio, known, rng))
            if number < _INVITATIONS
        ),
    ]
    return Thread.joined(threads)


def _frames(studio: Studio, known: Sequence[Fact], rng: random.Random) -> list[Thread]:
    who, frames = studio.who, words("misreadings")["frame"]
    number = round(FRAMES_PER_DAY * who.days)
    predicates = some_predicates(studio, known, number, rng)
    threads: list[Thread] = []
    for place, predicate in islice(cycle(enumerate(predicates)), number):
        frame = frames[place % len(frames)]
        trap = Trap(f"{who.id}/misread-{place}", frame["kind"], predicate.of(who.first))
        slots = who.slots(rng) | forms(predicate)
        clip = who.wordings.draw(frame["clips"])
        scene = studio.scene(clip, slots, rng.randrange(who.days), rng)
        # In a long life things are said again, which sets the same trap.
        is_new = len(threads) < len(predicates)
        threads.append(Thread(traps=(trap,) if is_new else (), scenes=(scene.luring(trap.id),)))
    return threads


def _fixed(
    studio: Studio, known: Sequence[Fact], kind: TrapKind, number: int, rng: random.Random
) -> list[Thread]:
    who, threads = studio.who, []
    rows = _harmless(words("misreadings")[kind], studio, known, rng)
    for place, row in enumerate(rows[:number]):
        trap = Trap(f"{who.id}/{kind}-{place}", kind, row["trap"].format(me=who.first))
        day = rng.randrange(who.days)
        scene: Scene = studio.scene(rng.choice(row["clips"]), who.slots(rng), day, rng)
        threads.append(Thread(traps=(trap,), scenes=(scene.luring(trap.id),)))
    return threads


def _invitation(studio: Studio, row: Mapping[str, Any], number: int, rng: random.Random) -> Thread:
    """An entry that somebody else put into the calendar, and a refusal elsewhere."""
    who = studio.who
    trap = Trap(f"{who.id}/invitation-{number}", "invitation", row["trap"].format(me=who.first))
    slots = who.slots(rng) | {"title": row["title"]}
    entry = Entry(
        id=trap.id,
        title=row["title"],
        day=who.date(who.days + rng.randint(1, 10)),
        begins=time(rng.randint(17, 20)),
        minutes=120,
        organizer=slots["friend"],
        traps=(trap.id,),
    )
    clips = words("misreadings")["decline"]["clips"]
    scene = studio.scene(rng.choice(clips), slots, rng.randrange(who.days), rng)
    return Thread(traps=(trap,), scenes=(scene,), entries=(entry,))


def _harmless(
    rows: Sequence[Mapping[str, Any]], studio: Studio, known: Sequence[Fact], rng: random.Random
) -> list[Mapping[str, Any]]:
    """Rows whose trap is about nothing that is true, shuffled."""
    me = studio.who.first
    shuffled = rng.sample(rows, len(rows))
    return [row for row in shuffled if not clashes(row["trap"].format(me=me), known)]
