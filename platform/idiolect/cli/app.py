"""The command line: one file per noun; this one puts them together.

Every command imports what it needs when it runs, so that the help answers at once.
"""

import sys
import warnings
from typing import Annotated

import typer

from idiolect.cli import (
    adapters,
    audit,
    charter,
    chat,
    config,
    doctor,
    forget,
    jobs,
    keys,
    memories,
    migrate,
    observe,
    prefs,
    profile,
    proofs,
    recipes,
    simulate,
    start,
    suggestions,
    train,
    up,
    users,
    vectors,
)
from idiolect.cli.connection import Target
from idiolect.cli.demo.command import demo
from idiolect.cli.mcp.command import mcp
from idiolect.errors import IdiolectError

app = typer.Typer(
    name="idiolect",
    help="Learns who you are, with your consent, and makes an assistant speak to you.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _options(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Option(envvar="IDIOLECT_URL", help="The API; by default this machine's own.")
    ] = "",
    key: Annotated[
        str,
        typer.Option(
            envvar="IDIOLECT_KEY", help="The key to act with; by default the first user's."
        ),
    ] = "",
) -> None:
    ctx.obj = Target(url=url, key=key)


app.command("up")(up.up)
app.command("demo")(demo)
app.command("doctor")(doctor.doctor)
app.command("migrate")(migrate.migrate)
app.command("train")(train.train)
app.command("chat")(chat.chat)
app.command("mcp")(mcp)
app.command("prove")(proofs.prove)
app.add_typer(start.app, name="start")
app.add_typer(proofs.app, name="proofs")
app.add_typer(simulate.app, name="simulate")
app.add_typer(users.app, name="users")
app.add_typer(keys.app, name="keys")
app.add_typer(observe.app, name="observe")
app.add_typer(profile.app, name="profile")
app.add_typer(memories.app, name="memories")
app.add_typer(forget.app, name="forget")
app.add_typer(audit.app, name="audit")
app.add_typer(charter.app, name="charter")
app.add_typer(suggestions.app, name="suggestions")
app.add_typer(vectors.app, name="vectors")
app.add_typer(prefs.app, name="prefs")
app.add_typer(jobs.app, name="jobs")
app.add_typer(adapters.app, name="adapters")
app.add_typer(recipes.app, name="recipes")
app.add_typer(config.app, name="config")


def main() -> None:
    """Runs a command; an error is one clear line, its hint, and an exit code.

    0 fine, 1 failed, 2 wrong usage, 3 not ready, 4 not found, 5 conflict, 6 not permitted,
    130 interrupted.
    """
    # What libraries have to say to their own users, such as PEFT, is nothing to ours.
    warnings.simplefilter("ignore", FutureWarning)
    try:
        app()
    except IdiolectError as error:
        typer.secho(f"idiolect: {error.message}", fg="red", err=True)
        typer.echo(f"  {error.hint}", err=True)
        sys.exit(error.exit_code)
