"""A contested proposition waits: what leads there, and what ends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.charter.contests import PropositionContests
from idiolect.usermodel.charter.preferences import is_contested
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from tests.conftest import add_user
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.charter.seeds import MONDAY


@pytest.fixture
def contests(database: Database, tmp_path: Path) -> Iterator[PropositionContests]:
    vectors = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    user_model = UserModel(database, vectors, HashingEmbedder(), (), RulesRelater(), lambda: MONDAY)
    yield PropositionContests(database, user_model, lambda: MONDAY)
    vectors.close()


@pytest.fixture
def known(database: Database, user_id: str) -> Memory:
    with database.transaction() as session:
        return MemoryRepository(session, user_id).add(
            "proposition",
            MONDAY,
            state="activated",
            text="Mara plays chess.",
            confidence=0.7,
            durability=0.5,
            payload={"author": "pattern"},
        )


def stands(memory: Memory) -> tuple[str, bool, int]:
    return memory.state, is_contested(memory.payload), memory.version


def test_a_contest_is_a_version_with_a_reason_and_can_be_repeated(
    contests: PropositionContests, database: Database, user_id: str, known: Memory
) -> None:
    contested = contests.contest(user_id, known.id, "That was my sister.")
    assert stands(contested) == ("activated", True, 2)
    assert contested.content_hash == known.content_hash
    assert contests.contest(user_id, known.id, "Again.").id == contested.id
    with database.transaction() as session:
        last = MemoryEventRepository(session, user_id).oldest_first()[-1]
    assert (last.verb, last.actor, last.reason) == ("update", "user", "That was my sister.")
    assert last.detail == {"step": "contest"}


def test_upheld_it_is_as_it_was(contests: PropositionContests, user_id: str, known: Memory) -> None:
    contests.contest(user_id, known.id, "Is that so?")
    upheld = contests.settle(user_id, known.id, "uphold", "It is.")
    assert stands(upheld) == ("activated", False, 3)
    assert (upheld.payload, upheld.confidence) == (known.payload, known.confidence)


def test_retired_it_is_rated_false(
    contests: PropositionContests, user_id: str, known: Memory
) -> None:
    contests.contest(user_id, known.id, "Is that so?")
    retired = contests.settle(user_id, known.id, "retire", "It is not.")
    assert stands(retired) == ("archived", False, 4)
    assert retired.payload["verdict"] == "rejected"


def test_amended_it_says_what_the_user_says(
    contests: PropositionContests, user_id: str, known: Memory
) -> None:
    contests.contest(user_id, known.id, "Is that so?")
    amended = contests.settle(user_id, known.id, "amend", "Nearly.", text="Mara plays go.")
    assert stands(amended) == ("activated", False, 4)
    assert (amended.text, amended.payload["verdict"]) == ("Mara plays go.", "corrected")


def test_what_cannot_be_settled_or_contested(
    contests: PropositionContests, database: Database, user_id: str, known: Memory
) -> None:
    with pytest.raises(ConflictError, match="not contested"):
        contests.settle(user_id, known.id, "uphold", "It is.")
    contests.contest(user_id, known.id, "Is that so?")
    with pytest.raises(InvalidInputError, match="without a text"):
        contests.settle(user_id, known.id, "retire", "No.", text="Mara plays go.")
    with pytest.raises(InvalidInputError, match="with a text"):
        contests.settle(user_id, known.id, "amend", "No.")
    with pytest.raises(InvalidInputError, match="reason"):
        contests.settle(user_id, known.id, "retire", " ")
    with pytest.raises(NotFoundError):
        contests.contest(add_user(database, "Otto"), known.id, "Mine.")
    with database.transaction() as session:
        profile = MemoryRepository(session, user_id).add("profile", MONDAY, text="Be kind.")
        assert stands(MemoryRepository(session, user_id).current(known.id)) == (
            "activated",
            True,
            2,
        )
    with pytest.raises(NotFoundError, match="not a proposition"):
        contests.contest(user_id, profile.id, "No.")
