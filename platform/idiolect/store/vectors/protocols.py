"""What a store of vectors is: nearest neighbors among one user's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MetadataValue = str | int | float | bool
Metadata = Mapping[str, MetadataValue]


@dataclass(frozen=True, slots=True)
class Match:
    """A stored vector near the one asked about; ``similarity`` is the cosine, in [-1, 1]."""

    id: str
    similarity: float


class VectorStore(Protocol):
    """Vectors by user; no call ever reaches another user's. Rebuilt from SQL when lost."""

    def upsert(
        self,
        user_id: str,
        ids: Sequence[str],
        vectors: Sequence[Sequence[float]],
        metadatas: Sequence[Metadata],
    ) -> None:
        """Writes vectors under their ids, over those that are there."""
        ...

    def query(
        self, user_id: str, vector: Sequence[float], limit: int, where: Metadata | None = None
    ) -> list[Match]:
        """The nearest vectors, nearest first; ``where`` keeps those with all of its values."""
        ...

    def get(self, user_id: str, ids: Sequence[str]) -> dict[str, list[float]]:
        """The vectors under these ids; ids that are not there are left out."""
        ...

    def delete(self, user_id: str, ids: Sequence[str]) -> None:
        """Removes vectors; ids that are not there are passed over."""
        ...

    def count(self, user_id: str) -> int:
        """How many vectors the user has."""
        ...

    def drop(self, user_id: str) -> None:
        """Removes all of the user's vectors, of every embedding model."""
        ...

    def check(self) -> None:
        """Asks the store for a sign of life.

        Raises:
            NotReadyError: it gives none.
        """
        ...
