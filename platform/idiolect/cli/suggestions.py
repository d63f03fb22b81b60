"""``idiolect suggestions``: what the assistant would offer by itself, and whether it may."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.cli.jobs import follow
from idiolect.cli.output import JsonFlag, fields, percent, show, table, when

app = typer.Typer(
    help="What the assistant would offer by itself, and whether it may.", no_args_is_help=True
)

SuggestionId = Annotated[str, typer.Argument(help="The suggestion's id, sug_...")]


@app.command("ls")
def ls(
    ctx: typer.Context,
    outcome: Annotated[
        str, typer.Option(help="now, later or digest alone; by default all three.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Lists the offers that are open."""
    with connect(ctx) as client:
        items = client.suggestions.list(outcome=outcome or None, limit=limit)["items"]
    rows = [
        [one["id"], _outcome(one), when(one["valid_until"]), one["text"], one["reason"]]
        for one in items
    ]
    columns = ["id", "when", "until", "offer", "why"]
    show(items, as_json, lambda: table("Suggestions", columns, rows))


@app.command("accept")
def accept(ctx: typer.Context, suggestion_id: SuggestionId, as_json: JsonFlag = False) -> None:
    """Takes up an offer and prints what to ask the assistant; nothing is sent."""
    with connect(ctx) as client:
        taken = client.suggestions.answer(suggestion_id, "accept")
    show(taken, as_json, lambda: typer.echo(taken["prompt"] or taken["text"]))


@app.command("dismiss")
def dismiss(ctx: typer.Context, suggestion_id: SuggestionId, as_json: JsonFlag = False) -> None:
    """Waves an offer away; the like of it is offered less then."""
    with connect(ctx) as client:
        gone = client.suggestions.answer(suggestion_id, "dismiss")
    show(gone, as_json, lambda: typer.echo(f"{gone['id']} is dismissed"))


@app.command("refresh")
def refresh(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Has a worker think of offers now."""
    with connect(ctx) as client:
        follow(client, client.start_job("suggest")["id"], as_json)


@app.command("settings")
def settings(
    ctx: typer.Context,
    enabled: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether offers are made.")
    ] = None,
    interrupts: Annotated[
        bool | None,
        typer.Option("--interrupt/--silent", help="Whether one may come up by itself."),
    ] = None,
    digest_hour: Annotated[
        list[int] | None,
        typer.Option(min=0, max=23, help="When you look at the digest; give it for each hour."),
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget what your answers have taught.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Shows what is set and learnt of suggestions, after changing what is given."""
    given: dict[str, Any] = {
        "enabled": enabled,
        "interrupts": interrupts,
        "digest_hours": digest_hour or None,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    with connect(ctx) as client:
        if forget:
            client.suggestions.forget_answers()
        present = client.suggestions.settings()
        if changes:
            kept = {name: present[name] for name in given}  # type: ignore[literal-required]  # its own names
            present = client.suggestions.change_settings(**{**kept, **changes})

    def render() -> None:
        fields(
            {
                "suggestions": "on" if present["enabled"] else "off",
                "interruptions": "on" if present["interrupts"] else "off",
                "digest": ", ".join(f"{hour}:00" for hour in present["digest_hours"]),
            }
        )
        typer.echo()
        rows = [
            [bar["kind"], percent(bar["usual_p"]), percent(bar["needed_p"])]
            for bar in present["bars"]
        ]
        table("Kinds", ["kind", "comes up from, usually", "after your answers"], rows)

    show(present, as_json, render)


def _outcome(offer: Mapping[str, Any]) -> str:
    """now, later or digest, and of what waits until when."""
    waits = f" ({when(offer['again_at'])})" if offer["again_at"] else ""
    return f"{offer['outcome']}{waits}"
