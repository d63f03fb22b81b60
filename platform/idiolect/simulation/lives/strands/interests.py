"""Topics that somebody reads about again and again, without saying so, and some met in passing."""

import random
import re
from collections.abc import Sequence

from idiolect.handbook.topics import Topic, load_topics
from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.telling import clashes, seen_on
from idiolect.simulation.lives.wordings import words

_LASTING, _PASSING = 2, 3
_DAYS_NEEDED = 3
_ABOUT_ASSISTANTS = "small talk and the assistant"
_PERSONAL = re.compile(r"\b(?:i|i'\w+|my|me|mine|we|our|us)\b", re.IGNORECASE)


def interests(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Two topics on several days each; from others, read once, nothing follows."""
    who, me = studio.who, studio.who.first
    clips = words("interests")["clips"]
    topics = _topics(studio, known, rng)
    facts: list[Fact] = []
    scenes: list[Scene] = []
    for number, topic in enumerate(topics[:_LASTING]):
        fact = Fact(
            id=f"{who.id}/interest-{number}",
            kind="interest",
            statement=f"{me} is interested in {topic.name}.",
            wordings=(f"{me} reads about {topic.name}.", f"{me} is learning about {topic.name}."),
            durability=0.5,
            revelation="shown",
            days_needed=_DAYS_NEEDED,
        )
        facts.append(fact)
        for day in who.some_days(rng.randint(_DAYS_NEEDED, _DAYS_NEEDED + 2), rng):
            scenes += seen_on(studio, fact, clips, [day], rng, _slots(topic, rng))
    pages = [clip for clip in clips if "page" in clip]
    for topic in topics[_LASTING:]:
        for day in who.some_days(1, rng):
            slots = who.slots(rng) | _slots(topic, rng)
            scenes.append(studio.scene(rng.choice(pages), slots, day, rng))
    return Thread(facts=tuple(facts), scenes=tuple(scenes))


def _topics(studio: Studio, known: Sequence[Fact], rng: random.Random) -> list[Topic]:
    every = load_topics()
    fitting = (
        topic
        for topic in rng.sample(every, len(every))
        if topic.area != _ABOUT_ASSISTANTS
        and _impersonal_asks(topic)
        and not clashes(f"{studio.who.first} {topic.name}", known)
    )
    return [next(fitting) for _ in range(_LASTING + _PASSING)]


def _impersonal_asks(topic: Topic) -> list[str]:
    """What is asked about it without saying something of who asks."""
    return [ask for ask in topic.asks if _PERSONAL.search(ask) is None]


def _slots(topic: Topic, rng: random.Random) -> dict[str, str]:
    (_, point), (_, point2) = rng.sample(topic.points, 2)
    return {
        "topic": topic.name,
        "ask": rng.choice(_impersonal_asks(topic)),
        "point": point,
        "point2": point2,
        "why": topic.why,
    }
