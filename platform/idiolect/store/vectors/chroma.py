"""Vectors in Chroma: one collection for each owner and embedding model.

Measured with 50,000 vectors of 50 users: a query in the user's own collection takes 5 ms, a
filtered query in a common one 40 ms; and erasing a user is dropping a collection.
"""

from collections.abc import Collection as AbstractCollection
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.api.types import Include, QueryResult, Where
from chromadb.api.types import Metadata as ChromaMetadata
from chromadb.errors import ChromaError, InternalError, NotFoundError
from numpy.typing import NDArray

from idiolect.errors import NotReadyError
from idiolect.kit.hashing import sha256_text
from idiolect.store.vectors.connection import Connection, EmbeddedConnection, ServerConnection
from idiolect.store.vectors.protocols import Match, Metadata

_NAMES_PER_PAGE = 500
_DISTANCES: Include = ["distances"]
_DISTANCES_AND_VALUES: Include = ["distances", "metadatas"]

_FEW = 200
"""Vectors of which the nearest are found by comparing them all."""

_SPARE = 20
_WIDER = 4
"""How many more neighbors are fetched than wanted where some may not pass a filter, and how many
times as many when these were too few."""


class ChromaVectorStore:
    """A ``VectorStore`` in Chroma; safe to use from many threads and processes.

    Args:
        connection: see ``ChromaVectorStore.embedded`` and ``ChromaVectorStore.server``.
        embedding_name: the vector space; other spaces are kept apart.
    """

    def __init__(self, connection: Connection, embedding_name: str) -> None:
        self._connection = connection
        self._embedding_name = embedding_name
        # A hash, because Chroma's names allow fewer characters than models' names have.
        self._space = sha256_text(embedding_name)[:12]

    @classmethod
    def embedded(cls, embedding_name: str, path: Path) -> "ChromaVectorStore":
        """Chroma's files in a folder of this machine."""
        return cls(EmbeddedConnection(path), embedding_name)

    @classmethod
    def server(cls, embedding_name: str, host: str, port: int) -> "ChromaVectorStore":
        """A Chroma server."""
        return cls(ServerConnection(host, port), embedding_name)

    def upsert(
        self,
        owner: str,
        ids: Sequence[str],
        vectors: Sequence[Sequence[float]],
        metadatas: Sequence[Metadata],
    ) -> None:
        """See ``VectorStore.upsert``."""
        if not ids:
            return
        with self._connection.writing() as client:
            self._write(client, owner, ids, vectors, [_as_chroma(one) for one in metadatas])

    def annotate(self, owner: str, ids: Sequence[str], metadatas: Sequence[Metadata]) -> None:
        """See ``VectorStore.annotate``; a vector that is written again costs Chroma some 9 ms."""
        if not ids:
            return
        with self._connection.writing() as client:
            collection = self._find(client, owner)
            if collection is None:
                return
            batch = client.get_max_batch_size()
            for start in range(0, len(ids), batch):
                part = slice(start, start + batch)
                collection.update(
                    ids=list(ids[part]),
                    metadatas=[_as_chroma(metadata) for metadata in metadatas[part]],
                )

    def query(
        self, owner: str, vector: Sequence[float], limit: int, where: Metadata | None = None
    ) -> list[Match]:
        """See ``VectorStore.query``."""
        with self._connection.reading() as client:
            collection = self._find(client, owner)
            if collection is None:
                return []
            if where:
                return _passing(collection, vector, limit, where)
            return _matches(_nearest(collection, vector, limit))

    def query_each(
        self, owner: str, vectors: Sequence[Sequence[float]], limit: int
    ) -> list[list[Match]]:
        """See ``VectorStore.query_each``."""
        with self._connection.reading() as client:
            collection = self._find(client, owner)
            if collection is None or not vectors:
                return [[] for _ in vectors]
            found = collection.query(
                query_embeddings=np.asarray(vectors, dtype=np.float32),
                n_results=limit,
                include=_DISTANCES,
            )
        ids, distances = found["ids"], found["distances"] or []
        return [_paired(*one) for one in zip(ids, distances, strict=True)]

    def query_among(
        self, owner: str, ids: AbstractCollection[str], vector: Sequence[float], limit: int
    ) -> list[Match]:
        """See ``VectorStore.query_among``."""
        with self._connection.reading() as client:
            collection = self._find(client, owner)
            if collection is None or not ids:
                return []
            if len(ids) <= _FEW:
                return _nearest_of_few(collection, list(ids), vector, limit)
            try:
                return _matches(_nearest(collection, vector, limit, ids=list(ids)))
            except InternalError:  # Chroma refuses all of them when one is not there
                there = collection.get(ids=list(ids), include=[])["ids"]
            return _matches(_nearest(collection, vector, limit, ids=there)) if there else []

    def get(self, owner: str, ids: Sequence[str]) -> dict[str, list[float]]:
        """See ``VectorStore.get``."""
        if not ids:
            return {}
        with self._connection.reading() as client:
            collection = self._find(client, owner)
            if collection is None:
                return {}
            found = collection.get(ids=list(ids), include=["embeddings"])
        embeddings = found["embeddings"]
        if embeddings is None:
            return {}
        rows = np.asarray(embeddings).tolist()
        return dict(zip(found["ids"], rows, strict=True))

    def delete(self, owner: str, ids: Sequence[str]) -> None:
        """See ``VectorStore.delete``."""
        if not ids:
            return
        with self._connection.writing() as client:
            collection = self._find(client, owner)
            if collection is not None:
                collection.delete(ids=list(ids))

    def count(self, owner: str) -> int:
        """See ``VectorStore.count``."""
        with self._connection.reading() as client:
            collection = self._find(client, owner)
            return collection.count() if collection is not None else 0

    def drop(self, owner: str) -> None:
        """See ``VectorStore.drop``."""
        with self._connection.writing() as client:
            names = _collection_names(client)
            for name in names:
                if name.startswith(f"{owner}."):
                    client.delete_collection(name)

    def overwrite_deleted(self, owner: str) -> None:
        """See ``VectorStore.overwrite_deleted``.

        Chroma marks deleted vectors and keeps them, in its log and in the graph's file, so those
        that are left are written into a new collection. A process that dies in between leaves too
        few, which whoever keeps the vectors notices by their number.
        """
        with self._connection.writing() as client:
            collection = self._find(client, owner)
            if collection is not None:
                left = collection.get(include=["embeddings", "metadatas"])
                vectors = np.asarray(left["embeddings"], dtype=np.float32)
                client.delete_collection(self._name(owner))
                self._write(client, owner, left["ids"], vectors, left["metadatas"] or [])
        self._connection.overwrite_removed()

    def check(self) -> None:
        """See ``VectorStore.check``."""
        try:
            with self._connection.reading() as client:
                client.heartbeat()
        except ChromaError as error:
            raise NotReadyError(f"Chroma does not answer: {error}") from error

    def close(self) -> None:
        """Lets go of files and sockets."""
        self._connection.close()

    def _write(
        self,
        client: Client,
        owner: str,
        ids: Sequence[str],
        vectors: Sequence[Sequence[float]] | NDArray[np.float32],
        metadatas: Sequence[ChromaMetadata],
    ) -> None:
        collection = client.get_or_create_collection(
            self._name(owner),
            embedding_function=None,
            metadata={"embedding": self._embedding_name},
            configuration={"hnsw": {"space": "cosine"}},
        )
        batch = client.get_max_batch_size()
        for start in range(0, len(ids), batch):
            part = slice(start, start + batch)
            collection.upsert(
                ids=list(ids[part]),
                embeddings=np.asarray(vectors[part], dtype=np.float32),
                metadatas=list(metadatas[part]),
            )

    def _find(self, client: Client, owner: str) -> Collection | None:
        try:
            return client.get_collection(self._name(owner), embedding_function=None)
        except NotFoundError:
            return None

    def _name(self, owner: str) -> str:
        return f"{owner}.{self._space}"


def _nearest(
    collection: Collection,
    vector: Sequence[float],
    limit: int,
    where: Metadata | None = None,
    *,
    ids: list[str] | None = None,
    include: Include = _DISTANCES,
) -> QueryResult:
    return collection.query(
        query_embeddings=np.asarray([vector], dtype=np.float32),
        n_results=limit,
        ids=ids,
        where=_all_of(where) if where else None,
        include=include,
    )


def _nearest_of_few(
    collection: Collection, ids: list[str], vector: Sequence[float], limit: int
) -> list[Match]:
    """The nearest of these by comparing them all.

    Chroma goes through its graph until it has met enough of them, which takes the longer the fewer
    they are: 50 among 50,000 take 30 ms of a processor, and 2 to be read.
    """
    found = collection.get(ids=ids, include=["embeddings"])
    if not found["ids"]:
        return []
    rows, asked = np.asarray(found["embeddings"]), np.asarray(vector)
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(asked)
    cosines = np.clip(rows @ asked / np.maximum(lengths, np.finfo(float).tiny), -1.0, 1.0)
    order = np.argsort(-cosines, kind="stable")[:limit]
    return [Match(found["ids"][place], float(cosines[place])) for place in order]


def _matches(found: QueryResult) -> list[Match]:
    [ids], [distances] = found["ids"], found["distances"] or [[]]
    return _paired(ids, distances)


def _paired(ids: Sequence[str], distances: Sequence[float]) -> list[Match]:
    return [
        Match(id, max(-1.0, min(1.0, 1.0 - distance)))
        for id, distance in zip(ids, distances, strict=True)
    ]


def _passing(
    collection: Collection, vector: Sequence[float], limit: int, where: Metadata
) -> list[Match]:
    """The nearest with these values, by Chroma's own filter only when most have others.

    Chroma's filter first gathers all that pass it: 58 ms for 10,000 vectors, where the query
    itself takes 4. What is asked for here passes nearly always, so a few more are fetched and
    those that don't pass are left out.
    """
    for fetched in (limit + _SPARE, _WIDER * (limit + _SPARE)):
        found = _nearest(collection, vector, fetched, include=_DISTANCES_AND_VALUES)
        [metadatas] = found["metadatas"] or [[]]
        passing = [
            match
            for match, metadata in zip(_matches(found), metadatas, strict=True)
            if where.items() <= (metadata or {}).items()
        ]
        if len(passing) >= limit or len(metadatas) < fetched:
            return passing[:limit]
    return _matches(_nearest(collection, vector, limit, where))


def _collection_names(client: Client) -> list[str]:
    names: list[str] = []
    while True:
        page = client.list_collections(limit=_NAMES_PER_PAGE, offset=len(names))
        names += [collection.name for collection in page]
        if len(page) < _NAMES_PER_PAGE:
            return names


def _as_chroma(metadata: Metadata) -> ChromaMetadata:
    # Chroma's types want a mapping, its code refuses an empty one and takes None.
    return cast(ChromaMetadata, dict(metadata) or None)


def _all_of(where: Metadata) -> Where:
    terms = [{key: value} for key, value in where.items()]
    return cast(Where, terms[0] if len(terms) == 1 else {"$and": terms})
