"""How facts come to be seen: texts put on days, and the words that would give them away."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Scene
from idiolect.simulation.lives.wordings import Clip, words

_WORD = re.compile(r"[a-z]+")


def seen_on(
    studio: Studio,
    fact: Fact,
    clips: Sequence[Clip],
    days: Iterable[int],
    rng: random.Random,
    slots: Mapping[str, str] | None = None,
) -> list[Scene]:
    """One scene on each of some days that shows a fact, in texts that are not repeated soon.

    Args:
        studio: where the scenes are made.
        fact: what they show.
        clips: texts to draw from, as they were loaded.
        days: on which it is seen.
        rng: decides how.
        slots: what further slots stand for.
    """
    who = studio.who
    return [
        studio.scene(
            who.wordings.draw(clips), {**who.slots(rng), **(slots or {})}, day, rng
        ).showing(fact.id)
        for day in days
    ]


@lru_cache(maxsize=4096)
def stems(statement: str) -> frozenset[str]:
    """The words that say what a statement is about, cut to five letters; its subject is left out.

    Two statements of which none is in both are about different things.
    """
    light = words("predicates")["light"]
    found = _WORD.findall(statement.lower())[1:]
    return frozenset(word[:5] for word in found if word not in light and len(word) > 2)


def clashes(statement: str, known: Iterable[Fact]) -> bool:
    """Whether a statement is about something that one of the facts is about, too."""
    mine = stems(statement)
    return any(not mine.isdisjoint(stems(text)) for fact in known for text in _texts(fact))


def _texts(fact: Fact) -> tuple[str, ...]:
    return (fact.statement, *fact.wordings)
