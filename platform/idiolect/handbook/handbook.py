"""The handbook in the vector store: indexed once, asked with what the user wrote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain

import numpy as np

from idiolect.handbook.notes import Found
from idiolect.handbook.topics import Topic, load_topics
from idiolect.handbook.vectors import key_of, topic_vectors
from idiolect.lm.protocols import Embedder
from idiolect.store.vectors.protocols import VectorStore

LEAST_NEARNESS = 0.45
"""Nearness under which a topic is not what a message is about."""

MARGIN = 0.08
"""How far behind the first another topic may be to stand beside it."""

MOST_TOPICS = 3

ASK_HANDICAP = 0.15
"""What an ask's cosine is lowered by. Asks of one form ("Should I ... or ...?") lie near each other
whatever they are about; one that is nearer than this to a message says the same."""

FEW_WORDS = 5
CLEAR_NEARNESS = 0.62
"""A message of few words ("Can you make a list?") changes the subject only when it is that near."""

LOOK_BACK = 8
"""How many of the user's messages are asked."""

_OWNER = "handbook"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A message with its vector, and the topics near it, the nearest first."""

    message: str
    vector: tuple[float, ...]
    nearness: dict[str, float]

    @property
    def nearest(self) -> float:
        return max(self.nearness.values(), default=-1.0)

    @property
    def is_clear(self) -> bool:
        is_short = len(self.message.split()) <= FEW_WORDS
        return self.nearest >= (CLEAR_NEARNESS if is_short else LEAST_NEARNESS)


class Handbook:
    """Topics by meaning, in two collections that belong to no user: their means, and their asks.

    A topic is as near to a message as its mean is, or its nearest ask less ``ASK_HANDICAP``.
    ``docs/decisions/0014-handbook.md`` has what was measured.

    The collections' names hold a hash of what is indexed and of the embedder's name, so they are
    written again exactly when one of the two changes.

    Args:
        vectors: where the index lies.
        embedder: turns topics and messages into the vectors' space.
        topics: what can be looked up; all that ship unless given.
    """

    def __init__(
        self, vectors: VectorStore, embedder: Embedder, topics: Sequence[Topic] | None = None
    ) -> None:
        self._vectors = vectors
        self._embedder = embedder
        self._given = topics

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """What can be looked up, by id."""
        given = load_topics() if self._given is None else self._given
        return {topic.id: topic for topic in given}

    @property
    def is_indexed(self) -> bool:
        """Whether all topics are in the vector store."""
        counts = (self._vectors.count(self._means), self._vectors.count(self._asks))
        return counts == (len(self.topics), len(self._ask_ids))

    def index(self, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Writes the topics' vectors unless they are there, and drops those of other versions.

        Args:
            should_stop: asked about once a second while an embedder is at work.

        Raises:
            NotReadyError: the bundled embedder or the vector store is missing.
            ModelError: the embedder's endpoint failed.
        """
        if self.is_indexed:
            return
        vectors = topic_vectors(tuple(self.topics.values()), self._embedder, should_stop)
        if vectors is None:
            return
        self._vectors.drop(_OWNER)
        asks, topics = self._ask_ids, list(self.topics)
        self._vectors.upsert(self._asks, asks, vectors.asks.tolist(), [{}] * len(asks))
        self._vectors.upsert(self._means, topics, vectors.means.tolist(), [{}] * len(topics))

    def find(self, messages: Sequence[str]) -> list[Found] | None:
        """The topics that a talk is about, the nearest first.

        The newest message decides if it finds something clearly; else the one before it, and so
        on; else the newest that finds something at all.

        Args:
            messages: the user's, the newest last.

        Returns:
            At most ``MOST_TOPICS``, none where nothing is near; None while nothing is indexed.
        """
        newest_first = messages[: -LOOK_BACK - 1 : -1]
        ask = cache(self._ask)
        clear = (ask(message) for message in newest_first if ask(message).is_clear)
        weak = (ask(m) for m in newest_first if ask(m).nearest >= LEAST_NEARNESS)
        asked = next(chain(clear, weak), None)
        if asked is None:
            return [] if self.is_indexed else None
        least = max(LEAST_NEARNESS, asked.nearest - MARGIN)
        near = [id for id, nearness in asked.nearness.items() if nearness >= least][:MOST_TOPICS]
        orders = self._by_nearness(asked.vector, [self.topics[id] for id in near])
        return [
            Found(self.topics[id], asked.nearness[id], order)
            for id, order in zip(near, orders, strict=True)
        ]

    def _ask(self, message: str) -> _Asked:
        [vector] = self._embedder.embed([message])
        nearness: dict[str, float] = {}
        most_asks = MOST_TOPICS * max(len(topic.asks) for topic in self.topics.values())
        for match in self._vectors.query(self._asks, vector, most_asks):
            topic_id = match.id.partition("/")[0]
            nearness.setdefault(topic_id, match.similarity - ASK_HANDICAP)
        for match in self._vectors.query(self._means, vector, MOST_TOPICS):
            nearness[match.id] = max(match.similarity, nearness.get(match.id, -1.0))
        nearest_first = sorted(nearness.items(), key=lambda item: -item[1])
        return _Asked(message, tuple(vector), dict(nearest_first))

    def _by_nearness(
        self, vector: Sequence[float], topics: Sequence[Topic]
    ) -> list[tuple[int, ...]]:
        """For each topic the places of its points, from the nearest to the vector on."""
        points = [point.long for topic in topics for point in topic.points]
        similarities = iter((np.array(self._embedder.embed(points)) @ vector).tolist())
        nearness = [[next(similarities) for _ in topic.points] for topic in topics]
        return [
            tuple(sorted(range(len(near)), key=lambda place: -near[place])) for near in nearness
        ]

    @cached_property
    def _ask_ids(self) -> list[str]:
        topics = self.topics.values()
        return [f"{topic.id}/{place}" for topic in topics for place in range(len(topic.asks))]

    @cached_property
    def _means(self) -> str:
        return f"{self._version}.topics"

    @cached_property
    def _asks(self) -> str:
        return f"{self._version}.asks"

    @cached_property
    def _version(self) -> str:
        key = key_of(tuple(self.topics.values()), self._embedder)
        return f"{_OWNER}.{key[:12]}"
