"""How somebody likes to be answered: what their hidden utility leans to, said to an assistant."""

import math
import random
from collections.abc import Sequence

from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Thread
from idiolect.simulation.lives.telling import seen_on
from idiolect.simulation.lives.wordings import words
from idiolect.simulation.utility import Utility

_MOST = 3
_LEAST_SHARE = 0.5
"""Of the strongest leaning's weight, that another one must have to be worth a word."""


def styles(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """The strongest leanings of the utility; ideals are not put into words.

    Where a taste drifts, those of the utility that it comes from hold until the day on which the
    one that it goes to weighs as much, unless that leans to the same side; its own hold from then.
    """
    del known
    person = studio.who.person
    now = leanings(person.utility)
    turn = math.ceil(person.drift.turn) if person.drift else studio.who.days
    if person.drift is None or turn >= studio.who.days:
        return Thread.joined([_style(studio, name, side, rng) for name, side in now])
    toward = person.drift.toward
    threads = [
        _style(studio, name, side, rng, until=None if _side(toward, name) == side else turn)
        for name, side in now
    ]
    threads += [
        _style(studio, name, side, rng, since=turn)
        for name, side in leanings(toward)
        if (name, side) not in now
    ]
    return Thread.joined(threads)


def leanings(utility: Utility) -> list[tuple[str, str]]:
    """Attributes with ``more`` or ``less``, the strongest first."""
    weights = {
        name: liking.weight
        for name, liking in utility.likings.items()
        if name in words("styles") and _side(utility, name)
    }
    strongest = max(map(abs, weights.values()), default=0.0)
    chosen = [name for name in weights if abs(weights[name]) >= _LEAST_SHARE * strongest]
    chosen.sort(key=lambda name: (-abs(weights[name]), name))
    return [(name, _side(utility, name)) for name in chosen[:_MOST]]


def _side(utility: Utility, name: str) -> str:
    """To which side the utility leans; empty for an ideal, or what it does not care about."""
    liking = utility.likings.get(name)
    if liking is None or liking.ideal is not None or liking.weight == 0:
        return ""
    return "more" if liking.weight > 0 else "less"


def _style(
    studio: Studio,
    name: str,
    side: str,
    rng: random.Random,
    *,
    since: int = 0,
    until: int | None = None,
) -> Thread:
    """A leaning, and what is said of it from a day on and before another."""
    who, row = studio.who, words("styles")[name][side]
    fact = Fact(
        id=f"{who.id}/style-{name}{'-later' if since else ''}",
        kind="style",
        statement=row["statement"].format(me=who.first),
        wordings=tuple(text.format(me=who.first) for text in row["wordings"]),
        durability=0.8,
        valid_from=who.moment(since) if since else None,
        valid_to=None if until is None else who.moment(until),
    )
    most = min(2, len(row["clips"]))
    days = who.some_days(rng.randint(1, most), rng, since=since, until=until)
    return Thread(facts=(fact,), scenes=tuple(seen_on(studio, fact, row["clips"], days, rng)))
