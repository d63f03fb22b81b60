"""Where somebody lives, and small things about them that the stream never tells."""

import random
from collections.abc import Sequence

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.grammar import Predicate
from idiolect.simulation.lives.scenes import Thread
from idiolect.simulation.lives.telling import clashes, seen_on
from idiolect.simulation.lives.wordings import words

_STATED_SHARE = 0.5
_HIDDEN = 3


def home(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """The town, said or shown by parcels and timetables."""
    who, me = studio.who, studio.who.first
    is_stated = rng.random() < _STATED_SHARE
    town = Fact(
        id=f"{who.id}/home",
        kind="home",
        statement=f"{me} lives in {who.town}.",
        wordings=(f"{me}'s home is in {who.town}.", f"{me} is based in {who.town}."),
        durability=0.9,
        revelation="stated" if is_stated else "shown",
        days_needed=1 if is_stated else 2,
    )
    texts = words("home")["town"]
    scenes = seen_on(studio, town, texts["shown"], who.some_days(3, rng), rng)
    if is_stated:
        scenes += seen_on(studio, town, texts["stated"], who.some_days(1, rng), rng)
    predicates = [text.format(year=rng.randint(60, 99)) for text in words("home")["hidden"]]
    unknown = [one for one in predicates if not clashes(f"{me} {one}.", known)]
    hidden = [
        Fact(
            id=f"{who.id}/hidden-{number}",
            kind="taste",
            statement=Predicate(predicate).of(me),
            durability=0.9,
            revelation="hidden",
        )
        for number, predicate in enumerate(rng.sample(unknown, _HIDDEN))
    ]
    return Thread(facts=(town, *hidden), scenes=tuple(scenes))
