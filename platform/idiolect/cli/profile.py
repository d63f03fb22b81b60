"""``idiolect profile``: what is believed of you, and why."""

from typing import Annotated, Any, Literal

import typer

from idiolect.cli.calibration import calibration
from idiolect.cli.connection import connect
from idiolect.cli.contests import contest, settle
from idiolect.cli.jobs import follow
from idiolect.cli.output import JsonFlag, fields, percent, show, table, when

app = typer.Typer(help="What is believed of you, and why.", no_args_is_help=True)

PropositionId = Annotated[str, typer.Argument(help="The proposition's id, mem_...")]

_COLUMNS = ["id", "sure", "evidence", "statement"]
_STANDING = (
    "text", "reasoning", "confidence", "raw_confidence", "rating", "private", "contested", "state",
)  # fmt: skip

app.command("calibration")(calibration)
app.command("contest")(contest)
app.command("settle")(settle)


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


@app.command("context")
def context(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="What is about to be answered; or nothing.")] = "",
    budget: Annotated[
        int, typer.Option(min=100, max=8000, help="Tokens that the text may have.")
    ] = 500,
    limit: Annotated[int, typer.Option(min=1, max=50, help="Facts that are considered.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Tells what an assistant is told of you for a query, ready to stand in a prompt."""
    with connect(ctx) as client:
        told = client.context(query, budget_tokens=budget, limit=limit, evidence=as_json)

    def render() -> None:
        typer.echo(told["text"] or "nothing is known that bears on it")
        typer.echo(f"{told['tokens']} tokens, {told['left_out']} facts left out", err=True)

    show(told, as_json, render)


@app.command("show")
def show_one(ctx: typer.Context, proposition_id: PropositionId, as_json: JsonFlag = False) -> None:
    """Shows one proposition with its evidence and history."""
    with connect(ctx) as client:
        found: dict[str, Any] = {**client.proposition(proposition_id)}

    def render() -> None:
        fields({name: found[name] for name in (*_STANDING, "half_life_days", "version")})
        evidence = [
            [when(one["occurred_at"]), one["application"], one["quote"]]
            for one in found["evidence"]
        ]
        typer.echo()
        table("Evidence", ["when", "application", "quote"], evidence)

    show(found, as_json, render)


@app.command("rate")
def rate(
    ctx: typer.Context,
    proposition_id: PropositionId,
    mark: Annotated[
        Literal["true", "partly", "false", "private"],
        typer.Argument(help="What you say of it; private hides it from assistants."),
    ],
    as_json: JsonFlag = False,
) -> None:
    """Says whether a proposition is true, which teaches how far its author is to be believed."""
    with connect(ctx) as client:
        rated: dict[str, Any] = {**client.rate_proposition(proposition_id, mark)}
    show(rated, as_json, lambda: fields({name: rated[name] for name in ("id", *_STANDING)}))


@app.command("unrate")
def unrate(ctx: typer.Context, proposition_id: PropositionId, as_json: JsonFlag = False) -> None:
    """Takes back whatever you said of a proposition by rating it."""
    with connect(ctx) as client:
        freed: dict[str, Any] = {**client.withdraw_rating(proposition_id)}
    show(freed, as_json, lambda: fields({name: freed[name] for name in ("id", *_STANDING)}))


@app.command("refresh")
def refresh(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Has the observations that wait thought about now."""
    with connect(ctx) as client:
        job = client.refresh_propositions()
        if job is None:
            show(None, as_json, lambda: typer.echo("there are no new observations"))
        else:
            follow(client, job["id"], as_json)


@app.command("upkeep")
def upkeep(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Has the daily upkeep done now: ends, archives and measures; follows it to its end."""
    with connect(ctx) as client:
        follow(client, client.start_job("upkeep")["id"], as_json)


@app.command("health")
def health(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Shows what the last upkeep did, and what it found twice, contradictory or junk."""
    with connect(ctx) as client:
        found = client.upkeep()

    def render() -> None:
        if found is None:
            typer.echo("there was no upkeep yet; `idiolect profile upkeep` does one")
            return
        plain: dict[str, Any] = {
            name: value for name, value in found.items() if not name.endswith("_pairs")
        }
        shares = {name: f"{plain[name]:.1%}" for name in plain if name.endswith("_rate")}
        fields({**plain, **shares, "finished_at": when(found["finished_at"])})
        pairs = [
            [what, *pair]
            for what, named in (
                ("say the same", found["duplicate_pairs"]),
                ("contradict", found["contradiction_pairs"]),
            )
            for pair in named
        ]
        typer.echo()
        table("Pairs", ["", "earlier", "later"], pairs)

    show(found, as_json, render)


def _table(items: Any, as_json: bool) -> None:
    rows = [
        [item["id"], percent(item["confidence"]), item["evidence_count"], item["text"]]
        for item in items
    ]
    show(items, as_json, lambda: table("Propositions", _COLUMNS, rows))
