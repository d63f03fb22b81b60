"""What strangers plant: spam, advertisements and phishing."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any, get_args

from idiolect.observe.wire import Trust
from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import PLANTED, Fact, Trap, TrapKind
from idiolect.simulation.lives.scenes import Entry, Scene, Thread
from idiolect.simulation.lives.telling import clashes
from idiolect.simulation.lives.wordings import clip_of, words

PER_DAY = 2.5

READ_SHARE = 0.3
"""That an observer takes for ordinary mail and pages: their trust is ``read``."""

_KINDS: tuple[TrapKind, ...] = tuple(kind for kind in get_args(TrapKind) if kind in PLANTED)


@dataclass(frozen=True, slots=True)
class _Lure:
    """A text of a stranger's, and the traps that it sets whenever it comes."""

    row: Mapping[str, Any]
    slots: Mapping[str, str]
    traps: tuple[Trap, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(trap.id for trap in self.traps)


def falsehoods(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Several a day, none about anything that is true of the person.

    Spam comes again: a long life has each text more than once, which sets the same traps.
    """
    who = studio.who
    number = round(PER_DAY * who.days)
    lures = _lures(studio, known, number, rng)
    scenes: list[Scene] = []
    entries: list[Entry] = []
    for place in range(number):
        time_again, which = divmod(place, len(lures))
        lure, day = lures[which], rng.randrange(who.days)
        if "invite" in lure.row["clip"]:
            entries.append(_invitation(studio, lure, day, time_again))
            continue
        trust: Trust = "read" if rng.random() < READ_SHARE else "untrusted"
        scene = studio.scene(lure.row["clip"], lure.slots, day, rng, trust=trust)
        scenes.append(scene.luring(*lure.ids))
    traps = tuple(trap for lure in lures for trap in lure.traps)
    return Thread(traps=traps, scenes=tuple(scenes), entries=tuple(entries))


def _lures(studio: Studio, known: Sequence[Fact], most: int, rng: random.Random) -> Sequence[_Lure]:
    """So many different texts, or all that there are, shuffled."""
    who = studio.who
    rows = [(kind, row) for kind in _KINDS for row in words("falsehoods")[kind]]
    fitting = [
        (kind, row)
        for kind, row in rng.sample(rows, len(rows))
        if not any(clashes(text, known) for text in row["traps"])
    ]
    lures = []
    for number, (kind, row) in enumerate(fitting[:most]):
        slots = who.slots(rng) | _drawn(rng)
        traps = tuple(
            Trap(f"{who.id}/{kind}-{number}-{place}", kind, text.format_map(slots))
            for place, text in enumerate(row["traps"])
        )
        lures.append(_Lure(row, slots, traps))
    return lures


def _drawn(rng: random.Random) -> dict[str, str]:
    return {
        "amount": str(rng.choice((120, 480, 950, 1400, 2500, 50000))),
        "kilos": str(rng.randint(3, 12)),
        "number": str(rng.randint(10000, 99999)),
        "code": "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=5)),
    }


def _invitation(studio: Studio, lure: _Lure, day: int, time_again: int) -> Entry:
    _, text = clip_of(lure.row["clip"])
    organizer, title, description = text.format_map(lure.slots).split(" // ", 2)
    return Entry(
        id=f"{lure.ids[0]}-{time_again}",
        title=title,
        day=studio.who.date(day),
        begins=time(9),
        minutes=5,
        organizer=organizer,
        description=description,
        traps=lure.ids,
    )
