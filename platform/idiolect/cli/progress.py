"""The bar that commands show while they work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_BAR_AFTER_S = 2.0


@contextmanager
def progress(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, once the work has taken two seconds.

    Args:
        name: stands before the bar.

    Yields:
        What is called with how much is done, and of how much.
    """
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    began = time.monotonic()
    columns = (
        *Progress.get_default_columns()[:2],
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(name, visible=False)

        def on_progress(done: int, total: int) -> None:
            late = time.monotonic() - began > _BAR_AFTER_S
            bar.update(task, completed=done, total=total, visible=late)

        yield on_progress
