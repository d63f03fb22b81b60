"""A training as it goes, on standard error: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from idiolect.preference.metrics import Reading, StepMetrics
    from idiolect.preference.trainer import Evaluation

_LINES = 10


class View(Protocol):
    """Where a training is told of.

    ``compares`` says whether the examples have two sides, and so an accuracy and a margin.
    """

    compares: bool

    def say(self, text: str) -> None:
        """A line that stays."""
        ...

    def stage(self, name: str) -> None:
        """What is done now, for as long as it takes."""
        ...

    def step(self, metrics: StepMetrics) -> None:
        """A step is done."""
        ...

    def look(self, evaluation: Evaluation) -> None:
        """The held-out examples were looked at."""
        ...


class Lines:
    """About ten lines for a whole run; implements ``View``."""

    def __init__(self) -> None:
        self.compares = True
        self._begun = False

    def say(self, text: str) -> None:
        typer.echo(text, err=True)

    def stage(self, name: str) -> None:
        self.say(name)

    def step(self, metrics: StepMetrics) -> None:
        if not self._begun and metrics.step > 1:
            self.say(resumed(metrics))
        every = -(-metrics.steps // _LINES)
        if not self._begun or metrics.step % every == 0 or metrics.step == metrics.steps:
            self.say(f"step {metrics.step} of {metrics.steps}  {described(metrics, self.compares)}")
        self._begun = True

    def look(self, evaluation: Evaluation) -> None:
        self.say(looked(evaluation, self.compares))


class Bar:
    """A bar with the latest metrics under what was said; implements ``View``."""

    def __init__(self, progress: Progress) -> None:
        self.compares = True
        self._progress = progress
        self._task = self._new_task("starting")
        self._begun = False

    def say(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)

    def stage(self, name: str) -> None:
        self._progress.remove_task(self._task)
        self._task = self._new_task(name)

    def step(self, metrics: StepMetrics) -> None:
        if not self._begun and metrics.step > 1:
            self.say(resumed(metrics))
        self._begun = True
        self._progress.update(
            self._task,
            description="training",
            total=metrics.steps,
            completed=metrics.step,
            steps=f"{metrics.step}/{metrics.steps}",
            metrics=described(metrics, self.compares),
        )

    def look(self, evaluation: Evaluation) -> None:
        self.say(looked(evaluation, self.compares))

    def _new_task(self, name: str) -> TaskID:
        return self._progress.add_task(name, total=None, metrics="", steps="")


def resumed(first: StepMetrics) -> str:
    """What is said of a run that goes on from a checkpoint."""
    return f"goes on after step {first.step - 1}"


def described(metrics: StepMetrics, compares: bool) -> str:
    """A step's metrics on one line."""
    return f"{_seen(metrics, compares)}  {metrics.tokens_per_s:,.0f} tokens/s"


def looked(evaluation: Evaluation, compares: bool) -> str:
    """A look at the held-out examples on one line."""
    return f"held out after step {evaluation.step}  {_seen(evaluation, compares)}"


def _seen(reading: Reading, compares: bool) -> str:
    loss = f"loss {reading.loss:.3f}"
    if not compares:
        return loss
    return f"{loss}  accuracy {reading.accuracy:.0%}  margin {reading.margin:+.2f}"


@contextmanager
def view_for() -> Iterator[View]:
    """The view that fits where standard error goes."""
    if not sys.stderr.isatty():
        yield Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[steps]}"),
        TextColumn("{task.fields[metrics]}"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)
