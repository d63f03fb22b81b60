"""``idiolect proofs`` and ``idiolect prove``: does a method from the literature do what it says?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli.output import JsonFlag, show, table
from idiolect.cli.progress import progress

if TYPE_CHECKING:
    from rich.console import Console

    from idiolect.proofs.report import Finding, Report

app = typer.Typer(help="What methods from the literature must show.", no_args_is_help=True)

_MEASURES_A_TABLE = 4
"""So that tables fit on a terminal of 80 columns."""

_VERDICT_STYLES = {"shown": "green", "not-shown": "yellow", "opposite": "red"}


@app.callback()
def _group() -> None:
    """Keeps ``ls`` a command of its own while it is the only one."""


@app.command("ls")
def ls(as_json: JsonFlag = False) -> None:
    """Lists the proofs and what each claims."""
    from idiolect.proofs import NAMES, proof

    members = {name: proof(name) for name in NAMES}
    listed = [
        {"name": name, "paper": one.paper, "claim": one.claim} for name, one in members.items()
    ]
    rows = [(one["name"], one["claim"], one["paper"]) for one in listed]
    show(listed, as_json, lambda: table("Proofs", ("name", "claim", "paper"), rows))


def prove(
    name: Annotated[str, typer.Argument(help="Which proof; `idiolect proofs ls` lists them.")],
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="Fewer seeds, so wider intervals, sooner: two or three instead of five or eight; "
            "four people instead of twenty.",
        ),
    ] = False,
    seeds: Annotated[
        int, typer.Option(help="How many seeds, at least two; 0 for the default.", min=0)
    ] = 0,
    plots: Annotated[Path | None, typer.Option(help="A folder for the plot, as PNG.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Runs a proof and says whether its claim is shown.

    Exits with 0 whenever the proof ran, whatever it found.
    """
    from idiolect.proofs import proof
    from idiolect.proofs.parts import FIRST_SEED
    from idiolect.proofs.plots import draw, require_plots
    from idiolect.proofs.report import prove as run

    name = name.replace("-", "_")
    found = proof(name)
    if plots is not None:
        require_plots()  # before the minutes that the proof takes
    number = seeds or (found.seeds.quick if quick else found.seeds.full)
    with progress(name) as on_progress:
        report = run(
            name,
            found,
            seeds=range(FIRST_SEED, FIRST_SEED + number),
            on_progress=on_progress,
        )
    path = None if plots is None else draw(report, plots)
    show(report.as_dict(), as_json, lambda: _print(report, path))


def _print(report: Report, path: Path | None) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    style = _VERDICT_STYLES[report.verdict]
    console.print(Text.assemble((report.name, "bold"), "  ", (report.verdict, f"bold {style}")))
    console.print(Text(report.proof.paper, style="dim"))
    console.print(Padding(Text(report.proof.claim), (1, 0)))
    _print_arms(console, report)
    console.print()
    _print_checks(console, report.findings)
    console.print(
        Text(
            f"\nMeans over {len(report.seeds)} {report.proof.seeds.of}, with Student's 95 %"
            f" intervals; effects are differences within each. {report.seconds:.0f} s.",
            style="dim",
        )
    )
    if path is not None:
        console.print(Text(f"plot: {path}", style="dim"))


def _print_arms(console: Console, report: Report) -> None:
    """Each arm with the headline measure and its interval, then with the other measures."""
    from rich.table import Table
    from rich.text import Text

    headline, *others = report.measures
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    drawn.add_column("arm", no_wrap=True)
    drawn.add_column("role", style="dim")
    drawn.add_column(headline, justify="right", no_wrap=True)
    drawn.add_column("95 % interval", justify="right", style="dim", no_wrap=True)
    estimates = report.estimates(headline)
    for name, arm in report.proof.arms.items():
        one = estimates[name]
        drawn.add_row(Text(name), arm.role, f"{one.mean:.3f}", _interval(one.interval))
    console.print(drawn)
    for start in range(0, len(others), _MEASURES_A_TABLE):
        console.print()
        _print_measures(console, report, others[start : start + _MEASURES_A_TABLE])


def _print_measures(console: Console, report: Report, measures: Sequence[str]) -> None:
    """The means of a few measures by arm; empty where an arm has no sense for one."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, header_style="bold", pad_edge=False)
    drawn.add_column("arm", no_wrap=True)
    estimates = {measure: report.estimates(measure) for measure in measures}
    for measure in measures:
        drawn.add_column(measure, justify="right", no_wrap=True)
    for name in report.proof.arms:
        found = (of_arms.get(name) for of_arms in estimates.values())
        drawn.add_row(Text(name), *("" if one is None else f"{one.mean:.3f}" for one in found))
    console.print(drawn)


def _print_checks(console: Console, findings: Sequence[Finding]) -> None:
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, header_style="bold", pad_edge=False)
    drawn.add_column("claimed")
    drawn.add_column("effect", justify="right")
    drawn.add_column("95 % interval", justify="right", style="dim")
    drawn.add_column("asked", justify="right", style="dim")
    drawn.add_column("verdict")
    for finding in findings:
        check = finding.check
        drawn.add_row(
            Text(check.says),
            f"{finding.effect.mean:+.3f}",
            _interval(finding.effect.interval, "+"),
            f"{'<' if check.lower else '>'} {check.bound:g}",
            Text(finding.verdict, style=_VERDICT_STYLES[finding.verdict]),
        )
    console.print(drawn)


def _interval(ends: tuple[float, float], sign: str = "") -> str:
    return " to ".join(f"{end:{sign}.3f}" for end in ends)
