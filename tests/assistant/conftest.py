"""A user model over real vectors, with propositions put there by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from idiolect.kit.clock import utc_now
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater

Believe = Callable[..., str]


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture
def user_model(
    database: Database, embedder: BundledEmbedder, tmp_path: Path
) -> Iterator[UserModel]:
    vectors = ChromaVectorStore.embedded(embedder.name, tmp_path / "vectors")
    yield UserModel(database, vectors, embedder, (), RulesRelater(), utc_now)
    vectors.close()


@pytest.fixture
def believe(database: Database, user_model: UserModel) -> Believe:
    """Puts a proposition into a user's model and gives its id."""

    def add(user_id: str, text: str, confidence: float = 0.8) -> str:
        with database.transaction() as session:
            memory = MemoryRepository(session, user_id).add(
                "proposition",
                utc_now(),
                state="activated",
                text=text,
                confidence=confidence,
                durability=0.9,
                supported_at=utc_now(),
            )
        user_model.reindex(user_id)
        return memory.id

    return add
