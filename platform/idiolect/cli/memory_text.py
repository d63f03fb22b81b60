"""Memories as text on a terminal: a table, why they were believed, and trees of provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from idiolect.cli.output import percent, table, when

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from idiolect.client.memory_shapes import Branch, ListedMemory, Memory

_COLUMNS = ["id", "v", "state", "sure", "since", "", "says"]


def print_memories(memories: Sequence[ListedMemory], why: bool) -> None:
    """Prints memories as a table, or each with why it was believed."""
    if not why:
        print_table(memories)
        return
    for one in memories:
        sure = "" if one["confidence"] is None else f", {percent(one['confidence'])} sure"
        typer.echo(f"{one['text'] or one['id']}")
        typer.echo(f"  {one['id']}, version {one['version']}, {one['state']}{sure}")
        for line in _why(one):
            typer.echo(f"  {line}")
        typer.echo()
    if not memories:
        typer.echo("no memories")


def _why(memory: ListedMemory) -> Iterator[str]:
    """Why a version was believed, a line each."""
    if act := memory["act"]:
        yield f"{act['verb']} by {act['actor']} on {when(act['at'])}: {act['reason']}"
    if memory["valid_from"] or memory["valid_to"]:
        since, until = when(memory["valid_from"]), when(memory["valid_to"])
        yield f"holds{f' from {since}' if since else ''}{f' until {until}' if until else ''}"
    if memory["reasons"] == []:
        yield "rests on nothing that was recorded"
    for reason in memory["reasons"] or ():
        place = f" in {reason['application']}" if reason["application"] else ""
        seen = f", {when(reason['occurred_at'])}{place}" if reason["occurred_at"] else ""
        quote = f": {reason['quote']}" if reason["quote"] else ""
        what = f"{reason['relation']} {reason['source_type']} {reason['source_id']}"
        yield f"{what}{seen}, known since {when(reason['known_at'])}{quote}"


def print_table(memories: Sequence[Memory]) -> None:
    """Prints memories as a table."""
    rows = [
        [
            one["id"],
            one["version"],
            one["state"],
            "" if one["confidence"] is None else percent(one["confidence"]),
            when(one["recorded_at"]),
            ", ".join(marks(one)),
            one["text"],
        ]
        for one in memories
    ]
    table("Memories", _COLUMNS, rows)


def marks(memory: Memory) -> Iterator[str]:
    """What is special about a memory."""
    if memory["pinned"]:
        yield "pinned"
    if memory["scope"] != "private":
        yield f"shared with {memory['scope']}"
    if memory["stale"]:
        yield f"stale: {memory['stale']}"
    if memory["expires_at"]:
        yield f"until {when(memory['expires_at'])}"


def tree(branches: Sequence[Branch], indent: str) -> Iterator[str]:
    """The links of a tree of provenance, a line each."""
    for branch in branches:
        memory = branch["memory"]
        says = memory["text"] if memory else branch["quote"]
        said = f": {says}" if says else ""
        yield f"{indent}{branch['relation']} {branch['source_type']} {branch['source_id']}{said}"
        yield from tree(branch["branches"], f"{indent}  ")
