"""The handbook that ships, indexed once for all tests that only ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from idiolect.handbook.handbook import Handbook
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.store.vectors.chroma import ChromaVectorStore


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[ChromaVectorStore]:
    """An empty vector store."""
    store = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    yield store
    store.close()


@pytest.fixture(scope="session")
def handbook(
    embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Handbook]:
    """All topics under the bundled embedder."""
    store = ChromaVectorStore.embedded(embedder.name, tmp_path_factory.mktemp("handbook"))
    handbook = Handbook(store, embedder)
    handbook.index()
    yield handbook
    store.close()
