"""What commands print: a table or lines on a terminal, JSON everywhere else."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON, as when piped.")]


def show(value: Any, as_json: bool, render: Callable[[], None]) -> None:
    """Prints a value as JSON, or has it rendered for a person at a terminal."""
    if as_json or not sys.stdout.isatty():
        typer.echo(json.dumps(value, ensure_ascii=False))
    else:
        render()


def table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, err: bool = False
) -> None:
    """Prints a table; an empty one says so. ``err`` leaves standard output to the result."""
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(f"no {title.lower()}", err=err)
        return
    drawn = Table(title=None, box=None, header_style="bold", pad_edge=False)
    for column in columns:
        # An id in two pieces cannot be copied into the next command.
        drawn.add_column(column, overflow="fold", no_wrap=column == "id")
    for row in rows:
        drawn.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(stderr=err).print(drawn, markup=False)


def fields(values: Mapping[str, object]) -> None:
    """Prints names and values, one pair a line."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        typer.echo(f"{name:<{width}}  {'' if value is None else value}")


def when(moment: str | None) -> str:
    """A time of the API to the minute, in the local zone."""
    from datetime import datetime

    if moment is None:
        return ""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def moment_of(text: str) -> str:
    """A day or time as typed, in the local zone unless it names one, as RFC 3339.

    Raises:
        InvalidInputError: it is neither.
    """
    from datetime import datetime

    from idiolect.errors import InvalidInputError

    try:
        return datetime.fromisoformat(text).astimezone().isoformat()
    except ValueError as error:
        raise InvalidInputError(
            f"{text!r} is no day or time", hint="Write it as 2026-03-01 or 2026-03-01T09:30."
        ) from error


def percent(share: float) -> str:
    """A share as a whole percentage."""
    return f"{share:.0%}"
