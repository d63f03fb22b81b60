"""Family, partners, animals and other people with a name."""

import random
from collections.abc import Sequence
from typing import Any

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact, Revelation
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.telling import seen_on
from idiolect.simulation.lives.wordings import words

_NUMBER = 4
_PARTNERS = frozenset({"husband", "wife", "boyfriend", "girlfriend"})
_REVELATIONS: tuple[Revelation, ...] = ("stated", "shown", "hidden")
_WEIGHTS = (0.6, 0.3, 0.1)


def relations(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Several people or animals around somebody, at most one of them a partner."""
    del known
    facts: list[Fact] = []
    scenes: list[Scene] = []
    for row in _roles(rng):
        fact, name = _fact(studio, row, rng)
        facts.append(fact)
        if fact.revelation == "hidden":
            continue
        days = studio.who.some_days(rng.randint(1, 2), rng)
        scenes += seen_on(studio, fact, row[fact.revelation], days, rng, {"name": name})
    return Thread(facts=tuple(facts), scenes=tuple(scenes))


def _roles(rng: random.Random) -> list[dict[str, Any]]:
    rows = words("relations")["relation"]
    shuffled = rng.sample(rows, len(rows))
    partners = [row for row in shuffled if row["role"] in _PARTNERS][1:]
    return [row for row in shuffled if row not in partners][:_NUMBER]


def _fact(studio: Studio, row: dict[str, Any], rng: random.Random) -> tuple[Fact, str]:
    who, role = studio.who, row["role"]
    name = who.cast.name(row.get("names", ""))
    (revelation,) = rng.choices(_REVELATIONS, _WEIGHTS)
    article = "an" if role[0] in "aeiou" else "a"
    return (
        Fact(
            id=f"{who.id}/relation-{role.replace(' ', '-')}",
            kind="relation",
            statement=f"{who.first} has {article} {role} called {name}.",
            wordings=tuple(text.format(me=who.first, name=name) for text in row["wordings"]),
            durability=0.95,
            revelation=revelation,
        ),
        name,
    )
