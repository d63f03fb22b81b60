"""``idiolect vectors``: the search index over the propositions."""

import typer

from idiolect.cli.connection import connect
from idiolect.cli.jobs import follow
from idiolect.cli.output import JsonFlag

app = typer.Typer(help="The search index over the propositions.", no_args_is_help=True)


@app.command("rebuild")
def rebuild(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Rebuilds the index from the database."""
    with connect(ctx) as client:
        follow(client, client.start_job("reindex")["id"], as_json)
