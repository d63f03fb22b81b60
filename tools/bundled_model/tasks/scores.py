"""Figures with intervals, and when two statements count as the same."""

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from idiolect.lm.protocols import Embedder
from idiolect.usermodel.grounding import content_words

SAME_MEANING = 0.7
"""Least cosine of two statements that say the same."""

SAME_WORDS = 0.3
"""Least share of the smaller one's content words that they have in common."""

RESAMPLES = 1000
INTERVAL = 0.95

Figures = dict[str, Any]
Row = TypeVar("Row")


def with_interval(rows: Sequence[Row], statistic: Callable[[Sequence[Row]], float]) -> list[float]:
    """A statistic of some rows and the ends of its percentile bootstrap interval.

    Args:
        rows: resampled with replacement; what belongs together is one row.
        statistic: of any number of rows.
    """
    rng = random.Random(0)
    resampled = sorted(statistic(rng.choices(rows, k=len(rows))) for _ in range(RESAMPLES))
    tail = round(RESAMPLES * (1 - INTERVAL) / 2)
    return [round(each, 3) for each in (statistic(rows), resampled[tail], resampled[-tail - 1])]


class Matcher:
    """Tells whether statements about one person say the same.

    Two do when the cosine of their vectors is at least ``SAME_MEANING`` and they share at least
    ``SAME_WORDS`` of the smaller one's content words, the person's name left out. Cosine alone
    takes "plays the piano" for "plays the violin".

    How it errs, on the training pairs of ``relate``, which are written to be hard: it takes as the
    same 50 % of the identical ones, 26 % of the similar, 23 % of the contradicting, 9 % of the
    generalizing and 29 % of the unrelated. So recall is understated for reworded statements, and a
    trap that differs in one word may count as matched.

    Args:
        embedder: gives the vectors; each statement is embedded once.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, list[float]] = {}

    def nearness(self, statement: str, others: Sequence[str], name: str) -> float:
        """The highest cosine to one of ``others`` that says the same; 0 when none does."""
        self._embed([statement, *others])
        words = content_words(statement) - content_words(name)
        return max((self._nearness(statement, words, other, name) for other in others), default=0.0)

    def _nearness(self, statement: str, words: frozenset[str], other: str, name: str) -> float:
        theirs = content_words(other) - content_words(name)
        smaller = min(len(words), len(theirs))
        if not smaller or len(words & theirs) < SAME_WORDS * smaller:
            return 0.0
        cosine = self.cosine(statement, other)
        return cosine if cosine >= SAME_MEANING else 0.0

    def cosine(self, left: str, right: str) -> float:
        """The similarity of two statements, in [-1, 1]."""
        self._embed([left, right])
        pairs = zip(self._vectors[left], self._vectors[right], strict=True)
        return sum(a * b for a, b in pairs)

    def _embed(self, statements: Sequence[str]) -> None:
        new = [each for each in dict.fromkeys(statements) if each not in self._vectors]
        self._vectors.update(zip(new, self._embedder.embed(new), strict=True))
