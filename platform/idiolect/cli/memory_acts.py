"""The commands of ``idiolect memories`` that change a memory; each may say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, moment_of, show, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from idiolect.client.memories import Verb
    from idiolect.client.memory_shapes import Memory

app = typer.Typer()

MemoryId = Annotated[str, typer.Argument(help="The memory's id, mem_... or adp_...")]
Reason = Annotated[str, typer.Option(help="Why, for the record; leave out what it says.")]
Seen = Annotated[
    int | None, typer.Option("--version", min=1, help="The version you saw; refuse if not it.")
]
Confidence = Annotated[float | None, typer.Option(help="How sure you are, between 0 and 1.")]
Durability = Annotated[
    float | None, typer.Option(help="How long it will hold: 0 for hours, 1 for years.")
]


@app.command("add")
def add(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="A statement about you, in your words.")],
    kind: Annotated[str, typer.Option(help="proposition or profile.")] = "proposition",
    confidence: Confidence = None,
    durability: Durability = None,
    since: Annotated[str, typer.Option(help="Since when it holds.")] = "",
    until: Annotated[str, typer.Option(help="Until when it holds.")] = "",
    source: Annotated[
        list[str] | None, typer.Option("--from", help="A memory that it is made from; repeatable.")
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Do not let it act before `memories activate`.")
    ] = False,
    reason: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Remembers something in your own words."""
    told: dict[str, str | float | None] = {
        "kind": kind,
        "confidence": confidence,
        "durability": durability,
        "valid_from": moment_of(since) if since else None,
        "valid_to": moment_of(until) if until else None,
        "state": "generated" if draft else None,
    }
    given = {name: value for name, value in told.items() if value is not None}
    with connect(ctx) as client:
        made = client.memories.add(text, derived_from=source or (), reason=reason or None, **given)
    _tell(made, "waiting for `idiolect memories activate`" if draft else "remembered", as_json)


@app.command("update")
def update(
    ctx: typer.Context,
    memory_id: MemoryId,
    version: Annotated[int, typer.Option(min=1, help="The version that you saw.")],
    text: Annotated[str, typer.Argument(help="What it is to say; left out, it stays.")] = "",
    reasoning: Annotated[str, typer.Option(help="What it is concluded from.")] = "",
    confidence: Confidence = None,
    durability: Durability = None,
    reason: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Changes what a memory says.

    Refused when it has changed since you saw it.
    """
    told = {
        "text": text or None,
        "reasoning": reasoning or None,
        "confidence": confidence,
        "durability": durability,
    }
    changes = {name: value for name, value in told.items() if value is not None}
    with connect(ctx) as client:
        changed = client.memories.update(memory_id, version, reason=reason or None, **changes)
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


_SIMPLE: dict[Verb, tuple[str, str]] = {
    "activate": ("acting", "Lets a memory act that was only a draft."),
    "archive": ("archived", "Puts a memory aside: it is kept and does not act."),
    "restore": ("acting again", "Lets an archived memory act again."),
    "pin": ("pinned", "Keeps a memory: no upkeep ends it or lets it decay."),
    "unpin": ("unpinned", "Takes the pin away."),
    "unshare": ("private", "Makes a memory private again."),
}
for _verb, (_becomes, _help) in _SIMPLE.items():
    app.command(_verb, help=_help)(_command(_verb, _becomes))


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
    """Shows a memory to assistants, by their keys.

    They take the place of those that it was shown to before.
    """
    with connect(ctx) as client:
        shared = client.memories.share(memory_id, scope, reason=reason or None, version=seen)
    _tell(shared, f"shared with {scope}", as_json)


@app.command("expire")
def expire(
    ctx: typer.Context,
    memory_id: MemoryId,
    at: Annotated[
        str, typer.Argument(help="now, a day such as 2026-12-24, a time, or never.")
    ] = "now",
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Ends a memory for good, now or later.

    What it said is kept, and told when asked of then.
    """
    moment = None if at in ("now", "never") else moment_of(at)
    why = reason or None
    with connect(ctx) as client:
        if at == "now":
            ends = client.memories.act(memory_id, "expire", reason=why, version=seen)
        else:
            ends = client.memories.expire(memory_id, moment, reason=why, version=seen)
    until = f"kept until {when(ends['expires_at'])}" if moment else "kept"
    _tell(ends, "at its end" if at == "now" else until, as_json)


@app.command("rollback")
def rollback(
    ctx: typer.Context,
    memory_id: MemoryId,
    to_version: Annotated[int, typer.Argument(min=1, help="Whose content comes back.")],
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Brings an earlier version's content back."""
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
    """Erases a memory; it is not learned again.

    What rests on it alone goes too; what was trained on it is marked stale.
    """
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


def _tell(memory: Memory, what: str, as_json: bool) -> None:
    show(memory, as_json, lambda: typer.echo(f"{memory['id']} is {what}"))
