"""The user model: learns from observations, answers questions about the user, forgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from sqlalchemy.orm import Session

from idiolect.errors import InvalidInputError
from idiolect.kit.clock import Clock
from idiolect.lm.protocols import Embedder
from idiolect.store.database import Database
from idiolect.store.models import Memory, User
from idiolect.store.repositories.full_text import FullText
from idiolect.store.repositories.memory import MemoryFields, MemoryRepository
from idiolect.store.repositories.memory_event import USER
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.batch import Batch, read_batch
from idiolect.usermodel.confidence import CAPS, LOWEST
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.propose.protocols import Draft, Proposer
from idiolect.usermodel.relate.protocols import Pair, Relater
from idiolect.usermodel.retrieve import Retrieved, diversify, query_words, score
from idiolect.usermodel.revise import Related, Revision, is_estimate

NEIGHBORS = 5
NEAREST_SIMILARITY = 0.45
"""How many known statements a draft is compared with, and how alike they must at least be."""

POOL = 4
"""Candidates fetched for each result of a search, so that ranking has something to choose from."""

Verdict = Literal["confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What a batch changed: numbers of drafts by what became of them."""

    observations: int
    new: int
    merged: int
    revised: int
    contradicted: int
    refused: int


@dataclass(frozen=True, slots=True)
class _Named:
    """A draft with its author, its vector and the name that relations use."""

    name: str
    author: str
    draft: Draft
    vector: list[float]


@dataclass(frozen=True, slots=True)
class _Neighbor:
    """A known statement, or an earlier draft of the batch, that a draft may have to do with."""

    target: str
    text: str
    similarity: float
    is_estimate: bool


class UserModel:
    """Propositions of all users, over SQL (the truth) and vectors (an index that can be rebuilt).

    Args:
        database: where propositions, their history and evidence lie.
        vectors: nearest neighbors by meaning; one collection a user.
        embedder: turns statements and queries into the vectors' space.
        proposers: each reads every batch; drafts that say the same are merged.
        relater: tells how a draft stands to what is known.
        clock: gives the present.

    No method holds a transaction while a model or the embedder works. Vectors are written after
    the commit; should the process die between the two, the next batch mends them.
    """

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        embedder: Embedder,
        proposers: Sequence[Proposer],
        relater: Relater,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vectors = vectors
        self._embedder = embedder
        self._proposers = proposers
        self._relater = relater
        self._clock = clock
        self._index = PropositionIndex(database, vectors, embedder)

    def process(self, user_id: str, observation_ids: Sequence[str]) -> ProcessReport:
        """Learns from a batch of observations: propose, retrieve, relate, revise.

        Either the whole batch is taken in or nothing of it. Run twice, it changes nothing the
        second time, because evidence that is linked already does not count again. Whatever
        fails is raised, for the job to try again and to stop after its last attempt.

        Raises:
            NotFoundError: an observation is not there or not this user's.
            ModelError: a proposer or the relater asks a model and it failed.
        """
        now = self._clock()
        with self._database.transaction() as session:
            batch = read_batch(session, user_id, observation_ids)
        drafts = self._draft(batch, now)
        self._index.mend(user_id)
        related = self._relate(user_id, drafts)
        with self._database.transaction() as session:
            revision = Revision(MemoryRepository(session, user_id), batch.by_id(), now)
            for item in drafts:
                revision.apply(item.name, item.draft, item.author, related[item.name])
        self._index.write(user_id, revision.changed)
        return ProcessReport(
            observations=len(batch.observations),
            new=revision.outcomes["new"],
            merged=revision.outcomes["merged"],
            revised=revision.outcomes["revised"],
            contradicted=revision.outcomes["contradicted"],
            refused=revision.outcomes["refused"],
        )

    def search(
        self, user_id: str, query: str, limit: int = 10, now: datetime | None = None
    ) -> list[Retrieved]:
        """Propositions for a query, by relevance · confidence · recency, then variety.

        What is near in meaning and what holds the query's words are ranked together; see
        ``retrieve``. An empty query gives what is most certain and fresh.
        """
        moment = now or self._clock()
        if not query.strip():
            with self._database.transaction() as session:
                memories = MemoryRepository(session, user_id).list_current("proposition")
            ranked = [score(memory, 1.0, 1.0, moment) for memory in memories]
            return sorted(ranked, key=lambda item: -item.score)[:limit]
        pool = max(limit * POOL, 20)
        [vector] = self._embedder.embed([query])
        near = self._vectors.query(user_id, vector, pool, where={"state": "activated"})
        with self._database.transaction() as session:
            words = query_words(query, ignored=_name_of(session, user_id).split())
            coverage = FullText(session, user_id).coverage(words, pool)
            found = MemoryRepository(session, user_id).by_lineage(
                {*coverage, *(match.id for match in near)}
            )
        vectors = self._vectors.get(user_id, list(found))
        candidates = [
            score(
                memory,
                _cosine(vector, vectors[lineage]) if lineage in vectors else 0.0,
                coverage.get(lineage, 0.0),
                moment,
            )
            for lineage, memory in found.items()
            if memory.state == "activated"
        ]
        return diversify(candidates, vectors, limit)

    def correct(self, user_id: str, memory_id: str, text: str) -> Memory:
        """Puts the user's own words in a proposition's place; inference no longer changes it.

        Raises:
            NotFoundError: this user has no such memory.
            InvalidInputError: the text is empty.
        """
        if not text.strip():
            raise InvalidInputError("a proposition needs a text")
        return self._settle(user_id, memory_id, "corrected", {**self._held(), "text": text.strip()})

    def judge(self, user_id: str, memory_id: str, verdict: Verdict) -> Memory:
        """Records that the user holds a proposition to be true or false.

        A rejected one is archived, and drafts that say the same are refused from then on.

        Raises:
            NotFoundError: this user has no such memory.
        """
        if verdict == "rejected":
            return self._settle(
                user_id, memory_id, verdict, {"state": "archived", "confidence": LOWEST}
            )
        return self._settle(user_id, memory_id, verdict, self._held())

    def forget(self, user_id: str, memory_id: str) -> None:
        """Erases a proposition's text, evidence, versions and vector.

        What stays is a hash, which keeps the same statement from being learned again.

        Raises:
            NotFoundError: this user has no such memory.
        """
        with self._database.transaction() as session:
            memories = MemoryRepository(session, user_id, USER)
            lineage_id = memories.current(memory_id).lineage_id
            memories.purge(lineage_id, self._clock(), reason="forgotten")
        self._index.write(user_id, [lineage_id])

    def reindex(self, user_id: str) -> int:
        """Rebuilds a user's vectors from SQL; returns how many there are."""
        return self._index.rebuild(user_id)

    def _draft(self, batch: Batch, now: datetime) -> list[_Named]:
        if not batch.observations:
            return []
        authored = [
            (proposer.name, draft)
            for proposer in self._proposers
            for draft in proposer.propose(
                batch.observations, batch.earlier, user_name=batch.user_name, now=now
            )
        ]
        vectors = self._embedder.embed([draft.text for _, draft in authored])
        return [
            _Named(f"draft:{number}", author, draft, vector)
            for number, ((author, draft), vector) in enumerate(zip(authored, vectors, strict=True))
        ]

    def _relate(self, user_id: str, drafts: Sequence[_Named]) -> dict[str, list[Related]]:
        """Labels every draft against its neighbors, known ones and earlier drafts, in one call."""
        near = self._neighbors(user_id, drafts)
        pairs = [
            Pair(old=other.text, new=item.draft.text, similarity=other.similarity)
            for item in drafts
            for other in near[item.name]
        ]
        labels = iter(self._relater.relate(pairs) if pairs else [])
        related: dict[str, list[Related]] = {item.name: [] for item in drafts}
        for item in drafts:
            for other in near[item.name]:
                label = next(labels)
                if label is not None:
                    related[item.name].append(Related(other.target, label, other.similarity))
        return related

    def _neighbors(self, user_id: str, drafts: Sequence[_Named]) -> dict[str, list[_Neighbor]]:
        """For each draft, what is near enough to be related to it.

        Two estimates are never compared: their keys say already whether they are the same.
        """
        matches = {
            item.name: self._vectors.query(user_id, item.vector, NEIGHBORS) for item in drafts
        }
        with self._database.transaction() as session:
            known = MemoryRepository(session, user_id).by_lineage(
                {match.id for found in matches.values() for match in found}
            )
        near: dict[str, list[_Neighbor]] = {}
        for number, item in enumerate(drafts):
            stored = [
                _Neighbor(match.id, memory.text or "", match.similarity, is_estimate(memory))
                for match in matches[item.name]
                if (memory := known.get(match.id)) is not None
            ]
            siblings = [
                _Neighbor(
                    other.name,
                    other.draft.text,
                    _cosine(item.vector, other.vector),
                    other.draft.estimate_key is not None,
                )
                for other in drafts[:number]
            ]
            near[item.name] = [
                other
                for other in (*stored, *siblings)
                if other.similarity >= NEAREST_SIMILARITY
                and not (other.is_estimate and item.draft.estimate_key is not None)
            ]
        return near

    def _held(self) -> MemoryFields:
        return {"state": "activated", "confidence": CAPS["typed"], "supported_at": self._clock()}

    def _settle(self, user_id: str, memory_id: str, verdict: str, changes: MemoryFields) -> Memory:
        now = self._clock()
        with self._database.transaction() as session:
            memories = MemoryRepository(session, user_id, USER)
            known = memories.current(memory_id)
            changes["payload"] = {**known.payload, "verdict": verdict}
            settled = memories.revise(known, now, reason=verdict, **changes)
        self._index.write(user_id, [settled.lineage_id])
        return settled


def _name_of(session: Session, user_id: str) -> str:
    user = session.get(User, user_id)
    return user.name if user else ""


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    return float(np.dot(left, right))
