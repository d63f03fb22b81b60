"""The migrations build exactly the models' tables, and take them away again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from idiolect.store.database import Database
from idiolect.store.models import Base
from idiolect.store.repositories.full_text import FullText
from idiolect.store.repositories.memory import MemoryRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(name="empty")
def empty_database(either_url: str) -> Iterator[Database]:
    database = Database(either_url)
    yield database
    database.close()


def not_full_text(name: str | None, *_of: object) -> bool:
    """The full-text index is the databases' own, and no model's."""
    return not (name or "").startswith("memories_text")


def test_models_and_migrations_do_not_drift_apart(empty: Database) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        options = {"compare_type": True, "include_name": not_full_text}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_down_leaves_nothing_and_up_works_again(empty: Database) -> None:
    empty.migrate()
    tables = {n for n in inspect(empty.engine).get_table_names() if not_full_text(n)}
    assert tables == {*Base.metadata.tables, "alembic_version"}
    empty.downgrade("base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    assert empty.revision() is None
    empty.migrate()
    assert empty.revision() == "0009"


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    empty.migrate()
    empty.migrate()
    assert empty.revision() == "0009"


def test_memories_of_before_the_audit_keep_their_words(empty: Database) -> None:
    empty.migrate("0002")
    user_id = add_user(empty, "Mara")
    columns = "id, user_id, lineage_id, version, kind, state, text, payload, content_hash"
    with empty.transaction() as session:
        session.execute(
            text(
                f"INSERT INTO memories ({columns}, recorded_at) VALUES ('mem_1', :user, 'mem_1', 1,"
                " 'proposition', 'activated', 'Mara swims.', '{}', 'hash', '2026-03-02 00:00:00')"
            ),
            {"user": user_id},
        )
    empty.migrate()
    with empty.transaction() as session:
        memory = MemoryRepository(session, user_id).get("mem_1")
        assert (memory.pinned, memory.scope, memory.expires_at) == (False, "private", None)
        words = FullText(session, user_id)
        assert words.coverage(["swims"], 1) == {"mem_1": 1.0}
        MemoryRepository(session, user_id).transition(memory, "archived", NOW)
        assert words.coverage(["swims"], 1) == {}
