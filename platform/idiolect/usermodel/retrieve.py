"""Which propositions matter for a query: relevance · confidence · recency, then variety."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from idiolect.store.models import Memory
from idiolect.usermodel.calibration.reading import Belief
from idiolect.usermodel.decay import recency
from idiolect.usermodel.grounding import FUNCTION_WORDS

SIMILARITY_SHARE = 0.5
"""Of relevance, the rest being coverage. On LoCoMo's conversations (883 questions, evidence among
the first ten): meaning alone 0.489, words alone 0.638, both 0.68 for any share from 0.3 to 0.6."""

SCORE_SHARE = 0.8
"""How much of the choice is the score, the rest being difference from what is chosen. Below it
variety costs evidence: 0.666 at 0.8, 0.656 at 0.7, 0.615 at 0.5."""

_WORD = re.compile(r"[^\W_]+")

Vector = Sequence[float] | NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A proposition with everything that decided its rank.

    Attributes:
        similarity: cosine to the query, in [-1, 1].
        coverage: the share of the query's words that it holds, rare ones counting more, in [0, 1].
        relevance: of both, in [0, 1].
        belief: how sure to be of it, and what the user said of it.
        recency: in (0, 1].
        score: relevance · confidence · recency.
    """

    memory: Memory
    belief: Belief
    similarity: float
    coverage: float
    relevance: float
    recency: float
    score: float

    @property
    def confidence(self) -> float:
        """Calibrated, in (0, 1)."""
        return self.belief.confidence


def query_words(query: str, ignored: Collection[str] = ()) -> list[str]:
    """The words of a query to look up: those that mean something, as they are written.

    Args:
        query: what is asked.
        ignored: further words to leave out, such as the user's name, which every proposition has.
    """
    passed_over = FUNCTION_WORDS.union(word.casefold() for word in ignored)
    return [word for word in _WORD.findall(query) if word.casefold() not in passed_over]


def score(
    memory: Memory, belief: Belief, similarity: float, coverage: float, now: datetime
) -> Retrieved:
    """Scores one proposition: relevance · confidence · recency, each in [0, 1].

    relevance = 0.5 max(0, similarity) + 0.5 coverage. Both are shares of what could be had, so
    they add as they are, where fusing ranks (Cormack, Clarke and Büttcher 2009) forgets by how
    much one is better: it finds 0.65 at best where this finds 0.68.
    """
    fresh = recency(memory.supported_at or memory.recorded_at, now, memory.durability or 0.0)
    relevance = SIMILARITY_SHARE * max(0.0, similarity) + (1 - SIMILARITY_SHARE) * coverage
    return Retrieved(
        memory=memory,
        belief=belief,
        similarity=similarity,
        coverage=coverage,
        relevance=relevance,
        recency=fresh,
        score=relevance * belief.confidence * fresh,
    )


def diversify(
    candidates: Sequence[Retrieved], vectors: Mapping[str, Vector], limit: int
) -> list[Retrieved]:
    """Chooses up to ``limit`` candidates that score high and differ from each other.

    Maximal marginal relevance (Carbonell and Goldstein, 1998): the next choice maximizes
    λ · score / best score - (1 - λ) · (largest cosine to a chosen one), with λ = 0.8.

    Args:
        candidates: scored propositions in any order.
        vectors: unit vectors by lineage id; a candidate without one counts as unlike all others.
        limit: how many to choose.
    """
    ranked = sorted(candidates, key=lambda item: (-item.score, item.memory.lineage_id))
    if not ranked:
        return []
    rows = _rows([vectors.get(item.memory.lineage_id) for item in ranked])
    worth = SCORE_SHARE * np.array([item.score for item in ranked]) / (ranked[0].score or 1.0)
    nearest = np.zeros(len(ranked))
    chosen: list[int] = []
    while len(chosen) < min(limit, len(ranked)):
        merit = worth - (1 - SCORE_SHARE) * nearest
        merit[chosen] = -np.inf
        chosen.append(int(merit.argmax()))
        nearest = np.maximum(nearest, rows @ rows[chosen[-1]])
    return [ranked[place] for place in chosen]


def _rows(vectors: Sequence[Vector | None]) -> NDArray[np.float64]:
    """One below the other; zeros, which are unlike all, where one is missing."""
    width = next((len(vector) for vector in vectors if vector is not None), 0)
    return np.array([np.zeros(width) if vector is None else vector for vector in vectors])
