"""Candidate replies to choose from: the advice of a handbook's topic, in many manners.

The content is the handbook's; the manner is drawn, so that every attribute that people judge by
differs between the replies to one question. They are written by a program and read like it.
"""

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from idiolect.errors import InvalidInputError
from idiolect.handbook.topics import Topic, load_topics
from idiolect.simulation.choices import Candidates

Layout = Literal["prose", "bullets", "steps"]
Voice = Literal["plain", "formal", "casual", "warm", "playful"]
Force = Literal["commanding", "suggesting", "own_view"]

LAYOUTS: tuple[Layout, ...] = ("prose", "prose", "bullets", "steps")
VOICES: tuple[Voice, ...] = ("plain", "plain", "formal", "casual", "warm", "playful")
FORCES: tuple[Force, ...] = ("commanding", "commanding", "suggesting", "own_view")

_ATTEMPTS = 50


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reply is written, whatever it says.

    Attributes:
        points: how many pieces of advice it gives.
        layout: of them.
        voice: of what stands around them.
        force: whether they are commands, suggestions, or the writer's own way.
        is_full: whether points are whole sentences with their reasons, or a few words each.
        emoji: how many.
        asks: whether it ends with a question.
        gives_example: whether it gives one.
        is_technical: whether it adds the technical terms.
    """

    points: int = 3
    layout: Layout = "prose"
    voice: Voice = "plain"
    force: Force = "commanding"
    is_full: bool = True
    emoji: int = 0
    asks: bool = False
    gives_example: bool = False
    is_technical: bool = False

    @classmethod
    def draw(cls, rng: random.Random) -> "Manner":
        """Each part by itself, so that none tells another."""
        return cls(
            points=rng.randint(1, 6),
            layout=rng.choice(LAYOUTS),
            voice=rng.choice(VOICES),
            force=rng.choice(FORCES),
            is_full=rng.random() < 0.6,
            emoji=rng.choice((0, 0, 0, 1, 2)),
            asks=rng.random() < 0.4,
            gives_example=rng.random() < 0.35,
            is_technical=rng.random() < 0.3,
        )


def write_reply(topic: Topic, manner: Manner, rng: random.Random) -> str:
    """A reply about a topic in a manner; what is left open is drawn."""
    texts = _texts()
    voice = texts["voice"][manner.voice]
    opening = rng.choice(voice["openings"]).format(topic=topic.name)
    items = _points(topic, manner, rng)
    after = [
        topic.example if manner.gives_example else "",
        topic.technical if manner.is_technical else "",
        rng.choice(texts["suggesting"]["doubts"]) if manner.force == "suggesting" else "",
        rng.choice(voice["closings"]),
        topic.question if manner.asks else "",
    ]
    if manner.layout == "prose":
        return " ".join(filter(None, _cheered([opening, *items, *after], manner, rng)))
    lead = rng.choice(voice["leads"])
    marks = [f"{n}." if manner.layout == "steps" else "-" for n in range(1, len(items) + 1)]
    lines = [f"{mark} {item}" for mark, item in zip(marks, items, strict=True)]
    head, *tail = _cheered([f"{opening} {lead}".strip(), *after], manner, rng)
    return "\n".join(filter(None, [head, *lines, " ".join(filter(None, tail))]))


def write_candidates(number: int, replies: int, seed: int) -> tuple[Candidates, ...]:
    """Questions of the handbook, each of another topic, with different replies to each.

    Args:
        number: of questions, at most as many as the handbook has topics.
        replies: to each, at least 2.
        seed: the same one gives the same texts.

    Raises:
        InvalidInputError: there are not so many topics, or fewer than two replies are wanted.
    """
    topics = load_topics()
    if not 1 <= number <= len(topics) or replies < 2:
        raise InvalidInputError(
            f"{number} questions with {replies} replies each cannot be made",
            hint=f"Ask for 1 to {len(topics)} questions and at least 2 replies.",
        )
    rng = random.Random(f"{seed}/candidates")  # noqa: S311 - simulated people are no secret
    made = []
    for topic in rng.sample(topics, number):
        question = {"role": "user", "content": rng.choice(topic.asks)}
        made.append(Candidates((question,), _different(topic, replies, rng)))
    return tuple(made)


def _different(topic: Topic, number: int, rng: random.Random) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for _ in range(_ATTEMPTS * number):
        found[write_reply(topic, Manner.draw(rng), rng)] = None
        if len(found) == number:
            return tuple(found)
    raise InvalidInputError(f"{number} different replies about {topic.name} cannot be written")


def _points(topic: Topic, manner: Manner, rng: random.Random) -> list[str]:
    """Pieces of advice in the topic's order, the first of them in the manner's force."""
    chosen = sorted(rng.sample(range(len(topic.points)), min(manner.points, len(topic.points))))
    points = [topic.points[place] for place in chosen]
    texts = [point.long if manner.is_full else f"{point.short}." for point in points]
    frames: Sequence[str] = _texts()[manner.force]["before"]
    framed = 1 if manner.force == "own_view" else len(texts)
    return [
        rng.choice(frames).format(point=text) if place < framed else text
        for place, text in enumerate(texts)
    ]


def _cheered(parts: Sequence[str], manner: Manner, rng: random.Random) -> list[str]:
    """The parts with the manner's emoji, each after a part that says something."""
    cheered = list(parts)
    places = [place for place, part in enumerate(parts) if part]
    for place in rng.sample(places, min(manner.emoji, len(places))):
        cheered[place] = f"{cheered[place]} {rng.choice(_texts()['emoji']['signs'].split())}"
    return cheered


@cache
def _texts() -> Mapping[str, Any]:
    with (Path(__file__).resolve().parent / "replies.toml").open("rb") as file:
        return tomllib.load(file)
