"""The commands of ``idiolect memories`` that promote what is known, and demote it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli.connection import connect
from idiolect.cli.memory_acts import MemoryId, Reason, Seen
from idiolect.cli.output import JsonFlag, show

if TYPE_CHECKING:
    from idiolect.client.memory_shapes import MemoryPromotion

app = typer.Typer()


@app.command("promote")
def promote(
    ctx: typer.Context,
    to: Annotated[
        str, typer.Option(help="kv: computed ahead for quick replies; lora: trained into weights.")
    ] = "kv",
    reason: Reason = "",
    as_json: JsonFlag = False,
) -> None:
    """Computes what stands first in all contexts ahead of time, or asks for a training."""
    with connect(ctx) as client:
        done = client.memories.promote(to, reason=reason or None)
    show(done, as_json, lambda: typer.echo(told_of(done)))


@app.command("demote")
def demote(
    ctx: typer.Context,
    memory_id: MemoryId,
    reason: Reason = "",
    seen: Seen = None,
    as_json: JsonFlag = False,
) -> None:
    """Takes a computed prefix, an adapter, a steering vector or a reward out of service."""
    with connect(ctx) as client:
        memory = client.memories.demote(memory_id, reason=reason or None, version=seen)
    show(memory, as_json, lambda: typer.echo(f"{memory['id']} is {memory['state']}"))


def told_of(done: MemoryPromotion) -> str:
    """What came of a promotion, in a line."""
    memory, job = done["memory"], done["job"]
    if memory is not None:
        return f"{memory['id']} serves: {memory['payload']['tokens']} tokens are computed ahead"
    return f"{job['id'] if job else 'a job'} will train; follow it with `idiolect jobs`"
