"""``idiolect keys``: what lets a program act for a person."""

from typing import Annotated

import typer

from idiolect.cli.connection import first_user, open_store
from idiolect.cli.output import JsonFlag, show, table

app = typer.Typer(help="Keys, which let programs act for a person.", no_args_is_help=True)

UserOption = Annotated[str, typer.Option("--user", help="Whose; by default the first user's.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What the key is for, such as laptop.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="observe, chat, read, train or admin; repeat it. By default all."),
    ] = None,
    days: Annotated[int, typer.Option(min=0, help="Days until it expires; 0: never.")] = 0,
    user: UserOption = "",
    as_json: JsonFlag = False,
) -> None:
    """Makes a key and shows it, for the only time."""
    from datetime import timedelta

    from idiolect.kit.clock import utc_now
    from idiolect.store.repositories.user import SCOPES, create_key

    now = utc_now()
    with open_store() as session:
        key, secret = create_key(
            session,
            user or first_user(session),
            name,
            scope or SCOPES,
            now,
            now + timedelta(days=days) if days else None,
        )
        made = {"id": key.id, "name": name, "scopes": key.scopes, "secret": secret}
    show(made, as_json, lambda: typer.echo(secret))


@app.command("ls")
def ls(user: UserOption = "", as_json: JsonFlag = False) -> None:
    """Lists a person's keys, without their secrets."""
    from idiolect.store.repositories.user import UserRepository

    with open_store() as session:
        owner = UserRepository(session, user or first_user(session))
        keys = [
            {
                "id": key.id,
                "name": key.name,
                "prefix": key.prefix,
                "scopes": key.scopes,
                "last_used_at": key.last_used_at and key.last_used_at.isoformat(),
                "revoked_at": key.revoked_at and key.revoked_at.isoformat(),
            }
            for key in owner.keys()  # noqa: SIM118 - a repository is no dictionary
        ]
    columns = ["id", "name", "prefix", "scopes", "last_used_at", "revoked_at"]
    rows = [[key[column] for column in columns] for key in keys]
    show(keys, as_json, lambda: table("Keys", columns, rows))


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, as listed.")], user: UserOption = ""
) -> None:
    """Ends a key at once."""
    from idiolect.kit.clock import utc_now
    from idiolect.store.repositories.user import UserRepository

    with open_store() as session:
        UserRepository(session, user or first_user(session)).revoke_key(key_id, utc_now())
    typer.echo(f"{key_id} is revoked", err=True)
