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
from idiolect.usermodel.rerank import RERANKED, Reranker
from idiolect.usermodel.retrieve import Retrieved, diversify, query_words, score

POOL = 4
LEAST_POOL = 20
"""Candidates fetched for each result of a search, and at least, so that there is a choice."""

FEW_SHARED = 2000
WIDER = 4
"""Of no more than so many the nearest are looked for in what is shared; else so many times as many
neighbors are fetched as are wanted, for some are not shared."""

SUREST = 500
"""Of more propositions than this, the ones of highest raw confidence are looked at for what is
surest and freshest."""

Floats = NDArray[np.float64]
Shown = Mapping[str, tuple[Memory, Belief]]
"""Propositions and how they stand, by lineage."""

_ACTS = {"state": "activated"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; nothing in particular if the text is blank.

    ``rerank`` has what is found put in order by the reranker, where the search has one.
    """

    text: str
    limit: int
    rerank: bool = False


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
        reranker: puts what is found in order for the questions that want it; it may take seconds.
    """

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        embedder: Embedder,
        reranker: Reranker | None = None,
    ) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder
        self._reranker = reranker

    def find(self, asker: Asker, questions: Sequence[Question]) -> list[list[Retrieved]]:
        """What is found for each question; to ask several at once takes less than one by one."""
        pointed = [question for question in questions if question.text.strip()]
        embedded = self._embedder.embed([one.text for one in pointed]) if pointed else []
        asked = dict(zip(pointed, map(np.array, embedded), strict=True))
        few = self._few_shared(asker) if pointed and asker.scopes is not None else None
        near = {
            one: self._near(asker, asked[one].tolist(), pool_of(one.limit), few) for one in pointed
        }
        with self._database.transaction() as session:
            coverage = _coverage(session, asker, pointed)
            leads = {
                one: [*near[one], *coverage[one]]
                if one in asked
                else _foremost(session, asker, one.limit)
                for one in questions
            }
            shown = _shown(session, asker, set(chain.from_iterable(leads.values())))
        vectors = self._vectors_of(asker, shown) if pointed else {}
        return [
            self._chosen(
                one,
                _scored(leads[one], shown, vectors, asked[one], coverage[one], asker.now),
                vectors,
            )
            if one in asked
            else _surest_first(leads[one], shown, asker.now)[: one.limit]
            for one in questions
        ]

    def _chosen(
        self, question: Question, scored: Sequence[Retrieved], vectors: Mapping[str, Floats]
    ) -> list[Retrieved]:
        """Those of the scored that are found, in their order."""
        if self._reranker is None or not question.rerank:
            return diversify(scored, vectors, question.limit)
        varied = diversify(scored, vectors, max(question.limit, RERANKED))
        return self._reranker.rank(question.text, varied)[: question.limit]

    def _few_shared(self, asker: Asker) -> frozenset[str] | None:
        """What is shared with the asker, if it is little; else None."""
        with self._database.transaction() as session:
            ranking = Ranking(session, asker.user_id, asker.scopes)
            shared = ranking.lineages(limit=FEW_SHARED + 1)
        return shared if len(shared) <= FEW_SHARED else None

    def _near(
        self, asker: Asker, vector: Sequence[float], pool: int, few: frozenset[str] | None
    ) -> list[str]:
        """The nearest of what the asker is shown.

        Where little is shared, the nearest are looked for in that. Where more is, some more
        neighbors than are wanted have enough of it among them as a rule.
        """
        user_id, scopes = asker.user_id, asker.scopes
        if few is not None:
            return [each.id for each in self._vectors.query_among(user_id, few, vector, pool)]
        wanted = pool if scopes is None else pool * WIDER
        nearest = [each.id for each in self._vectors.query(user_id, vector, wanted, _ACTS)]
        if scopes is None:
            return nearest
        with self._database.transaction() as session:
            ranking = Ranking(session, user_id, scopes)
            shown = ranking.lineages(among=nearest)
            is_enough = len(shown) >= pool or len(nearest) < wanted
            every = frozenset() if is_enough else ranking.lineages()
        if is_enough:
            return [lineage for lineage in nearest if lineage in shown][:pool]
        return [each.id for each in self._vectors.query_among(user_id, every, vector, pool)]

    def _vectors_of(self, asker: Asker, lineages: Collection[str]) -> dict[str, Floats]:
        stored = self._vectors.get(asker.user_id, list(lineages))
        return {lineage: np.array(row) for lineage, row in stored.items()}


def pool_of(limit: int) -> int:
    """How many candidates are looked at for so many results."""
    return max(limit * POOL, LEAST_POOL)


def _coverage(
    session: Session, asker: Asker, questions: Sequence[Question]
) -> dict[Question, dict[str, float]]:
    """Which propositions hold the words of each question, and how many of them."""
    user = session.get(User, asker.user_id)
    name = user.name.split() if user else ()
    text = FullText(session, asker.user_id, asker.scopes)
    return {
        one: text.coverage(query_words(one.text, ignored=name), pool_of(one.limit))
        for one in questions
    }


def _foremost(session: Session, asker: Asker, limit: int) -> list[str]:
    """The lineages of what is surest and freshest: by raw confidence · recency."""

    def worth(one: Standing) -> float:
        return one.confidence * recency(one.supported_at, asker.now, one.durability)

    surest = Ranking(session, asker.user_id, asker.scopes).surest(SUREST)
    return [one.lineage_id for one in heapq.nlargest(pool_of(limit), surest, key=worth)]


def _shown(session: Session, asker: Asker, lineage_ids: Collection[str]) -> Shown:
    """Those of the lineages that act now and that the asker is shown, and how they stand."""
    current = MemoryQueries(session, asker.user_id).by_lineage(lineage_ids)
    beliefs = read_beliefs(session, asker.user_id, list(current.values()))
    return {
        lineage: (memory, beliefs[memory.id])
        for lineage, memory in current.items()
        if memory.state == "activated"
        and _is_in_force(memory, asker.now)
        and (asker.with_private or not beliefs[memory.id].private)
        and (asker.scopes is None or memory.scope in asker.scopes)
    }


def _is_in_force(memory: Memory, now: datetime) -> bool:
    """Whether it still holds, whatever upkeep has not come to yet."""
    holds = memory.valid_to is None or memory.valid_to > now
    lasts = memory.pinned or memory.expires_at is None or memory.expires_at > now
    return holds and lasts


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
