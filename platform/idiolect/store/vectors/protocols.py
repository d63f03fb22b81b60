"""What a store of vectors is: nearest neighbors among one owner's own."""

from collections.abc import Collection, Mapping, Sequence
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
    """Vectors by owner; no call ever reaches another one's. They can be made again when lost.

    An owner is a user, by their id, or something that all users share, such as a version of the
    handbook. The vectors of ``name`` and of all ``name.…`` are dropped together.
    """

    def upsert(
        self,
        owner: str,
        ids: Sequence[str],
        vectors: Sequence[Sequence[float]],
        metadatas: Sequence[Metadata],
    ) -> None:
        """Writes vectors under their ids, over those that are there."""
        ...

    def annotate(self, owner: str, ids: Sequence[str], metadatas: Sequence[Metadata]) -> None:
        """Writes the values of vectors that stay; ids that are not there are passed over."""
        ...

    def query(
        self, owner: str, vector: Sequence[float], limit: int, where: Metadata | None = None
    ) -> list[Match]:
        """The nearest vectors, nearest first; ``where`` keeps those with all of its values."""
        ...

    def query_each(
        self, owner: str, vectors: Sequence[Sequence[float]], limit: int
    ) -> list[list[Match]]:
        """As ``query`` for several vectors, which takes less than one by one."""
        ...

    def query_among(
        self, owner: str, ids: Collection[str], vector: Sequence[float], limit: int
    ) -> list[Match]:
        """The nearest of these vectors, nearest first; ids that are not there are passed over."""
        ...

    def get(self, owner: str, ids: Sequence[str]) -> dict[str, list[float]]:
        """The vectors under these ids; ids that are not there are left out."""
        ...

    def delete(self, owner: str, ids: Sequence[str]) -> None:
        """Removes vectors; ids that are not there are passed over."""
        ...

    def count(self, owner: str) -> int:
        """How many vectors the owner has."""
        ...

    def drop(self, owner: str) -> None:
        """Removes all of the owner's vectors, of every embedding model."""
        ...

    def overwrite_deleted(self, owner: str) -> None:
        """Leaves no trace in the files of what was deleted or dropped, as far as they are ours."""
        ...

    def check(self) -> None:
        """Asks the store for a sign of life.

        Raises:
            NotReadyError: it gives none.
        """
        ...
