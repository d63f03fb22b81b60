"""The vectors of propositions: an index over SQL that can be mended and made again."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_conditions import is_indexed
from idiolect.store.vectors.protocols import VectorStore


class PropositionIndex:
    """Keeps one vector for each proposition that acts, is dormant or was rejected.

    Args:
        database: where the propositions lie; the truth.
        vectors: one collection a user.
        embedder: turns statements into the vectors' space.

    Vectors are written after the commit, and no transaction is held while the embedder works.
    """

    def __init__(self, database: Database, vectors: VectorStore, embedder: Embedder) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder

    @property
    def embedder(self) -> Embedder:
        """What turns statements into the vectors' space."""
        return self._embedder

    def write(
        self,
        user_id: str,
        lineage_ids: Collection[str],
        known: Mapping[str, list[float]] = MappingProxyType({}),
    ) -> None:
        """Brings the vectors of these lineages in line with what SQL says of them now.

        Args:
            user_id: whose.
            lineage_ids: which.
            known: vectors of some statements, by their texts, which need not be embedded again.
        """
        with self._database.transaction() as session:
            current = MemoryRepository(session, user_id).by_lineage(lineage_ids)
        kept = {lineage: memory for lineage, memory in current.items() if is_indexed(memory)}
        if kept:
            texts = [memory.text or "" for memory in kept.values()]
            if unknown := [text for text in texts if text not in known]:
                embedded = self._embedder.embed(unknown)
                known = {**known, **dict(zip(unknown, embedded, strict=True))}
            vectors = [known[text] for text in texts]
            metadatas = [{"state": memory.state} for memory in kept.values()]
            self._vectors.upsert(user_id, list(kept), vectors, metadatas)
        if dropped := sorted(set(lineage_ids) - set(kept)):
            self._vectors.delete(user_id, dropped)

    def restate(self, user_id: str, lineage_ids: Collection[str]) -> None:
        """As ``write``, for lineages whose state is new and whose words are not.

        Their vectors stay as they are; one that is lost is for ``mend``.
        """
        with self._database.transaction() as session:
            current = MemoryRepository(session, user_id).by_lineage(lineage_ids)
        kept = {lineage: memory for lineage, memory in current.items() if is_indexed(memory)}
        metadatas = [{"state": memory.state} for memory in kept.values()]
        self._vectors.annotate(user_id, list(kept), metadatas)
        self._vectors.delete(user_id, sorted(set(lineage_ids) - set(kept)))

    def rebuild(self, user_id: str) -> int:
        """Makes a user's vectors again from SQL; returns how many there are."""
        with self._database.transaction() as session:
            found = MemoryRepository(session, user_id).list_indexed()
        self._vectors.drop(user_id)
        self.write(user_id, [memory.lineage_id for memory in found])
        return len(found)

    def mend(self, user_id: str) -> None:
        """Makes the vectors again when their number shows that a write was lost."""
        with self._database.transaction() as session:
            expected = MemoryRepository(session, user_id).count_indexed()
        if self._vectors.count(user_id) != expected:
            self.rebuild(user_id)
