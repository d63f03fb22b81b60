"""Finding what was believed of a user at a moment, whatever is believed now.

The indexes hold what is said now. So the words are looked for in all that was believed then, and
nearness in meaning among what is still indexed and the weightiest of what is not; both are judged
by what was said then. It takes longer than a search of the present, and is seldom asked for.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import numpy as np

from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.models import Memory, User
from idiolect.store.repositories.full_text import rarity
from idiolect.store.repositories.memory_conditions import is_indexed
from idiolect.store.repositories.memory_queries import ACTIVE, MemoryQueries
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.calibration.reading import Belief
from idiolect.usermodel.decay import recency
from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.retrieve import Retrieved, diversify, score
from idiolect.usermodel.search import Asker, Question, pool_of

NO_LONGER_INDEXED = 200
"""Of what was believed and has left the index since, so many are read, the surest and freshest of
then first: an embedding of each is computed anew, some milliseconds."""


class Recall:
    """Searches what was believed of all users; see ``PropositionSearch`` for the present.

    Args:
        database: where propositions and their history lie.
        vectors: nearest neighbors by meaning, of what is said now.
        embedder: turns questions and statements into the vectors' space.
    """

    def __init__(self, database: Database, vectors: VectorStore, embedder: Embedder) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder

    def find(
        self, asker: Asker, question: Question, moment: datetime, held: datetime | None = None
    ) -> list[Retrieved]:
        """What acted at a moment and fits a question, by relevance, confidence and recency of then.

        Confidence is the one that was stored then: ratings that came later say nothing of it.

        Args:
            held: keeps what was believed to hold in the world at this other moment.
        """
        then, gone, name = self._read(asker, moment, held)
        if not question.text.strip():
            every = [_scored(memory, 1.0, 1.0, moment) for memory in then.values()]
            return heapq.nlargest(question.limit, every, key=lambda one: one.score)
        [asked] = self._embedder.embed([question.text])
        pool = pool_of(question.limit)
        coverage = _coverage(then.values(), content_words(question.text) - content_words(name))
        near = self._vectors.query(asker.user_id, asked, pool)
        leads = [
            *heapq.nlargest(pool, coverage, key=coverage.__getitem__),
            *(match.id for match in near if match.id in then),
            *gone,
        ]
        read = {lineage: then[lineage] for lineage in dict.fromkeys(leads)}
        rows = self._embedder.embed([memory.text or "" for memory in read.values()]) if read else []
        vectors = dict(zip(read, map(np.array, rows), strict=True))
        found = [
            _scored(memory, float(vectors[id] @ np.array(asked)), coverage.get(id, 0.0), moment)
            for id, memory in read.items()
        ]
        return diversify(found, vectors, question.limit)

    def _read(
        self, asker: Asker, moment: datetime, held: datetime | None
    ) -> tuple[dict[str, Memory], list[str], str]:
        """What acted then by lineage, what of it has left the index, and the user's name."""
        with self._database.transaction() as session:
            memories = MemoryQueries(session, asker.user_id)
            then = {
                memory.lineage_id: memory
                for memory in memories.list_as_of(
                    moment, "proposition", states=ACTIVE, held=held, scopes=asker.scopes
                )
            }
            hidden = set() if asker.with_private else memories.private(then)
            revised = [one.lineage_id for one in then.values() if one.superseded_at is not None]
            current = {**then, **memories.by_lineage(revised)}
            user = session.get(User, asker.user_id)
        shown = {lineage: memory for lineage, memory in then.items() if lineage not in hidden}
        left = [lineage for lineage in shown if not is_indexed(current[lineage])]
        weightiest = heapq.nlargest(
            NO_LONGER_INDEXED, left, key=lambda lineage: _weight(shown[lineage], moment)
        )
        return shown, weightiest, user.name if user else ""


def _coverage(memories: Iterable[Memory], wanted: frozenset[str]) -> dict[str, float]:
    """The share of the wanted words that each holds, rare ones counting more; see ``FullText``."""
    held = {
        memory.lineage_id: wanted & content_words(f"{memory.text} {memory.reasoning or ''}")
        for memory in (memories if wanted else ())
    }
    counts = Counter(word for words in held.values() for word in words)
    weights = {word: rarity(len(held), counts[word]) for word in wanted}
    return {
        lineage: math.fsum(weights[word] for word in words) / math.fsum(weights.values())
        for lineage, words in held.items()
        if words
    }


def _scored(memory: Memory, similarity: float, coverage: float, moment: datetime) -> Retrieved:
    return score(memory, Belief(memory.confidence or 0.0), similarity, coverage, moment)


def _weight(memory: Memory, moment: datetime) -> float:
    supported_at = memory.supported_at or memory.recorded_at
    return (memory.confidence or 0.0) * recency(supported_at, moment, memory.durability or 0.0)
