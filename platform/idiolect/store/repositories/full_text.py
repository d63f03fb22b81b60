"""Which of a user's propositions hold the words of a query, by the database's own full text."""

import math
from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_WORDS = 32
"""Of a longer query, the first so many different words are looked up."""

_MATCHING: Mapping[str, str] = {
    "sqlite": "SELECT lineage FROM memories_text WHERE memories_text MATCH :word{place}",
    "postgresql": """
        SELECT lineage_id AS lineage FROM memories
        WHERE user_id = :user AND kind = 'proposition' AND state = 'activated'
            AND superseded_at IS NULL
            AND to_tsvector('english', coalesce(text, '') || ' ' || coalesce(reasoning, ''))
                @@ plainto_tsquery('english', :word{place})
    """,
}
"""The lineages of a user's active propositions with a word, as the database stems it."""

_ACTIVE = """
SELECT count(*) FROM memories WHERE user_id = :user AND kind = 'proposition'
    AND state = 'activated' AND superseded_at IS NULL
"""


class FullText:
    """Reads the full-text index of one user's active propositions.

    The index is the migrations' (``0002``), and the database keeps it. All counts are of this
    user's propositions, so what others wrote decides nothing here.
    """

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id
        self._dialect = session.get_bind().dialect.name

    def coverage(self, words: Sequence[str], limit: int) -> dict[str, float]:
        """How much of a query's words each proposition holds, by lineage; the most first.

        The share of the words, each counted by how few propositions have it,

            sum over held words of idf(w) / sum over all words of idf(w),
            idf(w) = ln(1 + (N - n + 0.5) / (n + 0.5))

        with N propositions, n of them with the word: Robertson and Spärck Jones' weight (1976), in
        the form that is never negative. Okapi's BM25 would count repetitions and length too. Both
        mean little in one sentence, and on long conversations it finds less (recall at 10 of
        LoCoMo's evidence 0.638 against 0.601). A share also says how good the best is, where a sum
        says only which is best.

        Args:
            words: of the query; the database stems them as it stems the propositions.
            limit: how many to give at most.
        """
        looked_up = list(dict.fromkeys(word.casefold() for word in words))[:MOST_WORDS]
        terms = {f"word{place}": self._term(word) for place, word in enumerate(looked_up)}
        parameters: dict[str, object] = {"user": self._user_id, **terms}
        total = self._session.scalar(text(_ACTIVE), parameters) or 0
        if not total or not looked_up:
            return {}
        counts = [
            self._session.scalar(text(self._counting(place)), parameters) or 0
            for place in range(len(looked_up))
        ]
        weights = {f"weight{place}": _idf(total, count) for place, count in enumerate(counts)}
        held = " UNION ALL ".join(self._weighing(place) for place in range(len(looked_up)))
        found = self._session.execute(
            text(
                f"SELECT lineage, sum(weight) AS held FROM ({held}) AS found"  # noqa: S608 - constants and numbers of places only
                " GROUP BY lineage ORDER BY held DESC, lineage LIMIT :limit"
            ),
            {**parameters, **weights, "limit": limit},
        )
        whole = sum(weights.values())
        return {lineage: weight / whole for lineage, weight in found}

    def _matching(self, place: int) -> str:
        return _MATCHING[self._dialect].format(place=place)

    def _counting(self, place: int) -> str:
        return f"SELECT count(*) FROM ({self._matching(place)}) AS matching"  # noqa: S608 - constants only

    def _weighing(self, place: int) -> str:
        return (
            f"SELECT lineage, CAST(:weight{place} AS FLOAT) AS weight"  # noqa: S608 - constants only
            f" FROM ({self._matching(place)}) AS held{place}"
        )

    def _term(self, word: str) -> str:
        """The word as the database's query language has it, in quotes that nothing escapes."""
        if self._dialect != "sqlite":
            return word
        owner, quoted = self._user_id.replace("_", ""), word.replace('"', '""')
        return f'owner:"{owner}" AND {{text reasoning}}:"{quoted}"'


def _idf(total: int, matching: int) -> float:
    return math.log(1 + (total - matching + 0.5) / (matching + 0.5))
