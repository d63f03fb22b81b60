"""Which of a user's propositions hold the words of a query, by the database's own full text."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from idiolect.store.models import Memory
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.memory_conditions import rated_private

MOST_WORDS = 32
"""Of a longer query, the first so many different words are looked up."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a database is asked.

    Attributes:
        every: the entries of a user's active propositions.
        matching: those that hold a word.
        shared: what both are restricted by where only what is shared is looked at.
        lineage: of an entry.
    """

    every: str
    matching: str
    shared: str
    lineage: str


_POSTGRESQL = """
SELECT lineage_id AS entry FROM memories WHERE user_id = :user
    AND kind = 'proposition' AND state = 'activated' AND superseded_at IS NULL
"""

_DIALECTS: Mapping[str, _Dialect] = {
    "sqlite": _Dialect(
        every="SELECT rowid AS entry FROM memories_text WHERE memories_text MATCH :owner",
        matching="SELECT rowid AS entry FROM memories_text WHERE memories_text MATCH :word{place}",
        shared="",  # the words say it: see ``FullText._within``
        # Read for what is given alone: to read it of all that match took most of the time.
        lineage="(SELECT lineage FROM memories_text WHERE rowid = entry)",
    ),
    "postgresql": _Dialect(
        every=_POSTGRESQL,
        matching=f"""{_POSTGRESQL}
            AND to_tsvector('english', coalesce(text, '') || ' ' || coalesce(reasoning, ''))
                @@ plainto_tsquery('english', :word{{place}})""",
        shared=""" AND scope = ANY(:scopes) AND lineage_id NOT IN (
            SELECT lineage_id FROM ratings WHERE user_id = :user AND mark = 'private')""",
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

    The index is the migrations' (``0002`` and ``0007``), and the database keeps it. All counts are
    of this user's propositions, so what others wrote decides nothing here.

    Args:
        scopes: looks at what is shared with one of these and not rated private as if there were
            nothing else, so that the weights tell nothing of the rest; None looks at all.
    """

    def __init__(
        self, session: Session, user_id: str, scopes: Collection[str] | None = None
    ) -> None:
        self._session = session
        self._user_id = user_id
        self._scopes = None if scopes is None else sorted(scopes)
        self._name = session.get_bind().dialect.name
        self._dialect = _DIALECTS[self._name]

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
        if not looked_up or self._scopes == []:
            return {}
        parameters = self._parameters(looked_up)
        narrowed = "" if self._scopes is None else self._dialect.shared
        every = self._dialect.every + narrowed
        matching = [
            self._dialect.matching.format(place=n) + narrowed for n in range(len(looked_up))
        ]
        total, *counts = self._counts([every, *matching], parameters)
        if not total:
            return {}
        weights = [rarity(total, count) for count in counts]
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

    def _counts(self, queries: Sequence[str], parameters: Mapping[str, object]) -> list[int]:
        counted = (
            f"(SELECT count(*) FROM ({query}) AS entries{n})"  # noqa: S608 - constants only
            for n, query in enumerate(queries)
        )
        return list(self._session.execute(text(f"SELECT {', '.join(counted)}"), parameters).one())

    def _parameters(self, words: Sequence[str]) -> dict[str, object]:
        if self._name != "sqlite":
            given = {"user": self._user_id, "scopes": self._scopes}
            return {**given, **{f"word{n}": word for n, word in enumerate(words)}}
        within = self._within()
        terms = (f"{within} AND {{text reasoning}}:{_phrase(word)}" for word in words)
        return {"owner": within, **{f"word{n}": term for n, term in enumerate(terms)}}

    def _within(self) -> str:
        """Which entries are looked at, in SQLite's query language."""
        owner = f"owner:{_name(self._user_id)}"
        if self._scopes is None:
            return owner
        shared = f"{owner} AND scope:({' OR '.join(map(_name, self._scopes))})"
        kept_back = select(Memory.id).where(
            Memory.lineage_id.in_(rated_private(self._user_id)),
            only_checked(Memory.user_id) == self._user_id,
            only_checked(Memory.scope).in_(self._scopes),
            Memory.superseded_at.is_(None),
        )
        private = " OR ".join(map(_name, self._session.scalars(kept_back)))
        return f"({shared}) NOT memory:({private})" if private else shared


def _phrase(word: str) -> str:
    """A word in quotes that nothing escapes."""
    quoted = word.replace('"', '""')
    return f'"{quoted}"'


def _name(id: str) -> str:
    """An id as the index has it: an underscore would make two words of it."""
    return _phrase(id.replace("_", ""))


def rarity(total: int, matching: int) -> float:
    """How much a word counts that so many of all propositions hold; see ``FullText.coverage``."""
    return math.log(1 + (total - matching + 0.5) / (matching + 0.5))
