"""Which of a user's propositions hold the words of a query, by the database's own full text."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_WORDS = 32
"""Of a longer query, the first so many different words are looked up."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a database is asked.

    Attributes:
        every: the entries of a user's active propositions.
        matching: those that hold a word.
        lineage: of an entry.
    """

    every: str
    matching: str
    lineage: str


_POSTGRESQL = """
SELECT lineage_id AS entry FROM memories WHERE user_id = :user
    AND kind = 'proposition' AND state = 'activated' AND superseded_at IS NULL
"""

_DIALECTS: Mapping[str, _Dialect] = {
    "sqlite": _Dialect(
        every="SELECT rowid AS entry FROM memories_text WHERE memories_text MATCH :owner",
        matching="SELECT rowid AS entry FROM memories_text WHERE memories_text MATCH :word{place}",
        # Read for what is given alone: to read it of all that match took most of the time.
        lineage="(SELECT lineage FROM memories_text WHERE rowid = entry)",
    ),
    "postgresql": _Dialect(
        every=_POSTGRESQL,
        matching=f"""{_POSTGRESQL}
            AND to_tsvector('english', coalesce(text, '') || ' ' || coalesce(reasoning, ''))
                @@ plainto_tsquery('english', :word{{place}})""",
        lineage="entry",
    ),
}


def drop_unused_terms(session: Session) -> None:
    """Takes the words of what was erased out of the index itself.

    SQLite's marks entries as deleted and keeps their words until it merges its parts; this merges
    them (0.3 s with 50,000 propositions). PostgreSQL's are gone with its next vacuum.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO memories_text (memories_text) VALUES ('optimize')"))


class FullText:
    """Reads the full-text index of one user's active propositions.

    The index is the migrations' (``0002``), and the database keeps it. All counts are of this
    user's propositions, so what others wrote decides nothing here.
    """

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._name = session.get_bind().dialect.name
        self._dialect = _DIALECTS[self._name]
        self._user = {"user": user_id, "owner": f'owner:"{user_id.replace("_", "")}"'}

    def coverage(
        self, words: Sequence[str], limit: int, among: Collection[str] | None = None
    ) -> dict[str, float]:
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
            among: the lineages to look at; the others are neither given nor counted, so that the
                weights tell nothing of them.
        """
        looked_up = list(dict.fromkeys(word.casefold() for word in words))[:MOST_WORDS]
        terms = {f"word{place}": self._term(word) for place, word in enumerate(looked_up)}
        parameters: dict[str, object] = {**self._user, **terms}
        matching = [self._dialect.matching.format(place=n) for n in range(len(looked_up))]
        if among is not None:
            return self._coverage_among(among, matching, parameters, limit)
        total, *counts = self._counts([self._dialect.every, *matching], parameters)
        if not total or not looked_up:
            return {}
        weights = [_idf(total, count) for count in counts]
        weighed = (
            f"SELECT entry, CAST(:weight{n} AS FLOAT) AS weight FROM ({query}) AS held{n}"  # noqa: S608 - constants only
            for n, query in enumerate(matching)
        )
        found = self._session.execute(
            text(
                f"SELECT {self._dialect.lineage}, held FROM (SELECT entry, sum(weight) AS held"  # noqa: S608 - constants only
                f" FROM ({' UNION ALL '.join(weighed)}) AS each_word"
                " GROUP BY entry ORDER BY held DESC, entry LIMIT :limit) AS best"
            ),
            {**parameters, **{f"weight{n}": w for n, w in enumerate(weights)}, "limit": limit},
        )
        held = {lineage: weight / sum(weights) for lineage, weight in found}
        return dict(sorted(held.items(), key=lambda item: -item[1]))

    def _coverage_among(
        self,
        among: Collection[str],
        matching: Sequence[str],
        parameters: Mapping[str, object],
        limit: int,
    ) -> dict[str, float]:
        wanted = frozenset(among)
        total = 0.0
        held: dict[str, float] = {}
        for query in matching:
            lineages = text(f"SELECT {self._dialect.lineage} FROM ({query}) AS held")  # noqa: S608 - constants only
            holding = self._session.scalars(lineages, parameters).all()
            found = [each for each in holding if each in wanted]
            weight = _idf(len(wanted), len(found))
            total += weight
            for lineage in found:
                held[lineage] = held.get(lineage, 0.0) + weight
        best = sorted(held.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return {lineage: weight / total for lineage, weight in best}

    def _counts(self, queries: Sequence[str], parameters: Mapping[str, object]) -> list[int]:
        counted = (
            f"(SELECT count(*) FROM ({query}) AS entries{n})"  # noqa: S608 - constants only
            for n, query in enumerate(queries)
        )
        return list(self._session.execute(text(f"SELECT {', '.join(counted)}"), parameters).one())

    def _term(self, word: str) -> str:
        """The word as the database's query language has it, in quotes that nothing escapes."""
        if self._name != "sqlite":
            return word
        quoted = word.replace('"', '""')
        return f'{self._user["owner"]} AND {{text reasoning}}:"{quoted}"'


def _idf(total: int, matching: int) -> float:
    return math.log(1 + (total - matching + 0.5) / (matching + 0.5))
