"""Notes: what stands in a model's context about a topic, and how much of it.

Notes are a topic with less in it. Their form is a contract: the bundled model is trained on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from idiolect.handbook.topics import Topic

FEWEST_POINTS, MOST_POINTS = 3, 6
"""How many pieces of advice the notes on a topic have."""

ASK_BACK = "Ask back:"

NOTHING_NOTED = "Notes: nothing on this."
"""Stands in the place of notes when the handbook was asked and has none."""

POINT = "point"
BY_WORTH = (
    *(POINT, POINT, POINT, "why", "question", POINT),
    *("example", "caution", POINT, "technical", POINT),
)
"""What goes into the notes first where not all of it fits."""

_REMARKS = ("why", "technical", "example", "caution", "question")
_BLANK_LINE = 2  # characters between two sections


@dataclass(frozen=True, slots=True)
class Found:
    """A topic that a question is about.

    Attributes:
        topic: all of it, or what of it is noted.
        nearness: of the question and the topic, in [-1, 1]; a cosine, see ``Handbook``.
        best_first: the places of all its points, from the nearest to the question on.
    """

    topic: Topic
    nearness: float
    best_first: tuple[int, ...]


def heading(name: str) -> str:
    """The line above the notes on a topic."""
    return f"Notes on {name}:"


def lines(noted: Topic) -> tuple[str, ...]:
    """The lines of notes in their order; what the topic has not is left out."""
    question = noted.question and f"{ASK_BACK} {noted.question}"
    points = (point.long for point in noted.points)
    every = (noted.why, *points, noted.technical, noted.example, noted.caution, question)
    return tuple(line for line in every if line)


def section(noted: Topic) -> str:
    """The notes on a topic as they stand in a system message."""
    return "\n".join([heading(noted.name), *(f"- {line}" for line in lines(noted))])


def sections(found: Sequence[Found]) -> list[str]:
    """What a system message says when the handbook was asked and found this, or nothing."""
    return [section(each.topic) for each in found] or [NOTHING_NOTED]


def take_notes(topic: Topic, best_first: Sequence[int], room: int) -> Topic | None:
    """The best of a topic that fits.

    Args:
        topic: all there is.
        best_first: the places of its points, from the most to the least useful.
        room: characters that the section may have.

    Returns:
        The topic with nothing in it but what is noted; None where three points do not fit.
    """
    points = iter(best_first)
    kept: list[int | str] = []
    for kind in BY_WORTH:
        piece = next(points, None) if kind == POINT else kind
        if piece is not None and len(section(_only(topic, [*kept, piece]))) <= room:
            kept.append(piece)
    noted = _only(topic, kept)
    return noted if len(noted.points) >= FEWEST_POINTS else None


def fit(found: Sequence[Found], room: int) -> tuple[Found, ...]:
    """Cuts topics down to notes that stand together in a system message.

    They share the room alike, because the first is not always the right one. Where it is too
    small for all, the last are left out.

    Args:
        found: the best first.
        room: characters for all sections and the blank line before each.
    """
    for count in range(len(found), 0, -1):
        share = room // count - _BLANK_LINE
        fitting = tuple(
            replace(each, topic=noted)
            for each in found[:count]
            if (noted := take_notes(each.topic, each.best_first, share)) is not None
        )
        if len(fitting) == count:
            return fitting
    return ()


def _only(topic: Topic, kept: Sequence[int | str]) -> Topic:
    left_out: dict[str, Any] = {name: "" for name in _REMARKS if name not in kept}
    points = tuple(point for place, point in enumerate(topic.points) if place in kept)
    return replace(topic, points=points, **left_out)
