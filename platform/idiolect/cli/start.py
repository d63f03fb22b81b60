"""``idiolect start``: one process of Idiolect in the foreground, as containers want it."""

import os
import sys
from typing import Annotated, NoReturn

import typer

app = typer.Typer(help="One process alone, in the foreground.", no_args_is_help=True)


@app.command("api")
def api() -> None:
    """Serves the API and the page."""
    _become("idiolect.api.serve", "api")


@app.command("worker")
def worker(
    queues: Annotated[str, typer.Option(help="Which to serve, separated by commas.")] = "cpu,gpu",
) -> None:
    """Works on jobs."""
    _become("idiolect.workers", queues)


@app.command("model")
def model() -> None:
    """Serves the bundled or local language model to the other processes."""
    _become("idiolect.api.serve", "model")


def _become(module: str, *arguments: str) -> NoReturn:
    # The same process goes on, so whoever started it can signal it and hears how it ended.
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own
