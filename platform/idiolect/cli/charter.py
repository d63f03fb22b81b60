"""``idiolect charter``: the norms that go before your preferences, and your part in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, show, table, when
from idiolect.errors import InvalidInputError

if TYPE_CHECKING:
    from idiolect.client.charter import Charter, Settled, Standard

app = typer.Typer(
    help="The norms that go before your preferences, and your part in them.", no_args_is_help=True
)

StandardId = Annotated[str, typer.Argument(help="The standard's id; `charter show` lists them.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
Scores = Annotated[
    list[str] | None,
    typer.Option(
        "--score",
        help="OPTION=NUMBER: how well you can live with another way out, from 0 to 1. By default "
        "not at all.",
    ),
]

_CONCERN = re.compile(r"(?P<subject>\w+)(?:(?P<sign>!?=)(?P<values>\w+(?:,\w+)*))?")
_TOLD_CHARACTERS = 2000


@app.command("show")
def show_charter(
    ctx: typer.Context,
    standard_id: Annotated[str, typer.Argument(help="One standard; by default all.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Shows the standards, or one of them with its history."""
    with connect(ctx) as client:
        charter = client.charter.read()
    if standard_id:
        _show_one(_standard(charter, standard_id), as_json)
    else:
        _show_all(charter, as_json)


@app.command("propose")
def propose(
    ctx: typer.Context,
    standard_id: Annotated[str, typer.Argument(help="A name for it, of letters and _.")],
    text: Annotated[str, typer.Argument(help="What the assistant is told, in one line.")],
    reason: Reason,
    kind: Annotated[
        Literal["obligation", "permission", "prohibition"],
        typer.Option(help="Whether it is owed, allowed or forbidden."),
    ] = "obligation",
    role: Annotated[str, typer.Option(help="Whom it binds: all, assistant, tutor ...")] = "all",
    scope: Annotated[str, typer.Option(help="When it applies, for people.")] = "always",
    priority: Annotated[int, typer.Option(help="The higher goes first.")] = 0,
    concerns: Annotated[
        list[str] | None,
        typer.Option(
            "--concern",
            help="What it is about, so that a program can weigh it: length=short,brief leaves "
            "these, length!=long all but these, flatter is the act itself, and health an area "
            "of life, which a permission opens.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Brings in a standard of yours; it has effect once it is ratified."""
    standard = {
        "id": standard_id,
        "text": text,
        "rationale": reason,
        "kind": kind,
        "role": role,
        "scope": scope,
        "priority": priority,
        "concerns": [_concern(each) for each in concerns or ()],
    }
    with connect(ctx) as client:
        charter = client.charter.propose(client.charter.read()["version"], standard)
    _show_one(_standard(charter, standard_id), as_json)


@app.command("ratify")
def ratify(
    ctx: typer.Context,
    standard_id: StandardId,
    reason: Reason,
    scores: Scores = None,
    as_json: JsonFlag = False,
) -> None:
    """Votes for a proposal; the platform votes, too, where it would overrule its standards."""
    with connect(ctx) as client:
        version = client.charter.read()["version"]
        settled = client.charter.ratify(
            version, standard_id, {"ratify": 1.0, **_scores(scores)}, reason
        )
    _show_vote(settled, standard_id, as_json)


@app.command("contest")
def contest(
    ctx: typer.Context, standard_id: StandardId, reason: Reason, as_json: JsonFlag = False
) -> None:
    """Calls a standard into question, which suspends it unless it protects others than you."""
    with connect(ctx) as client:
        charter = client.charter.contest(client.charter.read()["version"], standard_id, reason)
    _show_one(_standard(charter, standard_id), as_json)


@app.command("settle")
def settle(
    ctx: typer.Context,
    standard_id: StandardId,
    choice: Annotated[
        Literal["uphold", "retire", "amend"], typer.Argument(help="What you vote for.")
    ],
    reason: Reason,
    text: Annotated[str, typer.Option(help="What it would say instead, to amend it.")] = "",
    scores: Scores = None,
    as_json: JsonFlag = False,
) -> None:
    """Votes on a contested standard; the platform votes, too, on its own."""
    if bool(text) != (choice == "amend"):
        raise InvalidInputError(
            f"a vote to {choice} comes {'without' if text else 'with'} a text",
            hint="Give --text when you vote to amend, and only then.",
        )
    with connect(ctx) as client:
        settled = client.charter.settle(
            client.charter.read()["version"],
            standard_id,
            {choice: 1.0, **_scores(scores)},
            reason,
            amendment={"text": text} if text else None,
        )
    _show_vote(settled, standard_id, as_json)


@app.command("retire")
def retire(
    ctx: typer.Context, standard_id: StandardId, reason: Reason, as_json: JsonFlag = False
) -> None:
    """Takes back a standard of yours."""
    with connect(ctx) as client:
        charter = client.charter.retire(client.charter.read()["version"], standard_id, reason)
    _show_one(_standard(charter, standard_id), as_json)


@app.command("history")
def history(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Lists what was done to the charter, the latest first."""
    with connect(ctx) as client:
        steps = client.charter.history(limit=limit)["items"]
    rows = [
        [when(one["at"]), one["actor"], one["step"], one["standard_id"], one["reason"]]
        for one in steps
    ]
    columns = ["when", "who", "step", "standard", "why"]
    show(steps, as_json, lambda: table("Steps", columns, rows))


@app.command("check")
def check(as_json: JsonFlag = False) -> None:
    """Counts what of forbidden preferences reaches a model, over the conflict suite.

    No model is asked, and nothing of yours is read: each case has its own invented person. Exits
    with 1 when personalization lets something pass, or when the sham, which has no standards,
    does not.
    """
    from idiolect.assistant.conflicts import check as run
    from idiolect.usermodel.charter.conflicts import load_cases

    told = {"told the rules": _TOLD_CHARACTERS, "not told": 0}
    reports = {name: run(load_cases(), charter_characters=room) for name, room in told.items()}
    found = [
        {
            "model": name,
            "cases": len(report.results),
            "pulling": report.pulling,
            "on": report.broken_on,
            "off": report.broken_off,
            "sham": report.broken_sham,
            "passed": [
                {"case": each.case.id, "standard": each.case.standard, "reached": list(each.on)}
                for each in report.results
                if each.on
            ],
        }
        for name, report in reports.items()
    ]
    columns = ["model", "cases", "against the charter", "on", "off", "charter off"]
    names = ("model", "cases", "pulling", "on", "off", "sham")
    rows = [[one[name] for name in names] for one in found]
    show(found, as_json, lambda: table("Cases", columns, rows))
    if not all(report.is_kept for report in reports.values()):
        raise typer.Exit(1)


def _standard(charter: Charter, standard_id: str) -> Standard:
    found = next((one for one in charter["standards"] if one["id"] == standard_id), None)
    if found is None:
        raise InvalidInputError(
            f"the charter has no standard {standard_id}",
            hint=f"Use one of {', '.join(one['id'] for one in charter['standards'])}.",
        )
    return found


def _show_all(charter: Charter, as_json: bool) -> None:
    rows = [
        [one["id"], one["kind"], _standing(one), one["priority"], one["text"]]
        for one in charter["standards"]
    ]

    def render() -> None:
        table("Standards", ["id", "kind", "status", "priority", "standard"], rows)
        typer.echo(f"\nversion {charter['version']}")

    show(charter, as_json, render)


def _show_one(standard: Standard, as_json: bool) -> None:
    def render() -> None:
        names = ("text", "kind", "role", "scope", "rationale", "source", "priority", "version")
        plain: dict[str, Any] = {**standard}
        fields({**{name: plain[name] for name in names}, "status": _standing(standard)})
        rows = [
            [when(one["at"]), one["party"], one["act"], one["reason"]]
            for one in standard["history"]
        ]
        if rows:
            typer.echo()
            table("Steps", ["when", "who", "step", "why"], rows)

    show(standard, as_json, render)


def _show_vote(settled: Settled, standard_id: str, as_json: bool) -> None:
    tally = settled["tally"]

    def render() -> None:
        rows = [
            [one["option"], one["worst"], one["mean"], one["firsts"]] for one in tally["standings"]
        ]
        table("Votes", ["option", "worst-off", "mean", "first for"], rows)
        status = _standing(_standard(settled["charter"], standard_id))
        typer.echo(f"\nchosen: {tally['chosen']}; {standard_id} is {status}")

    show(settled, as_json, render)


def _standing(standard: Standard) -> str:
    if standard["status"] == "contested":
        return "contested, in force" if standard["is_in_force"] else "contested, suspended"
    return standard["status"]


def _concern(said: str) -> dict[str, Any]:
    found = _CONCERN.fullmatch(said)
    if found is None:
        raise InvalidInputError(
            f"{said!r} is no concern", hint="Write length=short,brief, length!=long or flatter."
        )
    named = {"=": "admits", "!=": "excludes"}
    values = {named[found["sign"]]: found["values"].split(",")} if found["sign"] else {}
    return {"subject": found["subject"], **values}


def _scores(given: Sequence[str] | None) -> dict[str, float]:
    scores = {}
    for one in given or ():
        option, _, number = one.partition("=")
        try:
            scores[option] = float(number)
        except ValueError as error:
            raise InvalidInputError(
                f"{one!r} is no score", hint="Write an option and a number, such as retire=0.5."
            ) from error
    return scores
