"""``idiolect users``: the people of this store."""

from typing import Annotated

import typer

from idiolect.cli.connection import open_store
from idiolect.cli.output import JsonFlag, show, table

app = typer.Typer(help="The people of this store.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the person is called.")],
    as_json: JsonFlag = False,
) -> None:
    """Adds a person."""
    from idiolect.kit.clock import utc_now
    from idiolect.store.repositories.user import create_user

    with open_store() as session:
        user = create_user(session, name, utc_now())
    show({"id": user.id, "name": user.name}, as_json, lambda: typer.echo(user.id))


@app.command("ls")
def ls(as_json: JsonFlag = False) -> None:
    """Lists everybody."""
    from idiolect.store.repositories.user import list_users

    with open_store() as session:
        users = [
            {"id": user.id, "name": user.name, "created_at": user.created_at.isoformat()}
            for user in list_users(session)
        ]
    rows = [[user["id"], user["name"], user["created_at"]] for user in users]
    show(users, as_json, lambda: table("Users", ["id", "name", "since"], rows))
