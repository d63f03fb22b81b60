"""What keeps a forgotten statement from being learned again, without keeping its words.

A tombstone has the statement's hash and one vector. Any two statements about the same person are
near to each other by the name alone, so the vector is the mean of two embeddings, with the name and
without it. Even so *plays the piano* and *plays the guitar* are nearly one to an embedder. Behind
it therefore stand places for the statement's words and names and one for whether it is about
somebody around the user: a word sets one of 256 places by its hash, a name one of 64. Very many
words share a place, so that none can be read back.

No embedder knows all the ways to say a thing: to this one *is vegetarian* is far from *eats no
meat*. So a statement has further tombstones, one for each span of text that carried it, by the
span's hash: what is concluded from the very same words needs to be much less near to be refused.

What a forgotten topic took in is refused afterwards by the same measure that took it in.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from idiolect.kit.hashing import sha256_json
from idiolect.lm.protocols import Embedder
from idiolect.store.models import Tombstone
from idiolect.store.repositories.forgetting import ForgettingRepository, Stone
from idiolect.store.repositories.memory import MemoryRepository, proposition_hash
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.propose.protocols import Draft
from idiolect.usermodel.propose.vocabulary import words as listed
from idiolect.usermodel.relate.rules import Parts

SAME_STATEMENT = 0.58
SAME_IN_OTHER_WORDS = 0.68
SURELY_SAME = 0.85
"""Least cosines of all-MiniLM-L6-v2 between a statement and the vector of a tombstone. The second
holds where both share ``FRAME_SHARE`` of their words and each has others: a high cosine comes of
the shared ones then. From the third on it does not matter whether one says *Noah's dog* and the
other *Noah has a dog*."""

SAME_EVIDENCE = 0.35
"""Least cosine where both rest on the same span of text."""

FRAME_SHARE = 0.3
"""All five were chosen on gold-user-model's labelled pairs and on the facts of simulated people;
docs/proofs.md tells what they refuse and miss of other people's."""

SAME_TOPIC = 0.4
"""Least cosine between a statement and a topic's words, the user's name in neither: of 3,800 facts
in other words 95 % lie above when the topic is the fact without its subject, and 0.4 % of what is
about something else."""

WORD_PLACES = 256
NAME_PLACES = 64

_WORD = re.compile(r"[\w\u2019'-]+")
_POSSESSIVE = re.compile(r"['\u2019]s$")
_NO_NAMES = listed(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
    "thursdays fridays saturdays sundays january february march april may june july august "
    "september october november december i"
)

Vector = NDArray[np.float32]


def spans_of(quote: str) -> set[str]:
    """The hashes of the lines of a quotation; letter case and spacing do not count."""
    lines = (" ".join(line.casefold().split()) for line in quote.splitlines())
    return {sha256_json(["span", line]) for line in lines if line}


def without_name(text: str, user_name: str) -> str:
    """A statement without the name of whom it is about."""
    own = {part.casefold() for part in user_name.split()}
    kept = [
        word
        for word in text.split()
        if _POSSESSIVE.sub("", word.strip('.,;:!?"')).casefold() not in own
    ]
    return " ".join(kept) or text


@dataclass(frozen=True, slots=True)
class Mason:
    """Makes tombstones; asks the embedder, so never within a transaction.

    Attributes:
        embedder: whose vectors drafts are compared by.
    """

    embedder: Embedder

    def statements(self, texts: Sequence[str], user_name: str) -> dict[str, Stone]:
        """A tombstone for each statement, by its text."""
        bare = [without_name(text, user_name) for text in texts]
        embedded = np.array(self.embedder.embed([*texts, *bare]), dtype=np.float32)
        found: dict[str, Stone] = {}
        for place, text in enumerate(texts):
            meaning = _unit(embedded[place] + embedded[len(texts) + place])
            vector = _unit(np.concatenate((meaning, _marks(text, user_name))))
            found[text] = _stone(text, f"{self.embedder.name}/statement", vector)
        return found

    def evidence(self, stone: Stone, quotes: Iterable[str]) -> list[Stone]:
        """Further tombstones of a statement, one for each span that carried it."""
        space = f"{self.embedder.name}/evidence"
        spans = {span for quote in quotes for span in spans_of(quote)}
        return [Stone(span, space, stone.vector) for span in sorted(spans)]

    def topic(self, text: str, user_name: str) -> Stone:
        """A tombstone for a topic, as the user put it."""
        [vector] = self.embedder.embed([without_name(text, user_name)])
        return _stone(text, f"{self.embedder.name}/topic", np.array(vector, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Tombstones:
    """What one user has had forgotten, as statements are held against it.

    Attributes:
        user_name: whose name statements carry.
        hashes: of the statements at hand, those that were forgotten word for word.
        held: of the statements at hand, those that the user's model holds word for word. Whatever
            stands there by the user's will is no news, however near it is to what went.
        statement_ids, statements: of the tombstones of statements, by row [n, dimensions + marks].
        topic_ids, topics: of the tombstones of topics, by row [n, dimensions].
        span_ids, spans, carried: of the tombstones of spans: their hashes, and by row the
            statement that each carried [n, dimensions + marks].
        gone: observations that the drafts at hand rest on, and that are no more.
    """

    user_name: str
    hashes: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    statement_ids: Sequence[str] = ()
    statements: Vector = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    topic_ids: Sequence[str] = ()
    topics: Vector = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    span_ids: Sequence[str] = ()
    spans: Sequence[str] = ()
    carried: Vector = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    gone: frozenset[str] = frozenset()

    @classmethod
    def read(
        cls,
        session: Session,
        user_id: str,
        user_name: str,
        embedding: str,
        texts: Sequence[str],
        sources: Collection[str] = (),
    ) -> "Tombstones":
        """Those of a user.

        Args:
            session: a transaction; whoever adds statements reads them in the one that adds.
            user_id: whose.
            user_name: as statements call the user.
            embedding: name of the embedder whose vectors will be compared.
            texts: the statements that will be held against them.
            sources: the observations that they rest on.
        """
        forgettings = ForgettingRepository(session, user_id)
        purged = MemoryRepository(session, user_id).purged_hashes
        hashes = {proposition_hash(text) for text in texts}
        stones = forgettings.tombstones()
        statements = [one for one in stones if one.space == f"{embedding}/statement"]
        topics = [one for one in stones if one.space == f"{embedding}/topic"]
        spans = [one for one in stones if one.space == f"{embedding}/evidence"]
        return cls(
            user_name=user_name,
            hashes=frozenset(purged(hashes) | ({one.content_hash for one in stones} & hashes)),
            held=frozenset(forgettings.held_hashes(hashes)),
            statement_ids=[one.id for one in statements],
            statements=_matrix(statements),
            topic_ids=[one.id for one in topics],
            topics=_matrix(topics),
            span_ids=[one.id for one in spans],
            spans=[one.content_hash for one in spans],
            carried=_matrix(spans),
            gone=frozenset(sources).difference(
                row.id for row in ObservationRepository(session, user_id).many(sources)
            ),
        )

    @classmethod
    def read_for(
        cls,
        session: Session,
        user_id: str,
        user_name: str,
        embedding: str,
        drafts: Sequence[Draft],
    ) -> "Tombstones":
        """Those of a user, for drafts; see ``read``."""
        sources = {one.observation_id for draft in drafts for one in draft.evidence}
        texts = [draft.text for draft in drafts]
        return cls.read(session, user_id, user_name, embedding, texts, sources)

    def refuses(self, draft: Draft, vector: Sequence[float]) -> bool:
        """Whether a draft says what was forgotten, or rests on what was, while it was made."""
        if any(one.observation_id in self.gone for one in draft.evidence):
            return True
        return self.forbids(draft.text, vector) or self._is_carried_again(draft, vector)

    def forbids(self, text: str, vector: Sequence[float]) -> bool:
        """Whether a statement says what was forgotten.

        Args:
            text: the statement.
            vector: its embedding, of length one.
        """
        said = proposition_hash(text)
        if said in self.held:
            return False
        return said in self.hashes or bool(self.standing_for(text, vector))

    def standing_for(self, text: str, vector: Sequence[float]) -> list[str]:
        """The ids of the tombstones that stand for a statement by its meaning."""
        meaning = np.array(vector, dtype=np.float32)
        same = _same_statement(self.statements, meaning, _marks(text, self.user_name))
        about = self.topics @ meaning >= SAME_TOPIC if len(self.topics) else ()
        carried = _same_statement(self.carried, meaning, _marks(text, self.user_name))
        return [
            *compress(self.statement_ids, same),
            *compress(self.topic_ids, about),
            *compress(self.span_ids, carried),
        ]

    def _is_carried_again(self, draft: Draft, vector: Sequence[float]) -> bool:
        """Whether a draft rests on a span that carried a forgotten statement much like it."""
        mine = set[str]().union(*(spans_of(one.quote) for one in draft.evidence))
        rows = self.carried[[span in mine for span in self.spans]] if mine else self.carried[:0]
        if not len(rows) or proposition_hash(draft.text) in self.held:
            return False
        meaning = np.array(vector, dtype=np.float32)
        near = _meanings(rows, len(meaning)) @ meaning >= SAME_EVIDENCE
        return bool(near.any())


def say_the_same(
    stone: Stone, texts: Sequence[str], vectors: Mapping[str, Sequence[float]], user_name: str
) -> dict[str, float]:
    """Those of some statements that a tombstone of another one would refuse, with their cosines.

    Args:
        stone: of the statement.
        texts: the others.
        vectors: their embeddings, by text.
        user_name: whose name all of them carry.
    """
    row = _row(stone.vector)[None]
    found: dict[str, float] = {}
    for text in texts:
        meaning = np.array(vectors[text], dtype=np.float32)
        if _same_statement(row, meaning, _marks(text, user_name))[0]:
            found[text] = float(_meanings(row, len(meaning))[0] @ meaning)
    return found


def _same_statement(rows: Vector, meaning: Vector, marks: Vector) -> NDArray[np.bool_]:
    """Which tombstones [n] are for a statement of this meaning, names and subject."""
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    cosines = _meanings(rows, len(meaning)) @ meaning
    theirs, mine = rows[:, len(meaning) :] > 0, marks > 0
    only_theirs, only_mine = theirs & ~mine, mine & ~theirs
    words, names, subject = slice(0, WORD_PLACES), slice(WORD_PLACES, -1), -1
    differ = only_theirs[:, words].any(axis=1) & only_mine[:, words].any(axis=1)
    shared = (theirs & mine)[:, words].sum(axis=1)
    of_all = (theirs | mine)[:, words].sum(axis=1)
    is_framed = differ & (shared >= FRAME_SHARE * of_all)
    is_near = cosines >= np.where(is_framed, SAME_IN_OTHER_WORDS, SAME_STATEMENT)
    other_names = only_theirs[:, names].any(axis=1) & only_mine[:, names].any(axis=1)
    other_subject = (theirs[:, subject] != mine[subject]) & (cosines < SURELY_SAME)
    same: NDArray[np.bool_] = is_near & ~other_names & ~other_subject
    return same


def _meanings(rows: Vector, dimensions: int) -> Vector:
    """The vectors of tombstones [n, dimensions], without the marks behind them."""
    parts = rows[:, :dimensions]
    meanings: Vector = parts / np.linalg.norm(parts, axis=1, keepdims=True)
    return meanings


def _marks(text: str, user_name: str) -> Vector:
    """Places of a statement's words and names, and whether it is about somebody around the user."""
    words, names = np.zeros(WORD_PLACES), np.zeros(NAME_PLACES)
    for stem in content_words(without_name(text, user_name)):
        words[_hash(stem) % WORD_PLACES] = 1.0
    own = {part.casefold() for part in user_name.split()}
    for written in _WORD.findall(text)[1:]:  # the first is capitalized whatever it is
        name = _POSSESSIVE.sub("", written).casefold()
        if written[0].isupper() and name not in own and name not in _NO_NAMES:
            names[_hash(name) % NAME_PLACES] = 1.0
    of_another = [float(Parts.of(text).of_another)]
    return np.concatenate((words, names, of_another)).astype(np.float32)


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])


def _stone(text: str, space: str, vector: Vector) -> Stone:
    return Stone(proposition_hash(text), space, vector.astype("<f4").tobytes())


def _row(vector: bytes) -> Vector:
    return np.frombuffer(vector, dtype="<f4").astype(np.float32)


def _matrix(stones: Sequence[Tombstone]) -> Vector:
    if not stones:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([_row(one.vector) for one in stones])


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit
