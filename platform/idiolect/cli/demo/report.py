"""What the demo says at its end: a page for a person, or one object for a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from idiolect.cli.demo.person import TrueWinRate
    from idiolect.cli.demo.stages import Intake, Reply
    from idiolect.client.responses import Proposition

SHOWN_PROPOSITIONS = 12


@dataclass(frozen=True)
class Example:
    """One question that was answered before and after training."""

    question: str
    before: str
    after: str


@dataclass(frozen=True)
class Report:
    """All figures of one run."""

    name: str
    intake: Intake
    propositions: list[Proposition]
    reply: Reply
    preferences: int
    training: dict[str, Any]
    truth: TrueWinRate
    example: Example
    seconds: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        gate = self.training["gate"]
        return {
            "observations": self.intake.accepted,
            "propositions": [
                {
                    "text": each["text"],
                    "confidence": round(each["confidence"], 3),
                    "evidence": each["evidence_count"],
                }
                for each in self.propositions
            ],
            "reply": {
                "text": self.reply.text,
                "used": [memory["text"] for memory in self.reply.used],
            },
            "training": {
                "preferences": self.preferences,
                "held_out": {
                    "pairs": gate["pairs"],
                    "base": gate["base"],
                    "adapter": gate["adapter"],
                    "interval": gate["interval"],
                },
                "promoted": gate["promoted"],
                "true_win_rate": {
                    "questions": self.truth.questions,
                    "adapter": self.truth.share,
                    "interval": list(self.truth.interval),
                },
            },
            "seconds": {stage: round(seconds, 1) for stage, seconds in self.seconds.items()},
        }

    def print(self, console: Console) -> None:
        """The page for a person."""
        _observations(console, self)
        _propositions(console, self)
        _conversation(console, self)
        _training(console, self)
        times = " · ".join(f"{stage} {seconds:.0f} s" for stage, seconds in self.seconds.items())
        console.print(f"\n[dim]{times} · in all {sum(self.seconds.values()):.0f} s[/dim]")


def _heading(console: Console, text: str) -> None:
    console.print(f"\n[bold]{text}[/bold]", highlight=False)


def _observations(console: Console, report: Report) -> None:
    intake = report.intake
    _heading(console, f"{report.name}'s week: {intake.accepted} observations")
    masked = ", ".join(f"{count} {kind}" for kind, count in sorted((intake.masked or {}).items()))
    console.print(
        f"  {intake.duplicates} said nothing new and were dropped; "
        f"masked before storing: {masked or 'nothing'}",
        highlight=False,
    )


def _propositions(console: Console, report: Report) -> None:
    from rich.markup import escape
    from rich.table import Table

    _heading(console, f"{len(report.propositions)} propositions about {report.name}")
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 2))
    table.add_column("confidence", justify="right")
    table.add_column("evidence", justify="right")
    table.add_column("proposition")
    for each in report.propositions[:SHOWN_PROPOSITIONS]:
        table.add_row(
            f"{each['confidence']:.0%}", str(each["evidence_count"]), escape(each["text"])
        )
    console.print(table)
    more = len(report.propositions) - SHOWN_PROPOSITIONS
    if more > 0:
        console.print(f"  [dim]and {more} more: see the page, under You[/dim]", highlight=False)


def _conversation(console: Console, report: Report) -> None:
    from rich.markup import escape

    _heading(console, "A reply that knows whom it speaks to")
    _reply(console, report.reply)
    for memory in report.reply.used:
        console.print(f"  [dim]it knew: {escape(memory['text'])}[/dim]", highlight=False)


def _training(console: Console, report: Report) -> None:
    gate = report.training["gate"]
    counts = report.training["preferences"]
    _heading(console, f"An adapter from {report.preferences} choices")
    low, high = gate["interval"]
    console.print(
        f"  trained on {counts['train']}, judged on {counts['held_out']} that it has not seen: "
        f"the base agrees with {gate['base']:.0%} of them, the adapter with "
        f"[bold]{gate['adapter']:.0%}[/bold]\n"
        f"  difference {gate['difference']:+.0%}, 95 % interval {low:+.0%} to {high:+.0%}: "
        + ("[green]promoted[/green]" if gate["promoted"] else "[yellow]not promoted[/yellow]"),
        highlight=False,
    )
    _before_and_after(console, report)


def _before_and_after(console: Console, report: Report) -> None:
    """What the person truly prefers, whom the demo knows and the platform does not."""
    truth, example = report.truth, report.example
    low, high = truth.interval
    _heading(console, "Before and after, by what the person who chose truly likes")
    console.print(
        f"  on {truth.questions} questions that nothing was learned from, the adapter's reply wins "
        f"[bold]{truth.share:.0%}[/bold] against the base's, 95 % interval {low:.0%} to {high:.0%}",
        highlight=False,
    )
    _question(console, example.question)
    console.print("  [dim]before[/dim]")
    _text(console, example.before)
    console.print("  [dim]after[/dim]")
    _text(console, example.after)


def _reply(console: Console, reply: Reply) -> None:
    _question(console, reply.question)
    _text(console, reply.text)


def _question(console: Console, question: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Padding(Text(f"> {question}", style="cyan"), (0, 2)))


def _text(console: Console, text: str) -> None:
    from rich.padding import Padding
    from rich.text import Text

    console.print(Padding(Text(text), (0, 4)))
