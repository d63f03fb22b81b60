"""The gold rows that were written for Idiolect: what is learned from, and what is measured on.

The split is by hash and never moves: a row is in the test part when the hash of its key falls into
the first of ``PARTS`` parts. A screen and a talk have their id as their key; a pair of statements
has its old one, because several pairs share it.
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.bundled_model.rows import DATA_DIR, read_rows

PARTS = 5
NAMELESS = "Sam"
"""What the user is called in a talk in which no name is told: the platform always knows one."""

_FIRST = re.compile(r"(?:(?:Mr|Mrs|Ms|Dr) )?[\w-]+")
_THE_USER = re.compile(r"\bthe user\b", re.IGNORECASE)

Part = Literal["training", "test"]


@dataclass(frozen=True)
class Screen:
    """What stood on a screen, and what a careful reader would and would not conclude from it."""

    id: str
    name: str
    trust: str
    text: str
    statements: tuple[str, ...]
    traps: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """Two statements and how the new one stands to the old one."""

    old: str
    new: str
    label: str


def part_of(key: str) -> Part:
    """Which part the row of this key is in."""
    bucket = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % PARTS
    return "test" if bucket == 0 else "training"


@functools.cache
def load_screens(part: Part) -> tuple[Screen, ...]:
    """Screens, mails, notes and chats of invented people."""
    return tuple(
        Screen(
            id=row["id"],
            name=row["user"],
            trust=row["trust"],
            text=row["text"],
            statements=tuple(_sentence(p["text"]) for p in row["propositions"]),
            traps=tuple(_sentence(trap) for trap in row["traps"]),
        )
        for row in _rows("observe")
        if part_of(row["id"]) == part
    )


@functools.cache
def load_talks(part: Part) -> tuple[Screen, ...]:
    """Conversations with an assistant as screens without traps."""
    return tuple(_talk(row) for row in _rows("talk") if part_of(row["id"]) == part)


@functools.cache
def load_relations(part: Part) -> tuple[Related, ...]:
    """Pairs of statements with their label, many of them hard."""
    return tuple(
        Related(_sentence(row["old"]), _sentence(row["new"]), row["label"])
        for row in _rows("relate")
        if part_of(row["old"]) == part
    )


def _talk(row: dict[str, Any]) -> Screen:
    told = [p["text"] for p in row["propositions"]]
    name = _name_of([*told, *row["facts"]])
    speakers = {"user": name, "assistant": "Assistant"}
    lines = [f"{speakers[turn['role']]}: {turn['text']}" for turn in row["turns"]]
    statements = tuple(_sentence(_THE_USER.sub(name, each)) for each in told)
    return Screen(row["id"], name, "typed", "\n".join(lines), statements, ())


def _name_of(told: Sequence[str]) -> str:
    """The commonest first word (with a title before it, two): statements begin with the user."""
    firsts = [_FIRST.match(each) for each in told if not _THE_USER.search(each)]
    names = Counter(first[0] for first in firsts if first and first[0] not in ("The", "A", "An"))
    return names.most_common(1)[0][0] if names else NAMELESS


def _sentence(text: str) -> str:
    return text.rstrip(".") + "."


def _rows(name: str) -> list[dict[str, Any]]:
    return list(read_rows(DATA_DIR / f"gold_{name}.jsonl.gz"))
