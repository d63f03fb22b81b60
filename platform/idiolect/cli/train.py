"""``idiolect train``: an adapter from your preferences."""

from typing import Annotated

import typer

from idiolect.cli.connection import connect
from idiolect.cli.jobs import follow
from idiolect.cli.output import JsonFlag, show


def train(
    ctx: typer.Context,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Trains an adapter on your preferences; it is served if it passes the gate."""
    with connect(ctx) as client:
        job = client.start_job("train")
        if wait:
            follow(client, job["id"], as_json)
        else:
            show(job, as_json, lambda: typer.echo(job["id"]))
