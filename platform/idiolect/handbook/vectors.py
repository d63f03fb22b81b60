"""The vectors by which topics are found: one for each ask, and the mean of all that is written.

Embedding takes some 45 seconds on one core, so the vectors under the bundled embedder ship with
the handbook; ``python -m idiolect.handbook.vectors`` makes them anew after a change of the topics.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from idiolect.handbook.topics import Topic, load_topics
from idiolect.kit.hashing import sha256_json
from idiolect.lm.protocols import Embedder

SHIPPED_FILE = Path(__file__).resolve().parent / "vectors.npz"

_TOPICS_AT_ONCE = 16
_LARGEST_BYTE = 127


@dataclass(frozen=True, slots=True)
class TopicVectors:
    """Where topics lie.

    Attributes:
        means: of the unit vectors of all that is written on a topic [topics, dimensions].
        asks: unit vectors of all topics' asks, topic by topic [asks, dimensions].
    """

    means: NDArray[np.float32]
    asks: NDArray[np.float32]


def texts(topic: Topic) -> tuple[str, ...]:
    """All that is written on a topic, its asks first; not the facts, which are about people."""
    remarks = (topic.why, topic.example, topic.caution, topic.question, topic.technical)
    return (*topic.asks, topic.name, *(point.long for point in topic.points), *remarks)


def key_of(topics: Sequence[Topic], embedder: Embedder) -> str:
    """Names the vectors of these topics: the same texts under the same embedder."""
    return sha256_json([embedder.name, [[topic.id, *texts(topic)] for topic in topics]])


def topic_vectors(
    topics: Sequence[Topic], embedder: Embedder, should_stop: Callable[[], bool]
) -> TopicVectors | None:
    """The topics' vectors, as shipped where those were made of the same texts.

    Returns:
        None when it was told to stop.

    Raises:
        NotReadyError: the bundled embedder is missing.
        ModelError: the embedder's endpoint failed.
    """
    shipped = read_shipped(key_of(topics, embedder))
    return shipped or embed_topics(topics, embedder, should_stop)


def embed_topics(
    topics: Sequence[Topic],
    embedder: Embedder,
    should_stop: Callable[[], bool] = lambda: False,
) -> TopicVectors | None:
    """Makes the topics' vectors; see ``topic_vectors``."""
    means: list[NDArray[np.float32]] = []
    asks: list[NDArray[np.float32]] = []
    for start in range(0, len(topics), _TOPICS_AT_ONCE):
        if should_stop():
            return None
        some = topics[start : start + _TOPICS_AT_ONCE]
        vectors = iter(embedder.embed([text for topic in some for text in texts(topic)]))
        for topic in some:
            written = np.array([next(vectors) for _ in texts(topic)], dtype=np.float32)
            means.append(written.mean(axis=0))
            asks.extend(written[: len(topic.asks)])
    return TopicVectors(np.stack(means), np.stack(asks))


def read_shipped(key: str) -> TopicVectors | None:
    """The vectors that ship with the handbook, if they are the ones of this key."""
    if not SHIPPED_FILE.is_file():
        return None
    with np.load(SHIPPED_FILE, allow_pickle=False) as file:
        if str(file["key"]) != key:
            return None
        scale = np.float32(file["scale"])
        return TopicVectors(file["means"] * scale, file["asks"] * scale)


def write_shipped(key: str, vectors: TopicVectors) -> None:
    """Writes the vectors in one byte a component, which moves a cosine by less than 0.01."""
    largest = max(np.abs(vectors.means).max(), np.abs(vectors.asks).max())
    scale = np.float32(largest / _LARGEST_BYTE)
    np.savez_compressed(
        SHIPPED_FILE,
        key=key,
        scale=scale,
        means=np.round(vectors.means / scale).astype(np.int8),
        asks=np.round(vectors.asks / scale).astype(np.int8),
    )


def main() -> None:
    """Writes the vectors that ship."""
    from idiolect.lm.embedding.bundled import BundledEmbedder

    topics, embedder = load_topics(), BundledEmbedder()
    if vectors := embed_topics(topics, embedder):
        write_shipped(key_of(topics, embedder), vectors)
    sys.stderr.write(f"{len(topics)} topics in {SHIPPED_FILE.stat().st_size / 1e6:.1f} MB\n")


if __name__ == "__main__":
    main()
