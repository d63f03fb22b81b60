"""Where one user's week is kept: the real stores in a folder, to be copied and opened again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from sqlalchemy import delete, select, text, update

from idiolect.assistant.briefing import brief
from idiolect.lm.protocols import Embedder
from idiolect.observe.ingest import Ingestor
from idiolect.observe.wire import ObservationIn
from idiolect.proofs.members.forgetting.stream import Reader
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory, Observation, ProvenanceLink, Tombstone, User
from idiolect.store.repositories.forgetting import ForgettingRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.forgetting.forgetter import Forgetter
from idiolect.usermodel.forgetting.tombstones import Mason, Tombstones
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.search import Asker

USER = "usr_proof"
BATCH = 50
FOUND = 10
NEAR = 5
BUDGET_TOKENS = 500

ASKED = by_user("forgotten")


@dataclass(frozen=True, slots=True)
class Home:
    """One user's stores, opened.

    Attributes:
        database, vectors: where everything lies.
        embedder: of the vectors.
        reader: one of the two proposers.
        user_name: the user's first name.
        now: the present.
        zone: of the user's clock.
        folder: that holds it all.
    """

    database: Database
    vectors: ChromaVectorStore
    embedder: Embedder
    reader: Reader
    user_name: str
    now: datetime
    zone: tzinfo
    folder: Path

    @property
    def model(self) -> UserModel:
        """The platform's loop, with its patterns and the reader."""
        return UserModel(
            self.database,
            self.vectors,
            self.embedder,
            (PatternProposer(self.zone), self.reader),
            RulesRelater(),
            lambda: self.now,
        )

    @property
    def forgetter(self) -> Forgetter:
        """What erases."""
        index = PropositionIndex(self.database, self.vectors, self.embedder)
        blobs = BlobStore(self.folder / "blobs")
        return Forgetter(
            self.database, self.vectors, blobs, index, self.embedder, lambda: self.now, self.zone
        )

    def live(self, observations: Sequence[ObservationIn]) -> None:
        """Takes a stream in and learns from it, batch by batch."""
        ingestor = Ingestor(self.database, None, lambda: self.now)
        items = [one.model_dump(mode="json", exclude_none=True) for one in observations]
        ids: list[str] = []
        for start in range(0, len(items), BATCH):
            receipt = ingestor.ingest(USER, items[start : start + BATCH])
            ids += [one.id for one in receipt.accepted]
            self.reader.keys.update({one.id: one.idempotency_key for one in receipt.accepted})
        for start in range(0, len(ids), BATCH):
            self.model.process(USER, ids[start : start + BATCH])

    def beliefs(self) -> dict[str, str]:
        """The text of every proposition that is not erased, by lineage."""
        with self.database.transaction() as session:
            found = session.scalars(
                select(Memory).where(Memory.superseded_at.is_(None), Memory.text.is_not(None))
            )
            return {one.lineage_id: one.text or "" for one in found}

    def applications_of(self, keys: Sequence[str]) -> set[str]:
        """In which applications some observations were made, by idempotency key."""
        with self.database.transaction() as session:
            query = select(Observation.application).where(Observation.idempotency_key.in_(keys))
            return {name or "" for name in session.scalars(query)}

    def seen_in(self, suffix: str) -> set[str]:
        """The lineages that observations support whose idempotency keys have some end."""
        with self.database.transaction() as session:
            query = (
                select(Memory.lineage_id)
                .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
                .join(Observation, Observation.id == ProvenanceLink.source_id)
                .where(
                    ProvenanceLink.relation == "supports",
                    Observation.idempotency_key.endswith(suffix, autoescape=True),
                )
            )
            return set(session.scalars(query))

    def shown_for(self, statement: str) -> set[str]:
        """What search, an assistant's context and the nearest vectors give for a statement."""
        found = {one.memory.text or "" for one in self.model.search(USER, statement, FOUND)}
        told = brief(
            self.database,
            self.model,
            default_charter(),
            Asker(USER, self.now, with_private=True),
            statement,
            budget_tokens=BUDGET_TOKENS,
            limit=FOUND,
        )
        [vector] = self.embedder.embed([statement])
        near = self.vectors.query(USER, vector, NEAR)
        known = self.beliefs()
        # A vector whose statement is gone would give it away as well as any text.
        orphans = {statement for match in near if match.id not in known and match.similarity > 0.99}
        return found | {fact.text for fact in told.facts} | orphans

    def indexed(self) -> set[str]:
        """The texts that the full-text index holds."""
        with self.database.transaction() as session:
            return set(session.scalars(text("SELECT text FROM memories_text")))

    def rows(self) -> str:
        """Every live row of every table, the index's own included, as one text."""
        with self.database.engine.connect() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
            return "\n".join(
                str(row)
                for (name,) in names.all()
                for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')  # noqa: S608 - our own tables
            ).casefold()

    def would_refuse(self, texts: Sequence[str]) -> list[bool]:
        """Whether each statement would be kept from being learned; what is held would not be."""
        with self.database.transaction() as session:
            stones = Tombstones.read(session, USER, self.user_name, self.embedder.name, texts)
        vectors = self.embedder.embed(texts)
        return [stones.forbids(one, vector) for one, vector in zip(texts, vectors, strict=True)]

    # What the arms change

    def know_by_words_alone(self) -> None:
        """Takes the meaning out of the tombstones: their vectors are of no space any more."""
        with self.database.transaction() as session:
            session.execute(update(Tombstone).values(space="none"))

    def bury_instead(self, texts: Sequence[str]) -> None:
        """Puts as many tombstones of other statements in the place of those that stand."""
        stones = Mason(self.embedder).statements(texts, self.user_name)
        with self.database.transaction() as session:
            forgettings = ForgettingRepository(session, USER)
            standing = forgettings.tombstones()
            owner = standing[0].forgetting_id if standing else ""
            forgettings.lift([one.id for one in standing])
            session.execute(delete(Memory).where(Memory.state == "purged"))
            forgettings.bury(owner, list(stones.values())[: len(standing)], self.now)


@contextmanager
def opened(
    folder: Path, embedder: Embedder, reader: Reader, user_name: str, now: datetime, zone: tzinfo
) -> Iterator[Home]:
    """The stores of a folder; made with their user where there are none."""
    database = Database(f"sqlite:///{folder / 'idiolect.db'}")
    vectors = ChromaVectorStore.embedded(embedder.name, folder / "chroma")
    try:
        if database.revision() is None:
            database.migrate()
            with database.transaction() as session:
                session.add(User(id=USER, name=user_name, created_at=now))
        yield Home(database, vectors, embedder, reader, user_name, now, zone, folder)
    finally:
        vectors.close()
        database.close()


def copied(folder: Path, target: Path) -> Path:
    """The same stores once more, while nobody has them open."""
    shutil.copytree(folder, target)
    return target
