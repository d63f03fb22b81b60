"""The written material that the composing program draws from, and what is held out of it."""

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from idiolect.handbook import topics as handbook
from idiolect.handbook.topics import Topic
from tools.bundled_model.rows import DATA_DIR, read_rows
from tools.bundled_model.styles import Style


@dataclass(frozen=True)
class StyleMessage:
    """A system message that a person wrote, and the style that it asks for.

    Attributes:
        area: the first word of the handbook's area that it is about.
        text: the message.
        style: what it asks for.
    """

    area: str
    text: str
    style: Style


def load_topics(*, held_out: bool = False) -> tuple[Topic, ...]:
    """The handbook's topics without one ask of each; a tenth of the topics is held out, by hash."""
    kept_apart = frozenset(_held_out_asks().values())
    return tuple(
        replace(topic, asks=tuple(ask for ask in topic.asks if ask not in kept_apart))
        for topic in handbook.load_topics()
        if (_bucket(topic.name, 10) == 0) == held_out
    )


def held_out_ask(topic_id: str) -> str:
    """The ask of a topic that is in no training text, by hash."""
    return _held_out_asks()[topic_id]


@cache
def _held_out_asks() -> dict[str, str]:
    return {t.id: t.asks[_bucket(t.id, len(t.asks))] for t in handbook.load_topics()}


def load_style_messages(*, held_out: bool) -> tuple[StyleMessage, ...]:
    """Read the hand-written system messages; a tenth, by hash, is held out of training."""
    return tuple(
        StyleMessage(row["area"].split("-")[0], reply["system"], style_of(reply["values"]))
        for row in read_rows(DATA_DIR / "everyday.jsonl.gz")
        for reply in row["replies"]
        if is_held_out_message(reply["system"]) == held_out
    )


def is_held_out_message(text: str) -> bool:
    """Whether a hand-written system message is kept out of training."""
    return _bucket(text, 10) == 0


def style_of(values: dict[str, Any]) -> Style:
    """The style that an everyday reply is marked with."""
    return Style(
        values["length"], values["format"], values["tone"], values["emoji"], values["question"]
    )


def _bucket(key: str, buckets: int) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % buckets
