"""Hobbies, possessions and circumstances, from what the handbook says that people are or do."""

import random
from collections.abc import Iterator, Sequence
from functools import cache

from idiolect.handbook.topics import load_topics
from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact, Revelation
from idiolect.simulation.lives.grammar import Predicate
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.telling import clashes, seen_on
from idiolect.simulation.lives.wordings import Clip, clip_of, words

_REVELATIONS: tuple[Revelation, ...] = ("stated", "stated", "stated", "shown", "hidden")


def predicates() -> Iterator[str]:
    """What somebody may be, have or do for long, without contradicting the rest of their life."""
    kinds = {name: frozenset(listed) for name, listed in words("predicates").items()}
    for topic in load_topics():
        for predicate in (fact.text for fact in topic.facts):
            found = predicate.split()
            if found[0] == "has" and found[1] not in kinds["owned"]:
                continue
            if found[0] in kinds["lasting"] and kinds["elsewhere"].isdisjoint(found):
                yield predicate


def hobbies(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Several such predicates, most of them said by the person, one by others, one by nobody."""
    who = studio.who
    drawn = some_predicates(studio, known, len(_REVELATIONS), rng)
    facts: list[Fact] = []
    scenes: list[Scene] = []
    for number, (predicate, revelation) in enumerate(zip(drawn, _REVELATIONS, strict=True)):
        fact = Fact(
            id=f"{who.id}/hobby-{number}",
            kind="hobby",
            statement=predicate.of(who.first),
            durability=0.7,
            revelation=revelation,
        )
        facts.append(fact)
        if revelation != "hidden":
            clips = frames("clips" if revelation == "stated" else "told", predicate)
            days = who.some_days(rng.randint(1, 2), rng)
            scenes += seen_on(studio, fact, clips, days, rng, forms(predicate))
    return Thread(facts=tuple(facts), scenes=tuple(scenes))


def some_predicates(
    studio: Studio, known: Sequence[Fact], number: int, rng: random.Random
) -> list[Predicate]:
    """Predicates about different things, none of them anything that is known already."""
    drawn: list[Predicate] = []
    met = list(known)
    every = sorted(set(predicates()))
    for text in rng.sample(every, len(every)):
        statement = Predicate(text).of(studio.who.first)
        if len(drawn) < number and not clashes(statement, met):
            drawn.append(Predicate(text))
            met.append(Fact(id="", kind="hobby", statement=statement))
    return drawn


def frames(name: str, predicate: Predicate) -> Sequence[Clip]:
    """Frames of ``words/stated.toml`` that suit a predicate."""
    return _frames(name, predicate.third.split()[0] in words("predicates")["states"])


@cache
def _frames(name: str, is_state: bool) -> Sequence[Clip]:
    every: Sequence[Clip] = words("stated")[name]
    return [clip for clip in every if not (is_state and "{ing}" in clip_of(clip)[1])]


def forms(predicate: Predicate) -> dict[str, str]:
    """The slots of frames in which somebody says it of themself or of others."""
    return {"i": predicate.first, "they": predicate.third, "ing": predicate.gerund}
