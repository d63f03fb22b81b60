"""Fixtures that every room uses."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import create_engine, text

from idiolect.kit.clock import utc_now
from idiolect.store.database import Database
from idiolect.store.models import User
from tests.services import POSTGRES_URL, require_service

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

# A busy machine is no fault of an example, and the same examples fail for everybody.
hypothesis.settings.register_profile("idiolect", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("idiolect")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the data of the person who runs it."""
    monkeypatch.setenv("IDIOLECT_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    monkeypatch.delenv("IDIOLECT_CONFIG", raising=False)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database in a file of its own."""
    database = Database(f"sqlite:///{tmp_path / 'idiolect.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The URL of an empty PostgreSQL database that is dropped afterwards."""
    require_service("PostgreSQL", 5432)
    name = f"idiolect_{uuid.uuid4().hex[:12]}"
    server = create_engine(
        POSTGRES_URL.replace("postgresql://", "postgresql+psycopg://", 1) + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"{POSTGRES_URL}/{name}"
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'either.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def user_id(database: Database) -> str:
    """A user called Mara."""
    return add_user(database, "Mara")


def add_user(database: Database, name: str) -> str:
    """Inserts a user and gives the id."""
    user_id = f"usr_{name.lower()}"
    with database.transaction() as session:
        session.add(User(id=user_id, name=name, created_at=utc_now()))
    return user_id
