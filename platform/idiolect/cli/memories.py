"""``idiolect memories``: all that is kept of you, its history, and what is to become of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from idiolect.cli import memory_acts, memory_promotions
from idiolect.cli.connection import connect
from idiolect.cli.memory_acts import MemoryId, Reason
from idiolect.cli.memory_text import print_memories, print_table, tree
from idiolect.cli.output import JsonFlag, fields, moment_of, show, table, when

app = typer.Typer(help="Everything kept of you: versions, reasons, acts.", no_args_is_help=True)
app.add_typer(memory_acts.app)
app.add_typer(memory_promotions.app)

AsOf = Annotated[
    str, typer.Option(help="As it was believed then: a day such as 2026-03-01, or a time.")
]
HeldAt = Annotated[str, typer.Option(help="What was believed to be so then, in the world.")]
Why = Annotated[bool, typer.Option("--why", help="With what each rested on, and since when.")]


@app.command("ls")
def ls(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Option(help="proposition, profile, charter, reward, steering, adapter, cache.")
    ] = "proposition",
    state: Annotated[
        str, typer.Option(help="activated, generated, archived, merged or expired.")
    ] = "activated",
    as_of: AsOf = "",
    held_at: HeldAt = "",
    why: Why = False,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Lists the memories of a kind, as they are or were."""
    with connect(ctx) as client:
        page = client.memories.list(
            kind=kind,
            state=state,
            as_of=moment_of(as_of) if as_of else None,
            held_at=moment_of(held_at) if held_at else None,
            why=why,
            limit=limit,
        )
    show(page["items"], as_json, lambda: print_memories(page["items"], why))
    if page["next_cursor"]:
        typer.echo(f"there are more than these {limit}; --limit shows more", err=True)


@app.command("search")
def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="A question or a topic.")],
    as_of: AsOf = "",
    held_at: HeldAt = "",
    why: Why = False,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Finds propositions by a text, as they are or were."""
    with connect(ctx) as client:
        found = client.memories.search(
            query,
            as_of=moment_of(as_of) if as_of else None,
            held_at=moment_of(held_at) if held_at else None,
            why=why,
            limit=limit,
        )
    show(found, as_json, lambda: print_memories(found, why))


@app.command("show")
def show_one(ctx: typer.Context, memory_id: MemoryId, as_json: JsonFlag = False) -> None:
    """Shows one memory."""
    with connect(ctx) as client:
        found: dict[str, Any] = {**client.memories.get(memory_id)}
    payload = {f"payload {name}": value for name, value in found["payload"].items()}
    plain = {name: value for name, value in found.items() if name != "payload"}
    show(found, as_json, lambda: fields({**plain, **payload}))


@app.command("history")
def history(ctx: typer.Context, memory_id: MemoryId, as_json: JsonFlag = False) -> None:
    """Shows all versions of a memory, the oldest first."""
    with connect(ctx) as client:
        versions = client.memories.history(memory_id)
    show(versions, as_json, lambda: print_table(versions))


@app.command("log")
def log(
    ctx: typer.Context,
    memory_id: Annotated[str, typer.Argument(help="A memory's id; all of them without.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Shows what was done to a memory, by whom and why."""
    with connect(ctx) as client:
        events = client.memories.events(memory_id or None, limit=limit)["items"]
    rows = [
        [
            when(one["at"]),
            one["memory_id"],
            one["verb"],
            one["to_state"],
            one["actor"],
            one["reason"],
        ]
        for one in events
    ]
    columns = ["when", "memory", "act", "state then", "by", "why"]
    show(events, as_json, lambda: table("Acts", columns, rows))


@app.command("why")
def why(ctx: typer.Context, memory_id: MemoryId, as_json: JsonFlag = False) -> None:
    """Shows what a memory rests on, and what rests on it."""
    with connect(ctx) as client:
        found = client.memories.provenance(memory_id)

    def render() -> None:
        typer.echo(found["memory"]["text"] or found["memory"]["id"])
        for title, branches in (("rests on", found["rests_on"]), ("carries", found["carries"])):
            typer.echo(f"\n{title}:" if branches else f"\n{title}: nothing")
            for line in tree(branches, "  "):
                typer.echo(line)

    show(found, as_json, render)


@app.command("export")
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to; a zip.")],
    reason: Reason = "",
) -> None:
    """Writes all memories into an archive.

    With versions, reasons, ratings and files; `idiolect memories import` takes it in.
    """
    with connect(ctx) as client:
        client.memories.export(file, reason=reason or None)
    typer.echo(f"the memories are in {file}", err=True)


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An archive.")],
    reason: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Takes an archive of memories in.

    What is known stays as it is, and what was forgotten stays forgotten.
    """
    with connect(ctx) as client:
        took = client.memories.import_(file, reason=reason or None)
    show(took, as_json, lambda: fields({**took}))
