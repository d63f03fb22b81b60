"""Notes that stand in a dialogue's context, and topics cut down to what the notes say.

A model this small can hold a way of writing and no knowledge. So it is shown notes, as the platform
retrieves them from its handbook, and learns to write from these: a reply says nothing that does not
stand in them, and where they have nothing on the matter, it says so.
"""

import dataclasses
import random
import re
from collections.abc import Sequence

from idiolect.handbook.notes import FEWEST_POINTS, MOST_POINTS
from idiolect.handbook.notes import take_notes as cut
from idiolect.handbook.topics import Point, Topic
from tools.bundled_model.styles import Style

NEAR_SHARE = 0.5
WHOLE_SHARE, WHOLE_BRIEF_SHARE = 0.5, 0.3
"""Of notes, those that hold all there is."""

EXTRA_SHARE = 0.5
QUESTION_SHARE = 0.85
_CLAUSE_END = re.compile(r",| because | since | so that | which ")
_CLAUSE_WORDS = 3, 12

_EXTRAS = ("why", "technical", "example", "caution")


def take_notes(
    topic: Topic, rng: random.Random, style: Style | None = None, *, brief: bool = False
) -> Topic:
    """Draw some of what a topic says: the topic with nothing in it but what is noted.

    How much is noted says little about the style: the platform notes all that there is room for,
    mostly with a question to ask back, whatever the user likes.

    Args:
        topic: all there is.
        rng: decides which points and remarks are noted.
        style: of the reply that is to be written from them, so that there is enough for it: a
            question back if it ends with one, all points if it is long.
        brief: mostly as little as the style allows.
    """
    is_whole = (style is not None and style.length == "long") or (
        rng.random() < (WHOLE_BRIEF_SHARE if brief else WHOLE_SHARE)
    )
    number = MOST_POINTS if is_whole else FEWEST_POINTS
    if not (is_whole or brief):
        number = rng.randint(FEWEST_POINTS, MOST_POINTS)
    kept = sorted(rng.sample(range(len(topic.points)), min(number, len(topic.points))))
    extras = {name: is_whole or (not brief and rng.random() < EXTRA_SHARE) for name in _EXTRAS}
    asks = rng.random() < QUESTION_SHARE or (style is not None and style.question)
    return dataclasses.replace(
        topic,
        points=tuple(Point(clause(long), long) for _, long in map(topic.points.__getitem__, kept)),
        question=topic.question if asks else "",
        **{name: getattr(topic, name) if is_kept else "" for name, is_kept in extras.items()},
    )


def fitted(topic: Topic, room: int, rng: random.Random) -> Topic:
    """What the platform would note of a topic in so many characters, its best points drawn."""
    order = rng.sample(range(len(topic.points)), len(topic.points))
    return cut(topic, order, room) or take_notes(topic, rng, brief=True)


def clause(sentence: str) -> str:
    """What a list says of a sentence: its beginning, as far as that stands by itself.

    "Close the window, because rain comes in." is "Close the window". Words that do not stand in
    the notes would have to be known by heart.
    """
    start = _CLAUSE_END.split(sentence, maxsplit=1)[0]
    fewest, most = _CLAUSE_WORDS
    return start.rstrip(".") if fewest <= len(start.split()) <= most else sentence


def neighbors(topics: Sequence[Topic], topic: Topic, count: int, rng: random.Random) -> list[Topic]:
    """Draw topics that a retriever may bring beside the right one: half of its area."""
    near = [other for other in topics if other.area == topic.area and other is not topic]
    far = [other for other in topics if other.area != topic.area]
    of_near = sum(rng.random() < NEAR_SHARE for _ in range(count)) if near else 0
    drawn = [*rng.sample(near, min(of_near, len(near))), *rng.sample(far, count - of_near)]
    return rng.sample(drawn, len(drawn))


def join(predicate: str, noted: Topic) -> tuple[str, Topic]:
    """A sentence that joins a fact to something noted, saying nothing beyond the two.

    Args:
        predicate: of the third person plural ("edit videos as a hobby").
        noted: its first point is joined.

    Returns:
        The sentence, and the topic without that point, which need not be said twice.
    """
    point = noted.points[0].long
    first, _, rest = point.partition(" ")
    lowered = first if first in ("I", "A") or first.isupper() else first[:1].lower() + first[1:]
    left = dataclasses.replace(noted, points=noted.points[1:])
    return f"Since you {predicate}, {lowered} {rest}", left


def unsaid(noted: Topic, said: str) -> Topic:
    """A topic without the points that stand in a text."""
    text = said.casefold()
    return dataclasses.replace(
        noted,
        points=tuple(
            point
            for point in noted.points
            if point.short.casefold() not in text and point.long.casefold() not in text
        ),
    )
