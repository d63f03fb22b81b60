"""``idiolect profile contest`` and ``settle``: what is believed of you and must not act for now."""

from typing import Annotated, Any, Literal

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, show

PropositionId = Annotated[str, typer.Argument(help="The proposition's id, mem_...")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why, for the record; leave out what the proposition says.")
]


def contest(
    ctx: typer.Context, proposition_id: PropositionId, reason: Reason, as_json: JsonFlag = False
) -> None:
    """Suspends a proposition: it does not act on replies until you settle it."""
    with connect(ctx) as client:
        contested: dict[str, Any] = {**client.charter.contest_proposition(proposition_id, reason)}
    show(contested, as_json, lambda: fields(contested))


def settle(
    ctx: typer.Context,
    proposition_id: PropositionId,
    outcome: Annotated[
        Literal["uphold", "retire", "amend"],
        typer.Argument(help="It holds, it is false, or it is put in your words."),
    ],
    reason: Reason,
    text: Annotated[str, typer.Option(help="Your words, to amend it.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Ends a contest of a proposition."""
    with connect(ctx) as client:
        settled: dict[str, Any] = {
            **client.charter.settle_proposition(proposition_id, outcome, reason, text=text or None)
        }
    show(settled, as_json, lambda: fields(settled))
