"""Finding what is believed of a user: what bears on a question, or what is surest and freshest."""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.models import Memory, User
from idiolect.store.repositories.full_text import FullText
from idiolect.store.repositories.memory_queries import MemoryQueries
from idiolect.store.repositories.ranking import Ranking, Standing
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.calibration.reading import Belief, read_beliefs
from idiolect.usermodel.decay import recency
from idiolect.usermodel.retrieve import Retrieved, diversify, query_words, score

POOL = 4
LEAST_POOL = 20
"""Candidates fetched for each result of a search, and at least, so that there is a choice."""

SUREST = 500
"""Of more propositions than this, the ones of highest raw confidence are looked at for what is
surest and freshest."""

Floats = NDArray[np.float64]
Shown = Mapping[str, tuple[Memory, Belief]]
"""Propositions and how they stand, by lineage."""

_ACTS = {"state": "activated"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; nothing in particular if the text is blank."""

    text: str
    limit: int


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and when.

    Attributes:
        user_id: whose propositions are asked for.
        now: the present, for recency.
        with_private: shows what the user rated private, too.
        scopes: shows what is shared with one of these as if there were nothing else, so that not
            even the figures tell of the rest; None shows all.
    """

    user_id: str
    now: datetime
    with_private: bool = False
    scopes: Collection[str] | None = None


class PropositionSearch:
    """Searches the propositions of all users.

    Args:
        database: where propositions lie.
        vectors: nearest neighbors by meaning.
        embedder: turns questions into the vectors' space.
    """

    def __init__(self, database: Database, vectors: VectorStore, embedder: Embedder) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder

    def find(self, asker: Asker, questions: Sequence[Question]) -> list[list[Retrieved]]:
        """What is found for each question; to ask several at once takes less than one by one."""
        pointed = [question for question in questions if question.text.strip()]
        embedded = self._embedder.embed([one.text for one in pointed]) if pointed else []
        asked = dict(zip(pointed, map(np.array, embedded), strict=True))
        among = self._shared(asker) if pointed and asker.scopes is not None else None
        near = {one: self._near(asker, one, asked[one].tolist(), among) for one in pointed}
        with self._database.transaction() as session:
            coverage = _coverage(session, asker, pointed, among)
            leads = {
                one: [*near[one], *coverage[one]]
                if one in asked
                else _foremost(session, asker, one.limit)
                for one in questions
            }
            shown = _shown(session, asker, set(chain.from_iterable(leads.values())))
        vectors = self._vectors_of(asker, shown) if pointed else {}
        return [
            diversify(
                _scored(leads[one], shown, vectors, asked[one], coverage[one], asker.now),
                vectors,
                one.limit,
            )
            if one in asked
            else _surest_first(leads[one], shown, asker.now)[: one.limit]
            for one in questions
        ]

    def _near(
        self,
        asker: Asker,
        question: Question,
        vector: Sequence[float],
        among: frozenset[str] | None,
    ) -> list[str]:
        pool = _pool(question.limit)
        if among is None:
            matches = self._vectors.query(asker.user_id, vector, pool, _ACTS)
        else:
            matches = self._vectors.query_among(asker.user_id, among, vector, pool)
        return [match.id for match in matches]

    def _shared(self, asker: Asker) -> frozenset[str]:
        with self._database.transaction() as session:
            return Ranking(session, asker.user_id, asker.scopes).lineages()

    def _vectors_of(self, asker: Asker, lineages: Collection[str]) -> dict[str, Floats]:
        stored = self._vectors.get(asker.user_id, list(lineages))
        return {lineage: np.array(row) for lineage, row in stored.items()}


def _pool(limit: int) -> int:
    return max(limit * POOL, LEAST_POOL)


def _coverage(
    session: Session,
    asker: Asker,
    questions: Sequence[Question],
    among: frozenset[str] | None,
) -> dict[Question, dict[str, float]]:
    """Which propositions hold the words of each question, and how many of them."""
    user = session.get(User, asker.user_id)
    name = user.name.split() if user else ()
    text = FullText(session, asker.user_id)
    return {
        one: text.coverage(query_words(one.text, ignored=name), _pool(one.limit), among)
        for one in questions
    }


def _foremost(session: Session, asker: Asker, limit: int) -> list[str]:
    """The lineages of what is surest and freshest: by raw confidence · recency."""

    def worth(one: Standing) -> float:
        return one.confidence * recency(one.supported_at, asker.now, one.durability)

    surest = Ranking(session, asker.user_id, asker.scopes).surest(SUREST)
    return [one.lineage_id for one in heapq.nlargest(_pool(limit), surest, key=worth)]


def _shown(session: Session, asker: Asker, lineage_ids: Collection[str]) -> Shown:
    """Those of the lineages that act and that the asker is shown, and how they stand."""
    current = MemoryQueries(session, asker.user_id).by_lineage(lineage_ids)
    beliefs = read_beliefs(session, asker.user_id, list(current.values()))
    return {
        lineage: (memory, beliefs[memory.id])
        for lineage, memory in current.items()
        if memory.state == "activated"
        and (asker.with_private or not beliefs[memory.id].private)
        and (asker.scopes is None or memory.scope in asker.scopes)
    }


def _scored(
    lineages: Sequence[str],
    shown: Shown,
    vectors: Mapping[str, Floats],
    asked: Floats,
    coverage: Mapping[str, float],
    now: datetime,
) -> list[Retrieved]:
    """How those that are shown bear on the question with this vector."""
    return [
        score(
            *shown[lineage],
            float(vectors[lineage] @ asked) if lineage in vectors else 0.0,
            coverage.get(lineage, 0.0),
            now,
        )
        for lineage in dict.fromkeys(lineages)
        if lineage in shown
    ]


def _surest_first(lineages: Sequence[str], shown: Shown, now: datetime) -> list[Retrieved]:
    ranked = [score(*shown[lineage], 1.0, 1.0, now) for lineage in lineages if lineage in shown]
    return sorted(ranked, key=lambda item: (-item.score, item.memory.lineage_id))
