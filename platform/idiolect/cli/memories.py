"""``idiolect memories``: all that is kept of you, its history, and what is to become of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, percent, show, table, when

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from idiolect.client.memories import Branch, Memory, Verb

app = typer.Typer(help="Everything kept of you: versions, reasons, acts.", no_args_is_help=True)

MemoryId = Annotated[str, typer.Argument(help="The memory's id, mem_... or adp_...")]
Reason = Annotated[str, typer.Option(help="Why, for the record; leave out what it says.")]
Seen = Annotated[
    int | None, typer.Option("--version", min=1, help="The version you saw; refuse if not it.")
]

_COLUMNS = ["id", "v", "state", "sure", "since", "", "says"]


@app.command("ls")
def ls(
    ctx: typer.Context,
    kind: Annotated[
        str, typer.Option(help="proposition, profile, charter, reward, steering, adapter, cache.")
    ] = "proposition",
    state: Annotated[
        str, typer.Option(help="activated, generated, archived, merged or expired.")
    ] = "activated",
    as_of: Annotated[
        str, typer.Option(help="As it was then: a day such as 2026-03-01, or a time.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Lists the memories of a kind, as they are or as they were."""
    with connect(ctx) as client:
        page = client.memories.list(
            kind=kind, state=state, as_of=_moment(as_of) if as_of else None, limit=limit
        )
    show(page["items"], as_json, lambda: _table(page["items"]))


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
    show(versions, as_json, lambda: _table(versions))


@app.command("log")
def log(
    ctx: typer.Context,
    memory_id: Annotated[str, typer.Argument(help="A memory's id; all of them without.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Shows what was done to a memory, by whom and why, the latest first."""
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
            for line in _tree(branches, "  "):
                typer.echo(line)

    show(found, as_json, render)


@app.command("update")
def update(
    ctx: typer.Context,
    memory_id: MemoryId,
    text: Annotated[str, typer.Argument(help="What it is to say.")],
    version: Annotated[int, typer.Option(min=1, help="The version that you saw.")],
    reason: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Puts other words in a memory's place; refused when it has changed since you saw it."""
    with connect(ctx) as client:
        changed = client.memories.update(memory_id, version, text=text, reason=reason or None)
    _tell(changed, "changed", as_json)


def _command(verb: Verb, becomes: str) -> Callable[..., None]:
    """The command of a verb that needs to be told nothing more."""

    def act(
        ctx: typer.Context,
        memory_id: MemoryId,
        reason: Reason = "",
        seen: Seen = None,
        as_json: JsonFlag = False,
    ) -> None:
        with connect(ctx) as client:
            memory = client.memories.act(memory_id, verb, reason=reason or None, version=seen)
        _tell(memory, becomes, as_json)

    return act


app.command("archive", help="Puts a memory aside: it is kept and does not act.")(
    _command("archive", "archived")
)
app.command("restore", help="Lets an archived memory act again.")(
    _command("restore", "acting again")
)
app.command("pin", help="Keeps a memory: no upkeep ends it or lets it decay.")(
    _command("pin", "pinned")
)
app.command("unpin", help="Takes the pin away.")(_command("unpin", "unpinned"))
app.command("unshare", help="Makes a memory private again.")(_command("unshare", "private"))


@app.command("share")
def share(
    ctx: typer.Context,
    memory_id: MemoryId,
    scope: Annotated[
        str, typer.Argument(help="assistants for all, or the id of one's key, key_....")
    ],
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Shows a memory to assistants, by their keys, in place of those it was shown to before."""
    with connect(ctx) as client:
        shared = client.memories.share(memory_id, scope, reason=reason or None, version=seen)
    _tell(shared, f"shared with {scope}", as_json)


@app.command("expire")
def expire(
    ctx: typer.Context,
    memory_id: MemoryId,
    at: Annotated[str, typer.Argument(help="A day such as 2026-12-24, a time, or never.")],
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Has a memory end at a moment to come."""
    moment = None if at == "never" else _moment(at)
    with connect(ctx) as client:
        ends = client.memories.expire(memory_id, moment, reason=reason or None, version=seen)
    _tell(ends, f"kept until {when(ends['expires_at'])}" if moment else "kept", as_json)


@app.command("rollback")
def rollback(
    ctx: typer.Context,
    memory_id: MemoryId,
    to_version: Annotated[int, typer.Argument(min=1, help="Whose content comes back.")],
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Brings the content of an earlier version back, as a new version."""
    with connect(ctx) as client:
        back = client.memories.roll_back(memory_id, to_version, reason=reason or None, version=seen)
    _tell(back, f"at version {back['version']}, which says what {to_version} said", as_json)


@app.command("merge")
def merge(
    ctx: typer.Context,
    memory_ids: Annotated[list[str], typer.Argument(help="Two or more that say the same.")],
    text: Annotated[str, typer.Option(help="What it says; else the words of the surest.")] = "",
    reason: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Makes one memory of several, with the evidence of all."""
    with connect(ctx) as client:
        merged = client.memories.merge(memory_ids, text=text or None, reason=reason or None)
    _tell(merged, "made of them", as_json)


@app.command("delete")
def delete(
    ctx: typer.Context,
    memory_id: MemoryId,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Erases a memory with all that rests on it alone; it is not learned again."""
    with connect(ctx) as client:
        planned = client.memories.expected_deletion(memory_id)
        if not (preview or yes):
            typer.echo(", ".join(f"{count} {what}" for what, count in planned.items()), err=True)
            typer.confirm("Erase it?", abort=True, err=True)
        done = (
            planned
            if preview
            else client.memories.delete(memory_id, reason=reason or None, version=seen)
        )
    show(done, as_json, lambda: fields({**done}))


@app.command("export")
def export(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to; a zip.")],
    reason: Reason = "",
) -> None:
    """Writes all memories with versions, reasons and files into an archive that import takes."""
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
    """Takes an archive in; what is known stays as it is, what was forgotten stays forgotten."""
    with connect(ctx) as client:
        took = client.memories.import_(file, reason=reason or None)
    show(took, as_json, lambda: fields({**took}))


def _tell(memory: Memory, what: str, as_json: bool) -> None:
    show(memory, as_json, lambda: typer.echo(f"{memory['id']} is {what}"))


def _table(memories: Sequence[Memory]) -> None:
    rows = [
        [
            one["id"],
            one["version"],
            one["state"],
            "" if one["confidence"] is None else percent(one["confidence"]),
            when(one["recorded_at"]),
            ", ".join(_marks(one)),
            one["text"],
        ]
        for one in memories
    ]
    table("Memories", _COLUMNS, rows)


def _marks(memory: Memory) -> Iterator[str]:
    if memory["pinned"]:
        yield "pinned"
    if memory["scope"] != "private":
        yield f"shared with {memory['scope']}"
    if memory["stale"]:
        yield "stale"
    if memory["expires_at"]:
        yield f"until {when(memory['expires_at'])}"


def _tree(branches: Sequence[Branch], indent: str) -> Iterator[str]:
    for branch in branches:
        memory = branch["memory"]
        says = memory["text"] if memory else branch["quote"]
        said = f": {says}" if says else ""
        yield f"{indent}{branch['relation']} {branch['source_type']} {branch['source_id']}{said}"
        yield from _tree(branch["branches"], f"{indent}  ")


def _moment(text: str) -> str:
    """A day or time as typed, in the local zone unless it names one, as RFC 3339.

    Raises:
        InvalidInputError: it is neither.
    """
    from datetime import datetime

    from idiolect.errors import InvalidInputError

    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except ValueError as error:
        raise InvalidInputError(
            f"{text!r} is no day or time", hint="Write it as 2026-03-01 or 2026-03-01T09:30."
        ) from error
