"""``idiolect adapters``: what was trained for you, and which one speaks."""

from typing import Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, percent, show, table, when
from idiolect.errors import NotFoundError

app = typer.Typer(help="What was trained for you, and which one speaks.", no_args_is_help=True)

AdapterId = Annotated[str, typer.Argument(help="The adapter's id, adp_...")]


@app.command("ls")
def ls(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Lists the adapters, the latest first."""
    with connect(ctx) as client:
        adapters = client.adapters(limit=200)["items"]
    rows = [
        [
            one["id"],
            one["version"],
            one["state"],
            when(one["created_at"]),
            *_gate(one["card"]),
            f"stale: {one['stale']}" if one["stale"] else "",
        ]
        for one in adapters
    ]
    columns = ["id", "version", "state", "made", "base", "adapter", "interval of the gain", "note"]
    show(adapters, as_json, lambda: table("Adapters", columns, rows))


@app.command("show")
def show_one(ctx: typer.Context, adapter_id: AdapterId, as_json: JsonFlag = False) -> None:
    """Shows one adapter's card."""
    from idiolect.client import each

    with connect(ctx) as client:
        every = each(lambda cursor: client.adapters(limit=200, cursor=cursor))
        found = next((one for one in every if one["id"] == adapter_id), None)
    if found is None:
        raise NotFoundError(
            f"there is no adapter {adapter_id}", hint="`idiolect adapters ls` lists yours."
        )
    shown = {name: found[name] for name in ("id", "version", "state", "serving_name", "stale")}
    shown.update({f"card {name}": value for name, value in found["card"].items()})
    show(found, as_json, lambda: fields(shown))


@app.command("promote")
def promote(
    ctx: typer.Context,
    adapter_id: AdapterId,
    reason: Annotated[
        str, typer.Option(help="Why, when it did not pass the gate; recorded with it.")
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Serves an adapter from the next reply on."""
    with connect(ctx) as client:
        adapter = client.promote_adapter(adapter_id, reason=reason or None)
    show(adapter, as_json, lambda: typer.echo(f"{adapter['id']} speaks now"))


@app.command("rollback")
def rollback(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Serves the adapter before the present one again."""
    with connect(ctx) as client:
        adapter = client.roll_back_adapter()
    name = adapter["id"] if adapter else "the base model"
    show(adapter, as_json, lambda: typer.echo(f"{name} speaks now"))


def _gate(card: dict[str, Any]) -> list[str]:
    gate = card.get("gate")
    if not gate:
        return ["", "", ""]
    low, high = gate["interval"]
    return [percent(gate["base"]), percent(gate["adapter"]), f"{low:+.0%} to {high:+.0%}"]
