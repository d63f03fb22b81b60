"""``idiolect profile``: what is believed of you, and why."""

from typing import Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.cli.jobs import follow
from idiolect.cli.output import JsonFlag, fields, percent, show, table, when

app = typer.Typer(help="What is believed of you, and why.", no_args_is_help=True)

PropositionId = Annotated[str, typer.Argument(help="The proposition's id, mem_...")]

_COLUMNS = ["id", "sure", "evidence", "statement"]


@app.command("ls")
def ls(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Lists the propositions."""
    with connect(ctx) as client:
        _table(client.propositions(limit=limit)["items"], as_json)


@app.command("search")
def search(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="A question or a topic.")],
    limit: Annotated[int, typer.Option(min=1, max=50)] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Finds the propositions that matter to a text."""
    with connect(ctx) as client:
        _table(client.search(query, limit=limit), as_json)


@app.command("show")
def show_one(ctx: typer.Context, proposition_id: PropositionId, as_json: JsonFlag = False) -> None:
    """Shows one proposition with its evidence and history."""
    with connect(ctx) as client:
        found: dict[str, Any] = {**client.proposition(proposition_id)}

    def render() -> None:
        wanted = ("text", "reasoning", "confidence", "half_life_days", "state", "version")
        fields({name: found[name] for name in wanted})
        evidence = [
            [when(one["occurred_at"]), one["application"], one["quote"]]
            for one in found["evidence"]
        ]
        typer.echo()
        table("Evidence", ["when", "application", "quote"], evidence)

    show(found, as_json, render)


@app.command("forget")
def forget(ctx: typer.Context, proposition_id: PropositionId) -> None:
    """Erases a proposition; it is not learned again."""
    with connect(ctx) as client:
        client.forget_proposition(proposition_id)
    typer.echo(f"{proposition_id} is forgotten", err=True)


@app.command("refresh")
def refresh(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Has the observations that wait thought about now."""
    with connect(ctx) as client:
        job = client.refresh_propositions()
        if job is None:
            show(None, as_json, lambda: typer.echo("there are no new observations"))
        else:
            follow(client, job["id"], as_json)


def _table(items: Any, as_json: bool) -> None:
    rows = [
        [item["id"], percent(item["confidence"]), item["evidence_count"], item["text"]]
        for item in items
    ]
    show(items, as_json, lambda: table("Propositions", _COLUMNS, rows))
