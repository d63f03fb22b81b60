"""``idiolect forget``: erases what is known of you, and shows first what would go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, show, table, when
from idiolect.cli.progress import progress
from idiolect.errors import InvalidInputError

if TYPE_CHECKING:
    from idiolect.client.forgetting import Preview, Receipt, Scope


app = typer.Typer(help="Erases what is known of you, for good.", no_args_is_help=True)

CAN_KEEP = frozenset({"proposition", "topic"})
"""The scopes of which single matches can be kept."""

SHOWN = 20
"""How many matches and statements are listed before the question."""

Yes = Annotated[bool, typer.Option("--yes", help="Erase without asking.")]
Only = Annotated[bool, typer.Option("--preview", help="Only show what would go.")]
Keep = Annotated[
    list[str] | None,
    typer.Option(help="The id of something listed that is to stay; repeat it."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a command was given."""

    yes: bool
    preview: bool
    as_json: bool


@app.command("proposition")
def proposition(
    ctx: typer.Context,
    proposition_id: Annotated[str, typer.Argument(help="The proposition's id, mem_...")],
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Erase the observations too that it rests on.")
    ] = False,
    keep: Keep = None,
    yes: Yes = False,
    preview: Only = False,
    as_json: JsonFlag = False,
) -> None:
    """Erases a statement and those that say the same; it is not learned again."""
    from idiolect.client.forgetting import a_proposition

    scope = a_proposition(proposition_id, with_evidence=evidence, keep=keep or ())
    _forget(ctx, scope, Asked(yes, preview, as_json))


@app.command("app")
def application(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The application, as observations name it.")],
    yes: Yes = False,
    preview: Only = False,
    as_json: JsonFlag = False,
) -> None:
    """Erases what was observed in an application, and what rests on nothing else."""
    from idiolect.client.forgetting import an_application

    _forget(ctx, an_application(name), Asked(yes, preview, as_json))


@app.command("day")
def day(
    ctx: typer.Context,
    date: Annotated[str, typer.Argument(help="The day, such as 2026-03-02.")],
    yes: Yes = False,
    preview: Only = False,
    as_json: JsonFlag = False,
) -> None:
    """Erases what was observed, said and suggested on a day."""
    from datetime import date as calendar_day

    from idiolect.client.forgetting import a_day

    try:
        moment = calendar_day.fromisoformat(date)
    except ValueError as error:
        raise InvalidInputError(
            f"{date!r} is no day", hint="Write it as year-month-day, such as 2026-03-02."
        ) from error
    _forget(ctx, a_day(moment), Asked(yes, preview, as_json))


@app.command("topic")
def topic(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="A few words that say what it is about.")],
    keep: Keep = None,
    yes: Yes = False,
    preview: Only = False,
    as_json: JsonFlag = False,
) -> None:
    """Erases what is about a topic: statements, observations, what you wrote, and the replies."""
    from idiolect.client.forgetting import a_topic

    _forget(ctx, a_topic(text, keep=keep or ()), Asked(yes, preview, as_json))


@app.command("everything")
def everything(
    ctx: typer.Context, yes: Yes = False, preview: Only = False, as_json: JsonFlag = False
) -> None:
    """Erases all that there is of you, but for yourself, your keys and the receipt."""
    from idiolect.client.forgetting import everything as whole

    _forget(ctx, whole(), Asked(yes, preview, as_json), word="everything")


@app.command("ls")
def ls(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Lists the receipts of what was erased, the latest first."""
    with connect(ctx) as client:
        receipts = client.forgetting.receipts(limit=limit)["items"]
    rows = [
        [
            when(one["at"]),
            one["scope"],
            in_words(one["counts"]),
            "yes" if one["is_done"] else "not yet",
        ]
        for one in receipts
    ]
    show(receipts, as_json, lambda: table("Receipts", ["when", "scope", "erased", "done"], rows))


def _forget(ctx: typer.Context, scope: Scope, asked: Asked, word: str = "") -> None:
    """Shows what would go, asks, and erases.

    Args:
        word: to be typed in place of an answer to a question.
    """
    with connect(ctx) as client:
        if asked.preview or not asked.yes:
            with progress("looking"):
                preview = client.forgetting.preview(scope)
            if asked.preview:
                show(preview, asked.as_json, lambda: _show_preview(preview, err=False))
                return
            _show_preview(preview, err=True)
            _ask(word)
        with progress("forgetting"):
            receipt = client.forgetting.forget(scope)
    show(receipt, asked.as_json, lambda: _show_receipt(receipt))


def _ask(word: str) -> None:
    if not word:
        typer.confirm("Erase this for good?", abort=True, err=True)
    elif typer.prompt(f'Nothing brings it back. Type "{word}" to go on', err=True) != word:
        raise typer.Abort


def _show_preview(preview: Preview, *, err: bool) -> None:
    counts = list(preview["counts"].items())
    table("Changes", ["what goes or changes", "how many"], counts, err=err)
    matches = preview["matches"]
    if preview["scope"] in CAN_KEEP:
        columns = ["id", "near", "says"]
        rows = [[one["id"], _near(one["similarity"]), one["text"]] for one in matches]
    else:
        columns, rows = ["id", "says"], [[one["id"], one["text"]] for one in matches]
    _list(rows, "Matches", columns, err=err)
    if preview["scope"] in CAN_KEEP and matches:
        typer.echo("\nWhat is to stay of these: --keep ID, once for each.", err=err)
    named = {one["text"] for one in preview["matches"]}
    falling = [[text] for text in preview["statements"] if text not in named]
    _list(falling, "Statements", ["also goes"], err=err)
    typer.echo(err=err)


def _list(rows: list[list[str]], title: str, columns: list[str], *, err: bool) -> None:
    """The first of some rows, and how many more there are; nothing of nothing."""
    if rows:
        typer.echo(err=err)
        table(title, columns, rows[:SHOWN], err=err)
    if len(rows) > SHOWN:
        typer.echo(f"and {len(rows) - SHOWN} more", err=err)


def _show_receipt(receipt: Receipt) -> None:
    fields({"receipt": receipt["id"], "erased": in_words(receipt["counts"])})
    if not receipt["is_done"]:
        typer.echo("vectors or files are left; they go when the store answers again", err=True)


def in_words(counts: dict[str, int]) -> str:
    """What went, in a sentence."""
    said = (f"{count} {noun if count != 1 else _singular(noun)}" for noun, count in counts.items())
    return ", ".join(said) or "nothing was there"


def _singular(noun: str) -> str:
    """One of what counts name, as in ``record of replies`` and ``other memory``."""
    if noun == "other memories":
        return "other memory"
    words = noun.split()
    plural = next((place for place, word in enumerate(words) if word.endswith("s")), None)
    return (
        noun
        if plural is None
        else " ".join(
            word.removesuffix("s") if place == plural else word for place, word in enumerate(words)
        )
    )


def _near(similarity: float | None) -> str:
    return "by words or time" if similarity is None else f"{similarity:.2f}"
