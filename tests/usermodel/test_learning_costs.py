"""What a batch costs must not grow with all that is known, nor be paid twice."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from idiolect.store.database import Database
from idiolect.store.models import Observation
from idiolect.store.repositories.audit_decision import AuditDecisionRepository
from idiolect.store.repositories.forgetting import ForgettingRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.store.repositories.user import create_user
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.batch import read_batch
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.recent import USERS, Recent
from idiolect.usermodel.relate.rules import RulesRelater
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.seeds import MONDAY, days, store, view
from tests.usermodel.test_learning import SayingProposer


class CountingEmbedder(HashingEmbedder):
    """Remembers every text that it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += texts
        return super().embed(texts)


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[ChromaVectorStore]:
    opened = ChromaVectorStore.embedded(HashingEmbedder.name, tmp_path / "chroma")
    yield opened
    opened.close()


def test_a_draft_is_embedded_once(
    database: Database, user_id: str, vectors: ChromaVectorStore
) -> None:
    said = ("Mara keeps bees.", "Mara sails at weekends.")
    embedder = CountingEmbedder()
    model = UserModel(
        database, vectors, embedder, [SayingProposer(*said)], RulesRelater(),
        lambda: MONDAY + days(9),
    )  # fmt: skip
    model.process(user_id, store(database, user_id, view("bees and sails", id="obs_1")))
    assert sorted(embedder.asked) == sorted(said)
    assert vectors.count(user_id) == 2
    [nearest] = vectors.query(user_id, embedder.embed([said[0]])[0], 1)
    assert nearest.similarity == pytest.approx(1)


def test_what_a_batch_asks_of_all_that_is_known_it_asks_an_index(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'idiolect.db'}")
    database.migrate()
    with database.transaction() as session:
        user_id = create_user(session, "Mara", MONDAY).id
    [observed] = store(database, user_id, view("a word", id="obs_1"))
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with database.transaction() as session:
        read_batch(session, user_id, [observed])
        MemoryRepository(session, user_id).count_indexed()
        MemoryRepository(session, user_id).purged_hashes(["a"])
        ForgettingRepository(session, user_id).held_hashes(["a"])
        ObservationRepository(session, user_id).many([observed])
        AuditDecisionRepository(session, user_id).by_observation([observed])
        connection = session.connection()
        plans = [
            " ".join(
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {it}", with_)
            )
            for it, with_ in list(asked)
        ]
    database.close()

    _user, batch, _history, indexed, purged, held, many, decided = plans
    assert "(id=?)" in batch
    assert "(id=?)" in many
    assert "(observation_id=?)" in decided
    assert "COVERING INDEX ix_memories_acting" in indexed
    assert "ix_memories_user_id_content_hash" in purged
    assert "ix_memories_user_id_content_hash" in held


def test_what_came_before_is_read_once_and_gone_when_erased(
    database: Database, user_id: str
) -> None:
    first, second, third = store(
        database,
        user_id,
        *(view(f"word {day}", id=f"obs_{day}", at=MONDAY + days(day)) for day in range(3)),
    )
    texts: list[Any] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "observations.text" in statement:
            texts.append(parameters)

    with database.transaction() as session:
        known = read_batch(session, user_id, [second]).by_id()
        assert len(texts) == 2  # the batch, and the one before it
        batch = read_batch(session, user_id, [third], known)
        assert len(texts) == 3
        assert [one.text for one in batch.earlier] == ["word 0", "word 1"]
        session.delete(session.get_one(Observation, first))
        batch = read_batch(session, user_id, [third], known)
        assert [one.text for one in batch.earlier] == ["word 1"]


def test_the_last_users_are_kept() -> None:
    recent: Recent[int] = Recent()
    for user in range(USERS + 1):
        recent.keep(f"usr_{user}", {"obs_1": user})
    assert recent.of("usr_0") == {}
    assert recent.of("usr_1") == {"obs_1": 1}
    recent.keep("usr_1", {})
    assert recent.of("usr_1") == {}
