"""``idiolect migrate``: brings the database's tables up to date."""

import typer

from idiolect.cli.connection import load_settings


def migrate() -> None:
    """Brings the database's tables up to date."""
    from idiolect.store.database import Database

    database = Database(load_settings().database)
    try:
        database.migrate()
        typer.echo(f"the tables are at revision {database.revision()}", err=True)
    finally:
        database.close()
