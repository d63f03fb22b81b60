"""The database: one engine, transactions that commit at the edge, and its migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from idiolect.errors import NotReadyError
from idiolect.kit.resources import resource_dir


class Database:
    """A connection pool to SQLite or PostgreSQL.

    Args:
        url: an SQLAlchemy URL; ``postgresql://`` is taken to mean psycopg 3.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _create_engine(parsed.render_as_string(hide_password=False))
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises."""
        with self._sessions.begin() as session:
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Brings the tables to a revision (forward only; ``downgrade`` goes back)."""
        from alembic import command

        command.upgrade(self._alembic_config(), revision)

    def downgrade(self, revision: str) -> None:
        """Takes the tables back to an earlier revision; ``base`` removes them all."""
        from alembic import command

        command.downgrade(self._alembic_config(), revision)

    def check(self) -> None:
        """Asks the database for one row; raises SQLAlchemy's error when it cannot answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def empty_log(self) -> None:
        """Has SQLite take its log into the file and empty it: it holds pages as they were before.

        PostgreSQL has no such log of ours.

        Raises:
            NotReadyError: somebody has read for so long that it could not be emptied.
        """
        if self.url.get_backend_name() != "sqlite":
            return
        with self.engine.connect() as connection:
            is_busy, _, _ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        if is_busy:
            raise NotReadyError("the database's log is being read", hint="Try again in a minute.")

    def revision(self) -> str | None:
        """The migration that the tables are at, None for an empty database."""
        from alembic.runtime.migration import MigrationContext

        with self.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def close(self) -> None:
        """Gives back all connections."""
        self.engine.dispose()

    def _alembic_config(self) -> Any:
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(resource_dir("migrations")))
        config.attributes["engine"] = self.engine
        return config


def _create_engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, connect_args={"timeout": 30.0}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten
        cursor.close()

    return engine
