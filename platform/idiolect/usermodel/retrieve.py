"""Which propositions matter for a query: similarity · confidence · recency, then variety."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from idiolect.store.models import Memory
from idiolect.usermodel.decay import recency

RELEVANCE_SHARE = 0.7
"""How much of the choice is relevance, the rest being difference from what is chosen."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A proposition with everything that decided its rank."""

    memory: Memory
    similarity: float
    confidence: float
    recency: float
    score: float


def score(memory: Memory, similarity: float, now: datetime) -> Retrieved:
    """Scores one proposition: max(0, similarity) · confidence · recency, each in [0, 1]."""
    confidence = memory.confidence or 0.0
    fresh = recency(memory.supported_at or memory.recorded_at, now, memory.durability or 0.0)
    return Retrieved(
        memory=memory,
        similarity=similarity,
        confidence=confidence,
        recency=fresh,
        score=max(0.0, similarity) * confidence * fresh,
    )


def diversify(
    candidates: Sequence[Retrieved], vectors: Mapping[str, Sequence[float]], limit: int
) -> list[Retrieved]:
    """Chooses up to ``limit`` candidates that score high and differ from each other.

    Maximal marginal relevance (Carbonell and Goldstein, 1998): the next choice maximizes
    λ · score / best score - (1 - λ) · (largest cosine to a chosen one), with λ = 0.7.

    Args:
        candidates: scored propositions in any order.
        vectors: unit vectors by lineage id; a candidate without one counts as unlike all others.
        limit: how many to choose.
    """
    remaining = sorted(candidates, key=lambda item: (-item.score, item.memory.lineage_id))
    best = remaining[0].score if remaining else 0.0
    nearest = dict.fromkeys((item.memory.lineage_id for item in remaining), 0.0)
    chosen: list[Retrieved] = []

    def merit(item: Retrieved) -> float:
        relevance = item.score / best if best else 0.0
        return RELEVANCE_SHARE * relevance - (1 - RELEVANCE_SHARE) * nearest[item.memory.lineage_id]

    while remaining and len(chosen) < limit:
        pick = max(remaining, key=merit)
        remaining.remove(pick)
        chosen.append(pick)
        for item in remaining:
            likeness = _cosine(vectors, pick.memory.lineage_id, item.memory.lineage_id)
            nearest[item.memory.lineage_id] = max(nearest[item.memory.lineage_id], likeness)
    return chosen


def _cosine(vectors: Mapping[str, Sequence[float]], left: str, right: str) -> float:
    if left not in vectors or right not in vectors:
        return 0.0
    return sum(a * b for a, b in zip(vectors[left], vectors[right], strict=True))
