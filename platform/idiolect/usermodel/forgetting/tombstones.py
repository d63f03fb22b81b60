"""What keeps a forgotten statement from being learned again, without keeping its words.

A tombstone has the statement's hash and the vector by which ``likeness`` knows it. No embedder
knows all the ways to say a thing: to the bundled one *is vegetarian* is far from *eats no meat*. So
a statement has further tombstones, one for each span of text that carried it, by the span's hash:
what is concluded from the very same words needs to be much less near to be refused. So does what
estimates the same quantity anew, as the hours at which a program is used.

What a forgotten topic took in is refused afterwards by the same measure that took it in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
from sqlalchemy.orm import Session

from idiolect.kit.hashing import sha256_json
from idiolect.lm.protocols import Embedder
from idiolect.store.models import Tombstone
from idiolect.store.repositories.forgetting import ForgettingRepository, Stone
from idiolect.store.repositories.memory import MemoryRepository, proposition_hash
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.usermodel.forgetting.likeness import (
    PLACES,
    SAME_STATEMENT,
    Vector,
    about_topic,
    known_by,
    marks_of,
    meanings_of,
    name_others,
    same_statement,
    without_name,
)
from idiolect.usermodel.propose.protocols import Draft

SAME_EVIDENCE = 0.35
"""Least cosine between what a span carried and what is concluded from it again."""


def carriers_of(quotes: Iterable[str], estimate_key: str | None) -> set[str]:
    """The hashes of what a statement comes from: the lines of quotations, and what it estimates.

    Letter case and spacing of lines do not count.
    """
    lines = (" ".join(line.casefold().split()) for quote in quotes for line in quote.splitlines())
    hashes = {sha256_json(["span", line]) for line in lines if line}
    return hashes | ({sha256_json(["estimate", estimate_key])} if estimate_key else set())


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
            named, nameless = embedded[place], embedded[len(texts) + place]
            vector = known_by(named, nameless, text, user_name)
            found[text] = _stone(text, f"{self.embedder.name}/statement", vector)
        return found

    def evidence(
        self, stone: Stone, quotes: Iterable[str], estimate_key: str | None = None
    ) -> list[Stone]:
        """Further tombstones of a statement: of the spans that carried it, of what it estimates."""
        row = _row(stone.vector)[None]
        meaning = meanings_of(row, row.shape[1] - PLACES)[0].astype("<f4").tobytes()
        carriers = carriers_of(quotes, estimate_key)
        return [Stone(one, f"{self.embedder.name}/evidence", meaning) for one in sorted(carriers)]

    def topic(self, text: str, user_name: str) -> Stone:
        """A tombstone for a topic, as the user put it."""
        topic = without_name(text, user_name)
        meaning = np.array(self.embedder.embed([topic])[0], dtype=np.float32)
        vector = known_by(meaning, meaning, topic, user_name)
        return _stone(text, f"{self.embedder.name}/topic", vector)


@dataclass(frozen=True, slots=True)
class Tombstones:
    """What one user has had forgotten, as statements are held against it.

    Attributes:
        user_name: whose name statements carry.
        hashes: of the statements at hand, those that were forgotten word for word.
        held: of the statements at hand, those that the user's model holds word for word. Whatever
            stands there by the user's will is no news, however near it is to what went.
        statement_ids, statements: of the tombstones of statements, by row [n, dimensions + places].
        topic_ids, topics: of the tombstones of topics, by row [n, dimensions + places].
        carrier_ids, carriers, carried: of the tombstones of spans and estimates: their hashes, and
            by row what the statement meant that each carried [n, dimensions].
        gone: observations that the drafts at hand rest on, and that are no more.
    """

    user_name: str
    hashes: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    statement_ids: Sequence[str] = ()
    statements: Vector = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    topic_ids: Sequence[str] = ()
    topics: Vector = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    carrier_ids: Sequence[str] = ()
    carriers: Sequence[str] = ()
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
        carriers = [one for one in stones if one.space == f"{embedding}/evidence"]
        return cls(
            user_name=user_name,
            hashes=frozenset(purged(hashes) | ({one.content_hash for one in stones} & hashes)),
            held=frozenset(forgettings.held_hashes(hashes)),
            statement_ids=[one.id for one in statements],
            statements=_matrix(statements),
            topic_ids=[one.id for one in topics],
            topics=_matrix(topics),
            carrier_ids=[one.id for one in carriers],
            carriers=[one.content_hash for one in carriers],
            carried=_matrix(carriers),
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
        return said in self.hashes or bool(self._standing_for(text, vector))

    def to_lift(self, text: str, vector: Sequence[float]) -> list[str]:
        """The ids of the tombstones that stand for a statement, those of spans among them."""
        meaning = np.array(vector, dtype=np.float32)
        carried = self.carried @ meaning >= SAME_STATEMENT if len(self.carried) else ()
        return [*self._standing_for(text, vector), *compress(self.carrier_ids, carried)]

    def _standing_for(self, text: str, vector: Sequence[float]) -> list[str]:
        meaning = np.array(vector, dtype=np.float32)
        marks = marks_of(text, self.user_name)
        same = same_statement(self.statements, meaning, marks)
        about = about_topic(self.topics, meaning, marks)
        return [*compress(self.statement_ids, same), *compress(self.topic_ids, about)]

    def _is_carried_again(self, draft: Draft, vector: Sequence[float]) -> bool:
        """Whether a draft comes from what carried a forgotten statement that is much like it."""
        mine = carriers_of((one.quote for one in draft.evidence), draft.estimate_key)
        places = [place for place, carrier in enumerate(self.carriers) if carrier in mine]
        if not places or proposition_hash(draft.text) in self.held:
            return False
        near = self.carried[places] @ np.array(vector, dtype=np.float32) >= SAME_EVIDENCE
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
        if same_statement(row, meaning, marks_of(text, user_name))[0]:
            found[text] = float(meanings_of(row, len(meaning))[0] @ meaning)
    return found


def names_another(stone: Stone, text: str, user_name: str) -> bool:
    """Whether a statement names something else than a topic does, however near it is."""
    return bool(name_others(_row(stone.vector)[None, -PLACES:], marks_of(text, user_name))[0])


def _stone(text: str, space: str, vector: Vector) -> Stone:
    return Stone(proposition_hash(text), space, vector.astype("<f4").tobytes())


def _row(vector: bytes) -> Vector:
    return np.frombuffer(vector, dtype="<f4").astype(np.float32)


def _matrix(stones: Sequence[Tombstone]) -> Vector:
    if not stones:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([_row(one.vector) for one in stones])
