"""How propositions stand, whom they are shown to, and how the database looks a few of them up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from idiolect.store.database import Database
from idiolect.store.repositories.evidence import supports
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.store.repositories.ranking import Ranking, Standing
from idiolect.store.repositories.rating import RatingRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


def learn(database: Database, user_id: str, **fields: Any) -> str:
    with database.transaction() as session:
        given = {"state": "activated", "text": "Mara swims.", **fields}
        return MemoryRepository(session, user_id).add("proposition", NOW, **given).lineage_id


def test_the_surest_come_first_of_equal_ones_the_latest(database: Database, user_id: str) -> None:
    unsure = learn(database, user_id, confidence=0.2, supported_at=NOW)
    old = learn(database, user_id, confidence=0.9, durability=0.5, supported_at=NOW - DAY)
    new = learn(database, user_id, confidence=0.9, durability=0.5, supported_at=NOW)
    bare = learn(database, user_id)
    learn(database, user_id, confidence=0.99, state="archived")
    learn(database, add_user(database, "Omar"), confidence=0.99)
    with database.transaction() as session:
        ranking = Ranking(session, user_id)
        assert ranking.surest(10) == [
            Standing(new, 0.9, 0.5, NOW),
            Standing(old, 0.9, 0.5, NOW - DAY),
            Standing(unsure, 0.2, 0.0, NOW),
            Standing(bare, 0.0, 0.0, NOW),
        ]
        assert [one.lineage_id for one in ranking.surest(1)] == [new]
        assert ranking.lineages() == {unsure, old, new, bare}


def test_scopes_keep_what_is_shared_and_not_rated_private(database: Database, user_id: str) -> None:
    shared = learn(database, user_id, scope="assistants")
    own = learn(database, user_id, scope="key_one")
    learn(database, user_id)
    learn(database, user_id, scope="key_two")
    private = learn(database, user_id, scope="assistants")
    with database.transaction() as session:
        memory = MemoryRepository(session, user_id).current(private)
        RatingRepository(session, user_id).add(memory, "private", NOW, author="user", raw=0.5)
    with database.transaction() as session:
        ranking = Ranking(session, user_id, ("assistants", "key_one"))
        assert ranking.lineages() == {shared, own}
        assert {one.lineage_id for one in ranking.surest(10)} == {shared, own}
        assert Ranking(session, user_id, ()).lineages() == frozenset()


def test_a_few_are_looked_up_without_reading_all(tmp_path: Path) -> None:
    """SQLite would take the index of what all of them have: the owner, or the type of a link."""
    database = Database(f"sqlite:///{tmp_path / 'idiolect.db'}")
    database.migrate()
    few = ["mem_1", "mem_2", "mem_3"]
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with database.transaction() as session:
        memories = MemoryRepository(session, "usr_mara")
        memories.by_lineage(few)
        memories.sources(few, "observation", "supports")
        ProvenanceRepository(session, "usr_mara").trusts(few)
        supports(session, "usr_mara", few)
        connection = session.connection()
        plans = [
            " ".join(
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {it}", with_)
            )
            for it, with_ in list(asked)
        ]
    database.close()

    assert len(plans) == 4
    for plan in plans:
        assert "(lineage_id=?)" in plan
        assert "ix_memories_acting" not in plan
        assert "source_type=?" not in plan
        assert "SCAN" not in plan
