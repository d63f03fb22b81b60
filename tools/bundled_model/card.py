"""The tables of the model's card, from what was measured.

It reads the last lines that ``measure`` and ``measure_tasks`` print, so that the card holds no
figure that was not measured.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

Row = tuple[str, str, str, str]
"""What is measured, the aim, the figure, its control."""

TaskRow = tuple[str, str, str]
"""What the task is, how well the model does it, how well the platform does it without."""

ATTRIBUTES: Mapping[str, str] = {
    "length": "length, of three bands",
    "format": "format, of three",
    "tone": "tone, of four",
    "emoji": "emoji or none",
    "question": "a closing question or none",
}


def rows(figures: Mapping[str, Any]) -> Iterator[Row]:
    """Rows of the table, in the card's order."""
    notes = figures["words from the notes"]
    yield (
        "content words of a reply that stand in the right topic's notes",
        "0.80",
        f"{notes['right notes']:.2f}",
        f"{notes['shuffled']:.2f} in another topic's notes; {notes['without']:.2f} with another "
        f"topic noted; {notes['composed']:.2f} in the replies that it learned from",
    )
    yield "the same where another topic is noted before it", "", f"{notes['not first']:.2f}", ""
    yield from _style("wordings and combinations never seen", figures, "held-out combinations")
    yield from _style("messages that people wrote", figures, "hand-written messages")
    alone = _named(figures, "one wish")
    for attribute, words in ATTRIBUTES.items():
        arms = alone[attribute]
        control = f"{_percent(arms['no wish'])} without a wish"
        yield f"one wish alone: {words}", "", _percent(arms["asked"]), control
    fact = figures["fact used"]
    yield (
        "a known fact is used where it bears on the question",
        "80 %",
        _percent(fact["given"]),
        f"{_percent(fact['another given'])} with another fact; a distractor in "
        f"{_percent(fact['a distractor used'])}",
    )
    absent = figures["says that nothing is noted"]
    yield (
        "says that it has nothing when nothing is noted",
        "",
        _percent(absent["nothing is noted"]),
        f"{_percent(absent['other topics are noted'])} when only other topics are, "
        f"{_percent(absent['the topic is noted'])} when the topic is",
    )
    recall = figures["known propositions recalled"]
    another = recall["another's"]
    control = f"{_percent(another)} of another user's"
    yield "known propositions repeated when asked for", "", _percent(recall["given"]), control
    flaws = figures["flaws"]
    for flaw, words in (
        ("repeats a sentence", "a sentence stands twice in a reply"),
        ("has a broken word", "a word that stands nowhere in what it learned or was shown"),
    ):
        yield words, "2 %", _percent(flaws[flaw]), f"{_percent(flaws[f'composed {flaw}'])} composed"
    for kind, loss in figures["loss"].items():
        yield (
            f"loss on held-out text, nats a byte: {kind}",
            "",
            f"{loss['model']:.3f}",
            f"5-grams {loss['5-grams']:.3f}; 5-grams that copy {loss['5-grams that copy']:.3f}",
        )
    one, several = figures["speed"].values()
    control = f"{several} with four candidates in one batch"
    yield "tokens a second on one core, prompt with notes included", "100", str(one), control


def task_rows(tasks: Mapping[str, Any]) -> Iterator[TaskRow]:
    """Rows of the small tasks' table: the task, the model's figures, what the platform does."""
    model, ours = (
        tasks["propositions"][arm]["screens"] for arm in ("model, evidence anywhere", "pattern")
    )
    yield (
        "propositions from screens: recall of gold ones, precision",
        f"{_spread(model['recall'])}, {_spread(model['precision'])}",
        f"patterns: {_spread(ours['recall'])}, {_spread(ours['precision'])}",
    )
    yield "believed traps", *(_rate(each["traps believed"]) for each in (model, ours))
    accuracy = {arm: figures["accuracy"] for arm, figures in tasks["relation"].items()}
    trivial = accuracy["cosine thresholds"][0], accuracy["majority"][0]
    yield (
        "relation of two statements, five labels: accuracy",
        _spread(accuracy["model"]),
        f"rules: {_spread(accuracy['rules'])}; cosine thresholds {trivial[0]:.2f}, the commonest "
        f"label {trivial[1]:.2f}",
    )
    for topics in ("known topics", "held-out topics"):
        model, ours = (
            tasks["title"][arm][topics]
            for arm in ("model, else first 60 characters", "platform's first 60 characters")
        )
        yield (
            f"title, {topics}: words of the right title that it has, share of its words that are "
            "right",
            f"{_spread(model['named'])}, {_spread(model['to the point'])}",
            f"the first 60 characters: {_spread(ours['named'])}, {_spread(ours['to the point'])}",
        )


def _style(where: str, figures: Mapping[str, Any], measure: str) -> Iterator[Row]:
    for attribute, arms in _named(figures, measure).items():
        yield (
            f"{where}: {ATTRIBUTES[attribute]}",
            "85 %",
            _percent(arms["asked"]),
            f"{_percent(arms['another message'])} under another message, "
            f"{_percent(arms['one fixed message'])} under one fixed message",
        )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _spread(figure: Sequence[float] | None) -> str:
    """A figure with the ends of its interval."""
    if figure is None:
        return "none given"
    value, low, high = figure
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _rate(figure: Sequence[float]) -> str:
    return f"{100 * figure[0]:.1f} %"


def _named(figures: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    return next(found for name, found in figures.items() if part in name)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "measured", type=Path, nargs="*", help="outputs of measure, each with some measures"
    )
    parser.add_argument("--tasks", type=Path, help="output of measure_tasks with a model")
    given = parser.parse_args()
    console = Console(soft_wrap=True, highlight=False)
    figures: dict[str, Any] = {}
    for path in given.measured:
        figures |= _last_line(path)
    if figures:
        console.print("| measure | aim | figure | control |\n| --- | --- | --- | --- |")
        for row in rows(figures):
            console.print(f"| {' | '.join(row)} |")
    if given.tasks:
        console.print("| task | the model | what the platform uses |\n| --- | --- | --- |")
        for task_row in task_rows(_last_line(given.tasks)):
            console.print(f"| {' | '.join(task_row)} |")


def _last_line(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8").strip().splitlines()[-1])
    return read


if __name__ == "__main__":
    main()
