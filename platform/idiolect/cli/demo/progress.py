"""Progress bars of the demo's stages, each with its time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from rich.console import Console
    from rich.progress import Progress, TaskID


class StageBar:
    """One stage's bar; it moves only forward."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def total(self, steps: int) -> None:
        """There are so many steps in all."""
        self._progress.update(self._task, total=steps)

    def done(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self._progress.advance(self._task, steps)


class Stage(Protocol):
    """Opens a stage: its title, and where its seconds go under which name."""

    def __call__(
        self, title: str, seconds: dict[str, float], name: str
    ) -> AbstractContextManager[StageBar]: ...


@contextmanager
def stage_bars(console: Console) -> Iterator[Stage]:
    """Bars below each other on a terminal; elsewhere a line for each stage at its end."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description:<30}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    ) as progress:

        @contextmanager
        def stage(title: str, seconds: dict[str, float], name: str) -> Iterator[StageBar]:
            task = progress.add_task(title, total=None)
            began = time.monotonic()
            yield StageBar(progress, task)
            seconds[name] = time.monotonic() - began
            shown = progress.tasks[task]
            progress.update(task, total=shown.total or 1, completed=shown.total or 1)
            progress.stop_task(task)
            if not console.is_terminal:
                console.print(f"{title}: {seconds[name]:.1f} s", highlight=False)

        yield stage
