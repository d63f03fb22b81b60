"""Notes that stand in a dialogue's context, and topics cut down to what the notes say.

A model this small can hold a way of writing and no knowledge. So it is shown notes, as the platform
retrieves them from its handbook, and learns to write from these: a reply says nothing that does not
stand in them, and where they have nothing on the matter, it says so.
"""

import dataclasses
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.handbook.notes import ASK_BACK, FEWEST_POINTS, MOST_POINTS, heading
from idiolect.handbook.topics import Point, Topic
from tools.bundled_model.styles import Style

EXTRA_SHARE = 0.5
QUESTION_SHARE = 0.4
_CLAUSE_END = re.compile(r",| because | since | so that | which ")
_CLAUSE_WORDS = 3, 12

_EXTRAS = ("why", "technical", "example", "caution")


@dataclass(frozen=True)
class Notes:
    """What is noted on one topic.

    Attributes:
        topic: the topic with nothing in it but what is noted.
        lines: one sentence each, in the topic's order.
    """

    topic: Topic
    lines: tuple[str, ...]

    @property
    def section(self) -> str:
        """The notes as the platform puts them into a system message."""
        return "\n".join([heading(self.topic.name), *(f"- {line}" for line in self.lines)])


def take_notes(
    topic: Topic, rng: random.Random, style: Style | None = None, *, brief: bool = False
) -> Notes:
    """Draw some of what a topic says.

    Args:
        topic: all there is.
        rng: decides which points and remarks are noted.
        style: of the reply that is to be written from them, so that there is enough for it: a
            question back if it ends with one, all points if it is long.
        brief: as little as the style allows.
    """
    is_long = style is not None and style.length == "long"
    most = FEWEST_POINTS if brief else MOST_POINTS
    number = MOST_POINTS if is_long else rng.randint(FEWEST_POINTS, most)
    kept = sorted(rng.sample(range(len(topic.points)), min(number, len(topic.points))))
    extras = {name: is_long or (not brief and rng.random() < EXTRA_SHARE) for name in _EXTRAS}
    asks = (not brief and rng.random() < QUESTION_SHARE) or (style is not None and style.question)
    noted = dataclasses.replace(
        topic,
        points=tuple(Point(clause(long), long) for _, long in map(topic.points.__getitem__, kept)),
        question=topic.question if asks else "",
        **{name: getattr(topic, name) if is_kept else "" for name, is_kept in extras.items()},
    )
    lines = [
        noted.why,
        *(long for _, long in noted.points),
        noted.technical,
        noted.example,
        noted.caution,
        f"{ASK_BACK} {noted.question}" if asks else "",
    ]
    return Notes(noted, tuple(filter(None, lines)))


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
    return [rng.choice(near if near and rng.random() < 0.5 else far) for _ in range(count)]


def tie_of(predicate: str, notes: Notes, rng: random.Random) -> str:
    """A sentence that joins a fact to something noted, saying nothing beyond the two.

    Args:
        predicate: of the third person plural ("edit videos as a hobby").
        notes: one of their points is joined.
    """
    _, point = rng.choice(notes.topic.points)
    first, _, rest = point.partition(" ")
    lowered = first if first in ("I", "A") or first.isupper() else first[:1].lower() + first[1:]
    return f"Since you {predicate}, {lowered} {rest}"
