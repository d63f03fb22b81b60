"""``idiolect train``: an adapter from your preferences, or from a file's without the platform."""

from pathlib import Path
from typing import Annotated

import typer

from idiolect.cli.connection import connect
from idiolect.cli.jobs import follow
from idiolect.cli.output import JsonFlag, show
from idiolect.errors import InvalidInputError


def train(
    ctx: typer.Context,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    data: Annotated[
        Path | None,
        typer.Option(help="Train here on this file of JSON lines, without server or database."),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(help="A recipe's name or file; `idiolect recipes ls`."),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            help="A folder or Hugging Face name; by default the bundled model.",
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(help="Where the adapter goes; by default ./adapter."),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            help="Where a folder of checkpoints lies meanwhile; by default beside the adapter.",
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:N or auto.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Trains an adapter on your preferences; it is served if it passes the gate.

    With --data it trains on a file instead, here and now, and writes the adapter to a folder.
    Ctrl-C leaves a checkpoint, from which the same command goes on.
    """
    if data is not None:
        from idiolect.cli.local_training import Request, train_locally

        out = out or Path("adapter")
        train_locally(Request(data, recipe, model, out, work or out.parent, device), as_json)
        return
    given = {"recipe": recipe, "model": model, "out": out, "work": work, "device": device}
    alone = [f"--{name}" for name, value in given.items() if value]
    if alone:
        raise InvalidInputError(
            f"{', '.join(alone)} only with --data",
            hint="Name the file to train on, or leave the option out to train on the platform.",
        )
    with connect(ctx) as client:
        job = client.start_job("train")
        if wait:
            follow(client, job["id"], as_json)
        else:
            show(job, as_json, lambda: typer.echo(job["id"]))
