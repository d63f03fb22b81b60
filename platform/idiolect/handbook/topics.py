"""The handbook's topics: narrow everyday matters, what people ask about them, what can be said."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TOPICS_FILE = Path(__file__).resolve().parent / "topics.jsonl.gz"


class Point(NamedTuple):
    """One piece of advice: as a heading of a few words, and as a sentence."""

    short: str
    long: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of a user ("edits videos as a hobby") and how it bears on the topic."""

    text: str
    tie: str


@dataclass(frozen=True)
class Topic:
    """One narrow everyday matter. Every text but an ask is a whole sentence.

    Attributes:
        id: stable over versions of the handbook.
        name: as it stands in "Notes on ...".
        area: one of eight, such as "computers and phones".
        asks: what people write who want to know about it.
        points: pieces of advice; the first five can also be read as steps.
        why: what is behind the advice.
        example: begins with "For example".
        caution: what to beware of.
        question: what the assistant can ask back.
        technical: for those who want to know more exactly.
        facts: what may be true of a user who asks.
    """

    id: str
    name: str
    area: str
    asks: tuple[str, ...]
    points: tuple[Point, ...]
    why: str
    example: str
    caution: str
    question: str
    technical: str
    facts: tuple[Fact, ...]


@cache
def load_topics() -> tuple[Topic, ...]:
    """All topics, in the file's order; read once."""
    with gzip.open(TOPICS_FILE, "rt", encoding="utf-8") as lines:
        return tuple(_topic(json.loads(line)) for line in lines)


def _topic(row: Mapping[str, Any]) -> Topic:
    return Topic(
        id=row["id"],
        name=row["topic"],
        area=row["area"],
        asks=tuple(ask["text"] for ask in row["asks"]),
        points=tuple(Point(_sentence_case(each["short"]), each["long"]) for each in row["points"]),
        why=row["why"],
        example=row["example"],
        caution=row["caution"],
        question=row["question"],
        technical=row["technical"],
        facts=tuple(Fact(each["fact"], each["tie"]) for each in row["facts"]),
    )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
