"""Check that the rows of a topic bank have the form that the composing program relies on.

    python -m tools.bundled_model.soundness FILE...

Prints a line for every fault and ends with 1 if there was any.
"""

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from tools.bundled_model.rows import read_rows
from tools.bundled_model.styles import count_words

INTENTS = frozenset({"how", "ideas", "problem", "choose", "explain", "plan", "chat"})
AREAS = frozenset(
    {
        "food and health",
        "travel and places",
        "work and writing",
        "learning and science",
        "hobbies and leisure",
        "home and family",
        "computers and phones",
        "small talk and the assistant",
    }
)
WORDS = {
    "why": (8, 24),
    "example": (10, 24),
    "caution": (8, 24),
    "question": (4, 16),
    "technical": (8, 24),
}
SHORT_WORDS, LONG_WORDS = (2, 10), (9, 26)
FACT_WORDS, TIE_WORDS = (2, 10), (11, 26)

_CONTRACTION = re.compile(
    r"\b\w+(n['\u2019]t|['\u2019](re|ve|ll|d|m))\b|\b([Ii]t|[Tt]hat)['\u2019]s\b"
)
_START = 8
"""Two questions or points that begin with so many equal words are one."""


def faults(row: dict[str, Any]) -> Iterator[str]:
    """Name what is wrong with one topic."""
    if row["area"] not in AREAS:
        yield f"area {row['area']!r}"
    yield from _ask_faults(row["asks"])
    if len(row["points"]) != 8:
        yield f"{len(row['points'])} points"
    for place, point in enumerate(row["points"]):
        yield from _piece_faults(f"points[{place}].short", point["short"], SHORT_WORDS)
        yield from _piece_faults(f"points[{place}].long", point["long"], LONG_WORDS, ends=".")
    for name, band in WORDS.items():
        yield from _piece_faults(name, row[name], band, ends="?" if name == "question" else "")
    if len(row["facts"]) != 3:
        yield f"{len(row['facts'])} facts"
    for place, fact in enumerate(row["facts"]):
        yield from _piece_faults(f"facts[{place}].fact", fact["fact"], FACT_WORDS)
        yield from _piece_faults(f"facts[{place}].tie", fact["tie"], TIE_WORDS, ends=".")
        if not fact["fact"][:1].islower() or fact["fact"].endswith("."):
            yield f"facts[{place}].fact is no predicate: {fact['fact']!r}"
    longs = [point["long"] for point in row["points"]]
    yield from (f"twice: {text!r}" for text in _repeated(longs))


def _ask_faults(asks: list[dict[str, str]]) -> Iterator[str]:
    if len(asks) != 8:
        yield f"{len(asks)} asks"
    unknown = {ask["intent"] for ask in asks} - INTENTS
    if unknown:
        yield f"intents {sorted(unknown)}"
    if len({ask["intent"] for ask in asks}) < 4:
        yield "asks of fewer than four intents"
    yield from (f"asked twice: {text!r}" for text in _repeated(ask["text"] for ask in asks))


def _piece_faults(name: str, text: str, band: tuple[int, int], *, ends: str = "") -> Iterator[str]:
    words = count_words(text)
    if not band[0] <= words <= band[1]:
        yield f"{name} has {words} words, not {band[0]} to {band[1]}: {text!r}"
    if ends and not text.endswith(ends):
        yield f"{name} does not end with {ends!r}: {text!r}"
    if _CONTRACTION.search(text):
        yield f"{name} has a contraction: {text!r}"
    if not text.isascii():
        yield f"{name} has a character beyond ASCII: {text!r}"


def _repeated(texts: Iterable[str]) -> Iterator[str]:
    seen = set()
    for text in texts:
        start = tuple(text.lower().split()[:_START])
        if start in seen:
            yield text
        seen.add(start)


def main() -> None:
    """Check files together, so that a topic stands in only one of them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    console = Console()
    found = 0
    names: dict[str, Path] = {}
    for path in parser.parse_args().files:
        for number, row in enumerate(read_rows(path), 1):
            said = list(faults(row))
            if names.get(row["topic"].lower(), path) != path:
                said.append(f"stands in {names[row['topic'].lower()]} as well")
            names[row["topic"].lower()] = path
            for fault in said:
                console.print(f"{path}:{number} {row['topic']}: {fault}", soft_wrap=True)
            found += len(said)
    console.print(f"{len(names)} topics, {found} faults")
    raise SystemExit(found > 0)


if __name__ == "__main__":
    main()
