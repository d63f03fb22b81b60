"""How often the right topic is found; ``python -m tests.handbook.measure`` prints all figures.

A question is an ask of the handbook that is left out of the index: of its topic's mean and of the
asks. Outside questions come from the sets under ``IDIOLECT_DATA``.
"""

import gzip
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from idiolect.handbook.handbook import ASK_HANDICAP, LEAST_NEARNESS, MARGIN, MOST_TOPICS
from idiolect.handbook.topics import Topic, load_topics
from idiolect.handbook.vectors import TopicVectors, key_of, read_shipped, texts
from idiolect.lm.embedding.bundled import BundledEmbedder

Matrix = NDArray[np.float32]

OUTSIDE = {
    "Arena-Hard": ("arena-hard-prompts/questions.jsonl.gz", "turns"),
    "MT-bench": ("arena-hard-prompts/mt_bench_questions.jsonl.gz", "turns"),
    "self-instruct seeds": ("self-instruct/seed_tasks.jsonl.gz", "instruction"),
    "self-instruct users": ("self-instruct/user_oriented_instructions.jsonl.gz", "instruction"),
}


@dataclass(frozen=True)
class Figures:
    """Shares of the questions, and how many topics stand in the notes where there are some.

    Attributes:
        nothing: found no topic.
        first: have their topic first.
        noted: have it among the notes.
        among_three: have it among the three nearest, near enough or not.
        topics: noted for a question with notes, on average.
    """

    nothing: float
    first: float
    noted: float
    among_three: float
    topics: float


@dataclass(frozen=True)
class Index:
    """The vectors as they are searched, and whose each ask is."""

    topics: tuple[Topic, ...]
    vectors: TopicVectors
    owners: NDArray[np.int64]

    def nearness(self, questions: Matrix) -> Matrix:
        """Of questions to all topics [questions, topics]."""
        asks = _grouped_max(questions @ self.vectors.asks.T, self.owners, len(self.topics))
        return np.maximum(questions @ _unit(self.vectors.means).T, asks - ASK_HANDICAP)

    def left_out(self, rows: Sequence[int]) -> Matrix:
        """Of some asks to all topics, each as if it had never been indexed."""
        asks = self.vectors.asks[list(rows)]
        others = asks @ self.vectors.asks.T
        others[np.arange(len(rows)), list(rows)] = -1.0
        nearest = _grouped_max(others, self.owners, len(self.topics)) - ASK_HANDICAP
        owners = self.owners[list(rows)]
        counts = np.array([len(texts(self.topics[owner])) for owner in owners])[:, None]
        rest = _unit(self.vectors.means[owners] * counts - asks)
        means = asks @ _unit(self.vectors.means).T
        means[np.arange(len(rows)), owners] = (asks * rest).sum(axis=1)
        return np.maximum(means, nearest)


def shipped_index() -> Index:
    """The index of the handbook that ships."""
    topics = load_topics()
    vectors = read_shipped(key_of(topics, BundledEmbedder()))
    assert vectors is not None, "run `python -m idiolect.handbook.vectors`"
    owners = np.repeat(np.arange(len(topics)), [len(topic.asks) for topic in topics])
    return Index(topics, vectors, owners)


def figures(nearness: Matrix, owners: NDArray[np.int64]) -> Figures:
    """What comes of questions whose topics are known."""
    best = nearness.max(axis=1)
    own = nearness[np.arange(len(owners)), owners]
    rank = (nearness > own[:, None]).sum(axis=1)
    least = np.maximum(best - MARGIN, LEAST_NEARNESS)
    found = best >= LEAST_NEARNESS
    noted = np.sort(nearness, axis=1)[:, -MOST_TOPICS:] >= least[:, None]
    return Figures(
        nothing=float((~found).mean()),
        first=float((found & (rank == 0)).mean()),
        noted=float(((rank < MOST_TOPICS) & (own >= least)).mean()),
        among_three=float((rank < MOST_TOPICS).mean()),
        topics=float(noted.sum(axis=1)[found].mean()),
    )


def reworded(topics: Sequence[Topic], rng: random.Random) -> Iterator[tuple[int, str]]:
    """Two asks of each topic as hasty people type them: small letters, words left out, cut off."""
    for place, topic in enumerate(topics):
        for ask in rng.sample(topic.asks, 2):
            words = ask.split()
            kept = [word for word in words if len(words) < 4 or rng.random() < 0.75]
            forms = (
                ask.lower().rstrip("?.!"),
                " ".join(kept),
                " ".join(words[: len(words) * 2 // 3]),
            )
            yield place, rng.choice(forms) or ask


def outside_questions(folder: Path, name: str) -> list[str]:
    """First turns, or instructions, of a set of ``OUTSIDE``."""
    path, field = OUTSIDE[name]
    with gzip.open(folder / path, "rt", encoding="utf-8") as lines:
        return [_text(json.loads(line)[field]) for line in lines]


def main() -> None:
    """Prints all figures."""
    index, embedder = shipped_index(), BundledEmbedder()
    _tell(f"left out: {figures(index.left_out(range(len(index.owners))), index.owners)}")
    owners, questions = zip(*reworded(index.topics, random.Random(0)), strict=True)
    vectors = np.array(embedder.embed(questions), dtype=np.float32)
    _tell(f"reworded: {figures(index.nearness(vectors), np.array(owners))}")
    folder = os.environ.get("IDIOLECT_DATA")
    for name in OUTSIDE if folder else ():
        vectors = np.array(embedder.embed(outside_questions(Path(folder or ""), name)), np.float32)
        found = index.nearness(vectors).max(axis=1) >= LEAST_NEARNESS
        _tell(f"{name}: notes for {found.mean():.1%} of {len(found)}")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _text(value: Any) -> str:
    while not isinstance(value, str):
        value = value["content"] if isinstance(value, dict) else value[0]
    return value


def _grouped_max(values: Matrix, owners: NDArray[np.int64], groups: int) -> Matrix:
    starts = np.searchsorted(owners, np.arange(groups))
    return np.maximum.reduceat(values, starts, axis=1)


def _unit(vectors: Matrix) -> Matrix:
    lengths: Matrix = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / lengths


if __name__ == "__main__":
    main()
