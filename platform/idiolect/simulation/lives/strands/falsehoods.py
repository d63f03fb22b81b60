"""What strangers plant: spam, advertisements and phishing."""

import random
from collections.abc import Mapping, Sequence
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


def falsehoods(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Several a day, none about anything that is true of the person."""
    who = studio.who
    rows = [(kind, row) for kind in _KINDS for row in words("falsehoods")[kind]]
    fitting = [
        (kind, row)
        for kind, row in rng.sample(rows, len(rows))
        if not any(clashes(text, known) for text in row["traps"])
    ]
    traps: list[Trap] = []
    scenes: list[Scene] = []
    entries: list[Entry] = []
    for number, (kind, row) in enumerate(fitting[: round(PER_DAY * who.days)]):
        slots = who.slots(rng) | _drawn(rng)
        set_here = [
            Trap(f"{who.id}/{kind}-{number}-{place}", kind, text.format_map(slots))
            for place, text in enumerate(row["traps"])
        ]
        traps += set_here
        ids = tuple(trap.id for trap in set_here)
        day = rng.randrange(who.days)
        if "invite" in row["clip"]:
            entries.append(_invitation(studio, row, slots, day, ids))
            continue
        trust: Trust = "read" if rng.random() < READ_SHARE else "untrusted"
        scenes.append(studio.scene(row["clip"], slots, day, rng, trust=trust).luring(*ids))
    return Thread(traps=tuple(traps), scenes=tuple(scenes), entries=tuple(entries))


def _drawn(rng: random.Random) -> dict[str, str]:
    return {
        "amount": str(rng.choice((120, 480, 950, 1400, 2500, 50000))),
        "kilos": str(rng.randint(3, 12)),
        "number": str(rng.randint(10000, 99999)),
        "code": "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=5)),
    }


def _invitation(
    studio: Studio,
    row: Mapping[str, Any],
    slots: Mapping[str, str],
    day: int,
    traps: tuple[str, ...],
) -> Entry:
    _, text = clip_of(row["clip"])
    organizer, title, description = text.format_map(slots).split(" // ", 2)
    return Entry(
        id=f"{studio.who.id}/{traps[0].rpartition('/')[2]}",
        title=title,
        day=studio.who.date(day),
        begins=time(9),
        minutes=5,
        organizer=organizer,
        description=description,
        traps=traps,
    )
