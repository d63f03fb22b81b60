"""``idiolect profile calibration``: how far confidence is to be trusted, by what you rated."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli.connection import connect
from idiolect.cli.output import JsonFlag, percent, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from idiolect.client.responses import Bin, Calibration, Reliability

WIDTH = 40
"""Cells of a bar from 0 to 100 %."""


def calibration(
    ctx: typer.Context,
    plot: Annotated[
        Path | None, typer.Option(help="A file for the reliability diagram, .png or .svg.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tells how far confidence is to be trusted, by the propositions that you rated.

    "Before" is confidence as its author gave it, "after" what a map makes of it that was fitted
    without the proposition in question.
    """
    if plot is not None:
        from idiolect.cli.reliability_plot import draw, require_drawable

        require_drawable(plot)  # before anything is asked for
    with connect(ctx) as client:
        found = client.calibration()
    if plot is not None:
        draw(found["overall"], found["ratings_needed"], plot)
    show(found, as_json, lambda: _print(found))
    if plot is not None:
        typer.echo(f"the diagram is in {plot}", err=True)


def _print(found: Calibration) -> None:
    from rich.console import Console

    print_calibration(Console(), found)


def print_calibration(console: Console, found: Calibration) -> None:
    """A table of figures by author, and the reliability diagram; or what is missing for them."""
    overall, needed = found["overall"], found["ratings_needed"]
    if overall["ratings"] < needed:
        console.print(
            f"{overall['ratings']} of the {needed} ratings that figures need: with fewer, chance "
            "says more than you do.\nRate more with `idiolect profile rate ID MARK`.",
            markup=False,
        )
        return
    _print_figures(console, {"all": overall, **found["authors"]})
    console.print()
    _print_diagram(console, "Confidence before the map", overall["raw"]["bins"])
    console.print()
    _print_diagram(console, "Confidence after the map", overall["calibrated"]["bins"])


def _print_figures(console: Console, rows: dict[str, Reliability]) -> None:
    from rich.table import Table

    drawn = Table(box=None, header_style="bold", pad_edge=False)
    drawn.add_column("author")
    for name in ("ratings", "right", "Brier", "after", "error", "after", "by chance"):
        drawn.add_column(name, justify="right", no_wrap=True)
    for author, one in rows.items():
        raw, calibrated = one["raw"], one["calibrated"]
        drawn.add_row(
            author,
            str(one["ratings"]),
            "" if one["mean_rating"] is None else percent(one["mean_rating"]),
            _figure(raw["brier"]),
            _figure(calibrated["brier"]),
            _figure(raw["calibration_error"]),
            _figure(calibrated["calibration_error"]),
            _figure(calibrated["error_by_chance"]),
        )
    console.print(drawn)


def _figure(value: float | None) -> str:
    return "too few" if value is None else f"{value:.3f}"


def _print_diagram(console: Console, title: str, bins: Sequence[Bin]) -> None:
    """One bar a bin: how often it was right, and a mark where its confidence says it should be."""
    from rich.table import Table

    drawn = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    drawn.add_column("confidence", no_wrap=True)
    drawn.add_column("ratings", justify="right", no_wrap=True)
    drawn.add_column("right: the bar; expected: the mark", no_wrap=True)
    drawn.add_column("", justify="right", no_wrap=True)
    for one in bins:
        drawn.add_row(
            f"{one['low']:.0%} to {one['high']:.0%}",
            str(one["beliefs"]),
            bar(one["right"], one["confidence"]),
            percent(one["right"]),
        )
    console.print(drawn)


def bar(right: float, expected: float) -> Text:
    """``right`` filled in from the left, of 40 cells, and a mark at ``expected``; in [0, 1]."""
    from rich.text import Text

    filled = round(right * WIDTH)
    at = min(int(expected * WIDTH), WIDTH - 1)
    cells = Text("█" * filled, style="cyan") + Text("░" * (WIDTH - filled), style="dim")
    return cells[:at] + Text("┃", style="bold yellow") + cells[at + 1 :]
