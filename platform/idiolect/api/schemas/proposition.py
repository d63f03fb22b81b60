"""Propositions: what is believed of the user, why, and since when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from idiolect.api.schemas.base import FilledText, Input, Output
from idiolect.api.schemas.job import JobOut
from idiolect.store.models import Memory
from idiolect.usermodel.calibration.reading import Belief
from idiolect.usermodel.charter.preferences import is_contested
from idiolect.usermodel.decay import half_life
from idiolect.usermodel.retrieve import Retrieved


class PropositionOut(Output):
    """One statement in its current version; the id is that version's.

    ``raw_confidence`` is what its evidence gives, ``confidence`` what the user's ratings make of
    it. ``rating`` is the latest that says whether it is true; what is ``private`` stays with them.
    What is ``contested`` does not act until they settle it.
    """

    id: str
    lineage_id: str
    version: int
    text: str
    reasoning: str | None
    confidence: float
    raw_confidence: float
    rating: Literal["true", "partly", "false"] | None
    private: bool
    contested: bool
    durability: float
    half_life_days: float
    state: str
    evidence_count: int
    supported_at: datetime | None
    recorded_at: datetime


class EvidenceOut(Output):
    """An observation behind a statement, and the words in it that carry it."""

    observation_id: str
    quote: str | None
    application: str | None
    title: str | None
    kind: str
    occurred_at: datetime


class VersionOut(Output):
    """What was believed from ``recorded_at`` until ``superseded_at``."""

    id: str
    version: int
    text: str
    raw_confidence: float
    recorded_at: datetime
    superseded_at: datetime | None


class PropositionDetailOut(PropositionOut):
    """A statement with everything behind it."""

    evidence: list[EvidenceOut]
    history: list[VersionOut]


class FoundPropositionOut(PropositionOut):
    """A statement that fits a query, and what decided its rank."""

    similarity: float
    coverage: float
    relevance: float
    recency: float
    score: float


class FoundPropositionsOut(Output):
    """The best first."""

    items: list[FoundPropositionOut]


class PropositionChangeIn(Input):
    """The user's own word on a statement: better words for it, or a verdict."""

    text: FilledText | None = Field(None, max_length=1000)
    verdict: Literal["confirmed", "rejected"] | None = None

    @model_validator(mode="after")
    def _one_change(self) -> "PropositionChangeIn":
        if (self.text is None) == (self.verdict is None):
            raise ValueError("send either a text or a verdict")
        return self


class RefreshOut(Output):
    """The job that reads what is new; null when there is nothing."""

    job: JobOut | None


def proposition_fields(memory: Memory, belief: Belief, evidence_count: int) -> dict[str, Any]:
    """The fields of ``PropositionOut`` for a row."""
    durability = memory.durability or 0.0
    return {
        "id": memory.id,
        "lineage_id": memory.lineage_id,
        "version": memory.version,
        "text": memory.text or "",
        "reasoning": memory.reasoning,
        "confidence": belief.confidence,
        "raw_confidence": memory.confidence or 0.0,
        "rating": belief.mark,
        "private": belief.private,
        "contested": is_contested(memory.payload),
        "durability": durability,
        "half_life_days": half_life(durability) / timedelta(days=1),
        "state": memory.state,
        "evidence_count": evidence_count,
        "supported_at": memory.supported_at,
        "recorded_at": memory.recorded_at,
    }


def found_propositions(
    found: Sequence[Retrieved], evidence_counts: dict[str, int]
) -> list[FoundPropositionOut]:
    """Search results in their order."""
    return [
        FoundPropositionOut(
            **proposition_fields(each.memory, each.belief, evidence_counts[each.memory.lineage_id]),
            similarity=each.similarity,
            coverage=each.coverage,
            relevance=each.relevance,
            recency=each.recency,
            score=each.score,
        )
        for each in found
    ]


def version_of(memory: Memory) -> VersionOut:
    """One version of a statement's history."""
    return VersionOut(
        id=memory.id,
        version=memory.version,
        text=memory.text or "",
        raw_confidence=memory.confidence or 0.0,
        recorded_at=memory.recorded_at,
        superseded_at=memory.superseded_at,
    )
