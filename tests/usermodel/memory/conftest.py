"""Memories over a real SQLite, a real Chroma and real files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory, MemoryEvent
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.memory.reader import Believed, MemoryReader
from idiolect.usermodel.memory.transfer import Transfer
from tests.fakes.hashing_embedder import HashingEmbedder

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


class Cube:
    """One user's memories and what the stores hold of them."""

    def __init__(
        self, database: Database, vectors: ChromaVectorStore, blobs: BlobStore, user_id: str
    ) -> None:
        self.database, self.vectors, self.blobs, self.user_id = database, vectors, blobs, user_id
        self.index = PropositionIndex(database, vectors, HashingEmbedder())
        self.now = NOW
        self.verbs = Memories(database, self.index, blobs, lambda: self.now)
        self.reader = MemoryReader(database, user_id)
        self.transfer = Transfer(database, self.index, blobs)

    def knows(self, text: str, *observations: str, **fields: Any) -> Memory:
        """An active proposition of a proposer's, that observations support."""
        fields = {"state": "activated", "confidence": 0.8, "durability": 0.5, **fields}
        fields["payload"] = {"author": "pattern", **fields.get("payload", {})}
        memory = self.verbs.add(self.user_id, "proposition", by_user("told"), text=text, **fields)
        self.link(memory, "observation", "supports", *observations)
        return memory

    def link(self, memory: Memory, source_type: Any, relation: Any, *sources: str) -> None:
        with self.database.transaction() as session:
            for source in sources:
                MemoryRepository(session, self.user_id).link(
                    memory.id, source_type, source, relation, self.now, quote=f"of {source}"
                )

    def put(self, folder: Path, content: str = "{}") -> str:
        """A blob with one JSON file and one of empty safetensors."""
        folder.mkdir()
        (folder / "adapter_config.json").write_text(content)
        (folder / "adapter_model.safetensors").write_bytes(b"\x02" + b"\x00" * 7 + b"{}")
        return self.blobs.put_dir(folder)

    def states(self) -> dict[str, str]:
        with self.database.transaction() as session:
            every = MemoryRepository(session, self.user_id).all_versions()
            return {memory.id: memory.state for memory in every}

    def believed(self, moment: datetime, kind: Any) -> list[Believed]:
        return self.reader.as_of(moment, kind).items

    def events(self) -> list[MemoryEvent]:
        with self.database.transaction() as session:
            return MemoryEventRepository(session, self.user_id).oldest_first()

    def evidence(self, memory: Memory) -> set[str]:
        with self.database.transaction() as session:
            links = MemoryRepository(session, self.user_id).evidence(memory.lineage_id)
            return {link.source_id for link in links}

    def indexed(self, *memories: Memory) -> list[bool]:
        found = self.vectors.get(self.user_id, [memory.lineage_id for memory in memories])
        return [memory.lineage_id in found for memory in memories]


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[ChromaVectorStore]:
    store = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    yield store
    store.close()


@pytest.fixture
def cube(database: Database, vectors: ChromaVectorStore, tmp_path: Path, user_id: str) -> Cube:
    return Cube(database, vectors, BlobStore(tmp_path / "blobs"), user_id)
