"""``idiolect simulate``: people whose truth is known, as files, and scores against that truth."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from idiolect.cli.output import JsonFlag, fields, percent, show, table
from idiolect.cli.progress import progress
from idiolect.errors import InvalidInputError

if TYPE_CHECKING:
    from idiolect.simulation.export import Counts
    from idiolect.simulation.scoring import Judged, Score

_EARLIEST = date(1990, 1, 1)
_LAST_ZONE = timezone(timedelta(hours=-12))
"""Where a day ends last: people live in many zones, and a day is over when it is over there."""

app = typer.Typer(invoke_without_command=True, no_args_is_help=True)


@app.callback()
def simulate(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="The folder to write; it must be empty.")] = None,
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 50,
    days: Annotated[int, typer.Option(min=1, max=366, help="Days of each life.")] = 7,
    choices: Annotated[
        int, typer.Option(min=0, help="Choices between two replies that each person makes.")
    ] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
    noise: Annotated[
        float, typer.Option(min=0, max=1, help="Share of choices noted the wrong way round.")
    ] = 0.05,
    temperature: Annotated[
        float,
        typer.Option(help="How undecided people are, in standard deviations of their taste."),
    ] = 0.3,
    start: Annotated[
        str, typer.Option(help="The first day, such as 2026-03-02; the last one must be over.")
    ] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Replace an earlier simulation in the folder.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Writes people whose truth is known: what was seen of them, what they choose, what is so.

    Each person gets a stream of observations (applications, screens, messages, mails, a calendar)
    that shows some of what is true among other people's words, spam, advertisements and phishing;
    choices between replies by a hidden taste; and the truth to score against. The folder's
    README.md says what is in it and how to import it.
    """
    if ctx.invoked_subcommand is not None:
        return
    if out is None:
        raise InvalidInputError(
            "there is no folder to write to",
            hint="Name one: `idiolect simulate --people 50 --days 7 --seed 1 --out DIR`.",
        )
    from idiolect.simulation.export import write_society
    from idiolect.simulation.groups import CHOICE
    from idiolect.simulation.society import Design

    first = _first_day(start)
    _require_past(first, days)
    choice = replace(CHOICE, slips=noise, temperature=temperature)
    design = Design(
        people=people, days=days, choices=choices, seed=seed, start=first, choice=choice
    )
    with progress("simulating") as on_progress:
        counts = write_society(design, out, force=force, on_progress=on_progress)
    show({"out": str(out), **counts.as_dict()}, as_json, lambda: _print_counts(out, counts))


@app.command("score")
def score(
    truth: Annotated[
        Path, typer.Argument(help="A person's truth.json, or the folder that holds it.")
    ],
    propositions: Annotated[
        Path,
        typer.Argument(help="Rows with text and confidence: JSON lines, or one JSON list."),
    ],
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"],
            help="The moment whose truth counts, with its zone; by default the stream's end.",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what each proposition came out as.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Scores propositions against what is true of a simulated person.

    `idiolect profile ls --limit 200 --json` prints such a file. Statements match by meaning
    (all-MiniLM-L6-v2) and by their words, which errs now and then: see --verbose.
    """
    from idiolect.lm.embedding.bundled import BundledEmbedder
    from idiolect.simulation.matching import Matcher
    from idiolect.simulation.reading import read_beliefs, read_truth
    from idiolect.simulation.scoring import score as score_beliefs

    found, judged = score_beliefs(
        read_beliefs(propositions), read_truth(truth), Matcher(BundledEmbedder()), at=at
    )
    result = {"score": found.as_dict(), "judged": [asdict(one) for one in judged]}
    show(result, as_json, lambda: _print_score(found, judged if verbose else []))


def _first_day(start: str) -> date:
    from idiolect.simulation.lives import START

    try:
        return date.fromisoformat(start) if start else START
    except ValueError as error:
        raise InvalidInputError(
            f"{start!r} is no day", hint="Write it as year-month-day: 2026-03-02."
        ) from error


def _require_past(first: date, days: int) -> None:
    """Refuses what the platform would not take in: it has no observations of the future."""
    over = datetime.now(_LAST_ZONE).date() - timedelta(days=1)
    latest = over - timedelta(days=days - 1)
    if not _EARLIEST <= first <= latest:
        raise InvalidInputError(
            f"{days} days from {first} on are not all between"
            f" {_EARLIEST} and {over}, the last day that is over",
            hint=f"Begin between {_EARLIEST} and {latest}, or take fewer days.",
        )


def _print_counts(out: Path, counts: Counts) -> None:
    kinds = ", ".join(f"{number} {kind}" for kind, number in counts.observations.most_common())
    fields(
        {
            "people": f"{counts.people}, {counts.held_out_people} of them held out",
            "observations": f"{counts.observations.total()}: {kinds}",
            "facts": counts.facts.total(),
            "traps": counts.traps.total(),
            "choices": f"{counts.pairs.total()}, {counts.ties} of them ties",
            "card": out / "README.md",
        }
    )


def _print_score(found: Score, judged: list[Judged]) -> None:
    fields(
        {
            "propositions": found.beliefs,
            "precision": f"{_share(found.precision)} of all are true; without programs, files and "
            f"sites {_share(found.precision_beyond_desk)}",
            "recall": f"{_share(found.recall)} ({found.found} of {found.to_find} facts to find; "
            f"stated {_share(found.recall_stated)}, shown {_share(found.recall_shown)})",
            "found": ", ".join(
                f"{kind} {had}/{of}" for kind, (had, of) in found.found_by_kind.items()
            ),
            "Brier score": _number(found.brier),
            "calibration error": _number(found.calibration_error),
            "falsehoods believed": f"{found.planted_believed} of {found.planted} planted, "
            f"with confidence {_number(found.planted_confidence)}",
            "misread": f"{found.misread_believed} of {found.misread} things said by others, in "
            "play or in quotations",
            "stale": found.outcomes["stale"],
            "unsupported": found.outcomes["unsupported"],
        }
    )
    if judged:
        typer.echo()
        rows = [
            (one.outcome, f"{one.belief.confidence:.2f}", one.belief.text, one.statement)
            for one in judged
        ]
        table("Propositions", ["came out", "sure", "proposition", "says the same as"], rows)


def _share(value: float | None) -> str:
    return "none" if value is None else percent(value)


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
