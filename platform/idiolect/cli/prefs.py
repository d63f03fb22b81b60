"""``idiolect prefs``: the pairs that training learns from."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, fields, show, table, when
from idiolect.errors import InvalidInputError

app = typer.Typer(help="The pairs that training learns from.", no_args_is_help=True)

_AT_ONCE = 200
_SHOWN_CHARS = 60


@app.command("ls")
def ls(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Lists the latest preferences."""
    with connect(ctx) as client:
        preferences = client.preferences(limit=limit)["items"]
    rows = [
        [
            one["id"],
            one["source"],
            one["split"],
            when(one["created_at"]),
            one["chosen"][:_SHOWN_CHARS],
            one["rejected"][:_SHOWN_CHARS],
        ]
        for one in preferences
    ]
    columns = ["id", "source", "split", "when", "chosen", "rejected"]
    show(preferences, as_json, lambda: table("Preferences", columns, rows))


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines.")],
    as_json: JsonFlag = False,
) -> None:
    """Adds pairs from JSON lines with prompt (or context), chosen and rejected."""
    items = [_pair(number, line) for number, line in _lines(file)]
    total: dict[str, Any] = {"accepted": 0, "duplicates": 0, "refused": []}
    with connect(ctx) as client:
        for start in range(0, len(items), _AT_ONCE):
            receipt = client.add_preferences(items[start : start + _AT_ONCE])
            total["accepted"] += receipt["accepted"]
            total["duplicates"] += receipt["duplicates"]
            for refused in receipt["refused"]:
                total["refused"].append({**refused, "index": refused["index"] + start})
    show(total, as_json, lambda: fields({**total, "refused": len(total["refused"])}))
    if total["refused"]:
        raise typer.Exit(1)


@app.command("export")
def export(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="Where to; - is standard output.")] = "-",
) -> None:
    """Writes all preferences as JSON lines that import takes back."""
    from idiolect.client import each

    with connect(ctx) as client:
        lines = [
            json.dumps(
                {name: one[name] for name in ("context", "chosen", "rejected", "source")},
                ensure_ascii=False,
            )
            for one in each(lambda cursor: client.preferences(limit=200, cursor=cursor))
            if not one["is_tie"]
        ]
    text = "".join(f"{line}\n" for line in lines)
    if file == "-":
        sys.stdout.write(text)
    else:
        Path(file).write_text(text, encoding="utf-8")
        typer.echo(f"{len(lines)} preferences written to {file}", err=True)


def _lines(file: Path) -> list[tuple[int, str]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _pair(number: int, line: str) -> dict[str, Any]:
    try:
        pair = json.loads(line)
    except ValueError as error:
        raise InvalidInputError(
            f"line {number} is not JSON", hint="Write one JSON object on each line."
        ) from error
    if not isinstance(pair, dict):
        raise InvalidInputError(f"line {number} is not an object")
    return pair
