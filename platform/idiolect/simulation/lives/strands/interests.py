"""Topics that somebody reads about again and again, without saying so, and some met in passing.

Whose utility likes areas of the handbook reads about topics of these; others read about anything.
"""

import random
import re
from collections.abc import Sequence
from itertools import islice

from idiolect.handbook.topics import Topic, load_topics
from idiolect.simulation.attributes.topic import PREFIX
from idiolect.simulation.lives.channels import Studio
from idiolect.simulation.lives.facts import Fact
from idiolect.simulation.lives.scenes import Scene, Thread
from idiolect.simulation.lives.telling import clashes, seen_on
from idiolect.simulation.lives.wordings import words
from idiolect.simulation.people import Person

_LASTING, _PASSING = 2, 3
_DAYS_NEEDED = 3
_ABOUT_ASSISTANTS = "small talk and the assistant"
_PERSONAL = re.compile(r"\b(?:i|i'\w+|my|me|mine|we|our|us)\b", re.IGNORECASE)


def interests(studio: Studio, known: Sequence[Fact], rng: random.Random) -> Thread:
    """Two topics on several days each; from others, read once, nothing follows."""
    who, me = studio.who, studio.who.first
    clips = words("interests")["clips"]
    lasting, passing = _topics(studio, known, rng)
    facts: list[Fact] = []
    scenes: list[Scene] = []
    for number, topic in enumerate(lasting):
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
    for topic in passing:
        for day in who.some_days(1, rng):
            slots = who.slots(rng) | _slots(topic, rng)
            scenes.append(studio.scene(rng.choice(pages), slots, day, rng))
    return Thread(facts=tuple(facts), scenes=tuple(scenes))


def liked_areas(person: Person) -> frozenset[str]:
    """Names of the handbook's areas that the hidden utility likes."""
    return frozenset(
        name.removeprefix(PREFIX)
        for name, liking in person.utility.likings.items()
        if name.startswith(PREFIX) and liking.weight > 0
    )


def _topics(
    studio: Studio, known: Sequence[Fact], rng: random.Random
) -> tuple[list[Topic], list[Topic]]:
    """Topics that somebody comes back to, and others that they meet once."""
    every = [topic for topic in load_topics() if topic.area != _ABOUT_ASSISTANTS]
    shuffled = rng.sample(every, len(every))

    def is_fitting(topic: Topic) -> bool:
        about = f"{studio.who.first} {topic.name}"
        return bool(_impersonal_asks(topic)) and not clashes(about, known)

    liked = liked_areas(studio.who.person)
    liked_first = sorted(shuffled, key=lambda topic: topic.area not in liked)
    lasting = list(islice(filter(is_fitting, liked_first), _LASTING))
    others = (topic for topic in shuffled if topic not in lasting)
    return lasting, list(islice(filter(is_fitting, others), _PASSING))


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
