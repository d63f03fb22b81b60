"""The written material that the composing program draws from, and what is held out of it."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idiolect import handbook
from tools.bundled_model.styles import Style

DATA_DIR = Path(__file__).parent / "data"
TOPICS_PATH = Path(handbook.__file__).parent / "topics.jsonl.gz"


@dataclass(frozen=True)
class Fact:
    """Something true of a user ("edits videos as a hobby") and how it bears on the topic."""

    text: str
    tie: str


@dataclass(frozen=True)
class Topic:
    """One narrow everyday matter: what people ask about it and what can be said."""

    name: str
    area: str
    asks: tuple[str, ...]
    held_out_ask: str
    points: tuple[tuple[str, str], ...]
    why: str
    example: str
    caution: str
    question: str
    technical: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class StyleMessage:
    """A system message that a person wrote, and the style that it asks for."""

    area: str
    text: str
    style: Style


def load_topics(*, held_out: bool = False) -> tuple[Topic, ...]:
    """Read the handbook; a tenth of its topics and one of each topic's eight asks are held out.

    Both by hash.
    """
    return tuple(
        _topic(row) for row in _rows(TOPICS_PATH) if (_bucket(row["topic"], 10) == 0) == held_out
    )


def load_style_messages(*, held_out: bool) -> tuple[StyleMessage, ...]:
    """Read the hand-written system messages; a tenth, by hash, is held out of training."""
    return tuple(
        StyleMessage(row["area"].split("-")[0], reply["system"], _style(reply["values"]))
        for row in _rows(DATA_DIR / "everyday.jsonl.gz")
        for reply in row["replies"]
        if (_bucket(reply["system"], 10) == 0) == held_out
    )


def _topic(row: dict[str, Any]) -> Topic:
    asks = [ask["text"] for ask in row["asks"]]
    held_out_ask = asks.pop(_bucket(row["id"], len(asks)))
    return Topic(
        name=row["topic"],
        area=row["area"].split()[0],
        asks=tuple(asks),
        held_out_ask=held_out_ask,
        points=tuple((_sentence_case(p["short"]), p["long"]) for p in row["points"]),
        why=row["why"],
        example=row["example"],
        caution=row["caution"],
        question=row["question"],
        technical=row["technical"],
        facts=tuple(Fact(f["fact"], f["tie"]) for f in row["facts"]),
    )


def _style(values: dict[str, Any]) -> Style:
    return Style(
        values["length"], values["format"], values["tone"], values["emoji"], values["question"]
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bucket(key: str, buckets: int) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % buckets
