"""Statements written by hand, in two halves: what the word lists were made on, and the rest."""

import gzip
import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HALVES = (0, 1)
"""The lists were made on half 0 and measured on half 1."""


def half_of(text: str) -> int:
    """The half that a text belongs to, told by its hash so that nobody chooses."""
    return hashlib.sha256(text.encode()).digest()[0] % 2


def statements(name: str) -> dict[str, Any]:
    """The content of a file of statements beside the tests."""
    with Path(__file__).with_name(f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def name_in(text: str) -> str:
    """How a statement calls the user: "Maya" in "Maya's desk ..." and in "Maya, who ..."."""
    first = text.split()[0].strip(",").removesuffix("'s")
    return "the user" if first == "The" else first


def gold_propositions() -> Iterator[tuple[str, str]]:
    """User and text of each proposition of the gold screens; skips where they are not at hand."""
    folder = os.environ.get("IDIOLECT_DATA")
    if not folder or not (Path(folder) / "gold-user-model").is_dir():
        pytest.skip("IDIOLECT_DATA does not name a folder with gold-user-model")
    with gzip.open(Path(folder) / "gold-user-model" / "observe.jsonl.gz", "rt") as file:
        for row in map(json.loads, file):
            yield from ((row["user"], one["text"]) for one in row["propositions"])
