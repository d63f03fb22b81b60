"""``idiolect observe``: bringing in and looking at what was seen."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, show, table, when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from idiolect.client import IdiolectClient

app = typer.Typer(help="What was seen of you.", no_args_is_help=True)


@app.command("import")
def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(exists=True, help="PNG, text, JSON lines, ICS, or folders.")
    ],
    trust: Annotated[
        Literal["typed", "sent", "read", "untrusted"],
        typer.Option(help="Whose words: typed or sent by you, read by you, or of strangers."),
    ] = "read",
    as_json: JsonFlag = False,
) -> None:
    """Imports files as observations; what is known already is passed over."""
    from idiolect.kit.clock import utc_now
    from idiolect.observe.importers import ImportOptions, import_files

    now = utc_now()
    here = now.astimezone().tzinfo or UTC
    items = import_files(paths, ImportOptions.around(now, zone=here, trust=trust))
    with connect(ctx) as client:
        total = send(client, items)
    counts = {**total, "refused": len(total["refused"])}

    def render() -> None:
        fields(counts)
        table(
            "refused",
            ["item", "code", "message"],
            [[one["idempotency_key"], one["code"], one["message"]] for one in total["refused"]],
        )

    show(total, as_json, render)
    if total["refused"]:
        raise typer.Exit(1)


@app.command("ls")
def ls(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Lists the latest observations."""
    with connect(ctx) as client:
        observations = client.observations(limit=limit)["items"]
    rows = [
        [when(one["occurred_at"]), one["kind"], one["application"], one["title"], one["id"]]
        for one in observations
    ]
    columns = ["when", "kind", "application", "title", "id"]
    show(observations, as_json, lambda: table("Observations", columns, rows))


def send(client: IdiolectClient, items: Iterable[object]) -> dict[str, Any]:
    """Sends observations, showing how far it is, and adds the receipts up."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    total: dict[str, Any] = {"accepted": 0, "duplicates": 0, "refused": []}
    columns = (SpinnerColumn(), TextColumn("importing"), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("importing", total=None)
        for receipt in client.observe_all(items):
            total["accepted"] += len(receipt.accepted)
            total["duplicates"] += len(receipt.duplicates)
            total["refused"] += [one.model_dump(mode="json") for one in receipt.refused]
            done = len(receipt.accepted) + len(receipt.duplicates) + len(receipt.refused)
            progress.advance(bar, done)
    return total
