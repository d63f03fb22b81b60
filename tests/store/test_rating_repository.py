"""What users said of propositions, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.rating import RatingRepository, Said
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


def held(session: Session, user_id: str, text: str) -> Memory:
    return MemoryRepository(session, user_id).add("proposition", NOW, text=text, confidence=0.8)


def test_ratings_are_kept_oldest_first_with_what_they_were_about(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        memory = held(session, user_id, "Mara swims.")
        ratings = RatingRepository(session, user_id)
        later = ratings.add(memory, "false", NOW + timedelta(1), author="pattern", raw=0.8)
        ratings.add(memory, "true", NOW, author="model", raw=0.7)
    assert (later.user_id, later.memory_id, later.at) == (user_id, memory.id, NOW + timedelta(1))
    with database.transaction() as session:
        assert RatingRepository(session, user_id).oldest_first() == [
            Said(memory.lineage_id, "model", 0.7, "true"),
            Said(memory.lineage_id, "pattern", 0.8, "false"),
        ]


def test_what_is_taken_back_is_one_lineage_of_one_user(database: Database, user_id: str) -> None:
    otto = add_user(database, "Otto")
    with database.transaction() as session:
        swims, sings = held(session, user_id, "Mara swims."), held(session, user_id, "Mara sings.")
        ratings = RatingRepository(session, user_id)
        for memory in (swims, sings):
            ratings.add(memory, "true", NOW, author="pattern", raw=0.8)
        RatingRepository(session, otto).remove(swims.lineage_id)
        assert len(ratings.oldest_first()) == 2
        assert RatingRepository(session, otto).oldest_first() == []
        ratings.remove(swims.lineage_id)
        assert [rating.lineage_id for rating in ratings.oldest_first()] == [sings.lineage_id]


def test_a_rating_outlasts_the_proposition(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memory = held(session, user_id, "Mara swims.")
        RatingRepository(session, user_id).add(memory, "false", NOW, author="pattern", raw=0.8)
        MemoryRepository(session, user_id).purge(memory.lineage_id, NOW)
        [rating] = RatingRepository(session, user_id).oldest_first()
    assert (rating.author, rating.mark) == ("pattern", "false")
