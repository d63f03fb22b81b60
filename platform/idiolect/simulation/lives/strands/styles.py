"""How somebody likes to be answered: what their hidden utility leans to, said to an assistant."""

import random
from collections.abc import Sequence

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.telling import seen_on
from idiolect.simulation.lives.wordings import words
from idiolect.simulation.people import Person

_MOST = 3
_LEAST_SHARE = 0.5
"""Of the strongest leaning's weight, that another one must have to be worth a word."""


def styles(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """The strongest leanings of the utility on the first day; ideals are not put into words."""
    del known
    facts: list[Fact] = []
    scenes: list[Scene] = []
    for name, side in leanings(studio.who.person):
        row = words("styles")[name][side]
        fact = Fact(
            id=f"{studio.who.id}/style-{name}",
            kind="style",
            statement=row["statement"].format(me=studio.who.first),
            wordings=tuple(text.format(me=studio.who.first) for text in row["wordings"]),
            durability=0.8,
        )
        facts.append(fact)
        most = min(2, len(row["clips"]))
        days = studio.who.some_days(rng.randint(1, most), rng)
        scenes += seen_on(studio, fact, row["clips"], days, rng)
    return Thread(facts=tuple(facts), scenes=tuple(scenes))


def leanings(person: Person) -> list[tuple[str, str]]:
    """Attributes with ``more`` or ``less``, the strongest first."""
    weights = {
        name: liking.weight
        for name, liking in person.utility.likings.items()
        if liking.ideal is None and name in words("styles")
    }
    strongest = max(map(abs, weights.values()), default=0.0)
    chosen = [name for name in weights if abs(weights[name]) >= _LEAST_SHARE * strongest > 0]
    chosen.sort(key=lambda name: (-abs(weights[name]), name))
    return [(name, "more" if weights[name] > 0 else "less") for name in chosen[:_MOST]]
