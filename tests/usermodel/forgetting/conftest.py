"""A person of whom every table holds something, over a real SQLite, Chroma, embedder and files."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from idiolect.kit.ids import new_id
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import (
    AuditDecision,
    Base,
    Conversation,
    Memory,
    Message,
    Observation,
    Preference,
    Rating,
    Suggestion,
    UserSetting,
)
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.store.repositories.job import enqueue
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.preference import PreferenceRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.forgetting.forgetter import Forgetter
from idiolect.usermodel.index import PropositionIndex
from tests.conftest import add_user
from tests.usermodel.seeds import store as store_views
from tests.usermodel.seeds import view

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LISBON_SUMMER = timezone(timedelta(hours=1))
"""The user's clock is an hour ahead of UTC."""


class Person:
    """One user, and what the stores hold of them."""

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        blobs: BlobStore,
        embedder: BundledEmbedder,
        user_id: str,
    ) -> None:
        self.database, self.vectors, self.blobs, self.embedder = database, vectors, blobs, embedder
        self.id, self.now = user_id, NOW
        self.index = PropositionIndex(database, vectors, embedder)
        self.forgetter = Forgetter(
            database, vectors, blobs, self.index, embedder, lambda: self.now, LISBON_SUMMER
        )

    # Putting things there

    def saw(self, id: str, text: str = "something", **changes: Any) -> str:
        """An observation with an audit decision."""
        store_views(self.database, self.id, view(text, id=id, **changes))
        flow = dict.fromkeys(("sender", "subject", "recipient", "data_type", "principle"), "user")
        with self.database.transaction() as session:
            session.add(
                AuditDecision(observation_id=id, user_id=self.id, verdict="allow", by="rule",
                              reason="own words", is_cut=False, at=self.now, **flow)
            )  # fmt: skip
        return id

    def knows(self, text: str, *observations: str, **fields: Any) -> str:
        """A proposition that observations support; gives its id, which is its lineage's too."""
        fields = {"state": "activated", "confidence": 0.8, "durability": 0.5, **fields}
        with self.database.transaction() as session:
            memories = MemoryRepository(session, self.id)
            memory = memories.add("proposition", self.now, text=text, **fields)
            for one in observations:
                memories.link(
                    memory.id, "observation", one, "supports", self.now, quote=f"quote of {one}"
                )
        self.index.write(self.id, [memory.lineage_id])
        return memory.id

    def made(self, kind: Kind, *sources: str, relation: Any = "derived_from", **fields: Any) -> str:
        """Another memory, made from memories."""
        with self.database.transaction() as session:
            memories = MemoryRepository(session, self.id)
            memory = memories.add(kind, self.now, state="activated", **fields)
            for source in sources:
                memories.link(memory.id, "memory", source, relation, self.now)
        return memory.id

    def put(self, folder: Path, content: str) -> str:
        """A blob with one file."""
        folder.mkdir()
        (folder / "weights").write_text(content)
        return self.blobs.put_dir(folder)

    def adapter(self, *preferences: str, blob_key: str) -> str:
        """An adapter that was trained on pairs."""
        with self.database.transaction() as session:
            made = AdapterRepository(session, self.id).add(
                payload={"card": {}}, blob_key=blob_key, content_hash=blob_key[-64:],
                trained_on=preferences, now=self.now,
            )  # fmt: skip
        return made.id

    def asked(
        self,
        text: str,
        *acted: str,
        answer: str = "I see.",
        at: datetime = NOW,
        conversation: str | None = None,
    ) -> tuple[str, str, list[str]]:
        """A message with two replies on which propositions acted; ids of talk, message, replies."""
        with self.database.transaction() as session:
            talks = ConversationRepository(session, self.id)
            talk = talks.get(conversation) if conversation else talks.create(text[:60], at)
            memories = MemoryRepository(session, self.id)
            used = [{"id": one, "text": memories.get(one).text} for one in acted]
            lines = "\n".join(f"- {one['text']}" for one in used)
            system = f"Keep it short.\n\nWhat you know about the user:\n{lines}" if used else ""
            said = talks.add_message(talk, role="user", parent_id=None, text=text, now=at)
            replies = [
                talks.add_message(
                    talk, role="assistant", parent_id=said.id, text=f"{answer} {place}", now=at,
                    position=place, acted={"model": "m", "system": system, "memories": used},
                )
                for place in range(2)
            ]  # fmt: skip
            return talk.id, said.id, [one.id for one in replies]

    def chose(self, replies: list[str]) -> str:
        """A choice between two replies; gives the pair's id."""
        with self.database.transaction() as session:
            preferences = PreferenceRepository(session, self.id)
            choice = preferences.add_choice(replies, "picked", replies[0], self.now)
            chosen, rejected = (session.get_one(Message, one) for one in replies)
            system = {"role": "system", "content": chosen.acted["system"]}
            pair = preferences.add(
                [system, {"role": "user", "content": "?"}], chosen.text, rejected.text,
                source="choice", split="train", now=self.now, choice_id=choice.id,
            )  # fmt: skip
            assert pair is not None
            return pair.id

    def prefers(self, chosen: str, rejected: str, *context: str) -> str:
        """A pair that was brought along."""
        with self.database.transaction() as session:
            pair = PreferenceRepository(session, self.id).add(
                [{"role": "user", "content": text} for text in context], chosen, rejected,
                source="import", split="train", now=self.now,
            )  # fmt: skip
            assert pair is not None
            return pair.id

    def offered(self, text: str, *evidence: str, at: datetime = NOW) -> str:
        """A suggestion."""
        with self.database.transaction() as session:
            row = Suggestion(
                id=new_id("sug"), user_id=self.id, kind="reminder",
                text=text, prompt=None, evidence=list(evidence), stakes={}, outcome="now",
                reason="p · B is larger", state="shown", created_at=at, valid_until=at,
            )  # fmt: skip
            session.add(row)
            return row.id

    def job(self, kind: str = "propose", **values: Any) -> str:
        """A job."""
        with self.database.transaction() as session:
            job = enqueue(session, self.id, kind, {}, now=self.now)
            for name, value in values.items():
                setattr(job, name, value)
            return job.id

    def set_up_the_rest(self, proposition: str) -> None:
        """A rating, a setting and a job: with these every table holds something of the person."""
        with self.database.transaction() as session:
            session.add(
                Rating(id=f"rat_{self.id}", user_id=self.id, memory_id=proposition,
                       lineage_id=proposition, author="pattern", raw=0.5, mark="true", at=self.now)
            )  # fmt: skip
            session.add(
                UserSetting(user_id=self.id, name="audit", value={"a": 1}, updated_at=self.now)
            )
        self.job()

    # Looking at what is there

    def rows(self) -> dict[str, int]:
        """How many rows each table with a user has of this one, and how many messages there are."""
        with self.database.transaction() as session:
            found = {
                table.name: len(
                    session.execute(select(table).where(table.c.user_id == self.id)).all()
                )
                for table in Base.metadata.sorted_tables
                if "user_id" in table.columns
            }
            talk = select(Message.id).join(Conversation, Conversation.id == Message.conversation_id)
            own = talk.where(Conversation.user_id == self.id)
            return {**found, "messages": len(session.scalars(own).all())}

    def dump(self) -> list[list[str]]:
        """Every row of this user, of every table that names its user."""
        with self.database.transaction() as session:
            return [
                [table.name, *map(str, row)]
                for table in Base.metadata.sorted_tables
                if "user_id" in table.columns
                for row in session.execute(select(table).where(table.c.user_id == self.id))
            ]

    def everything(self) -> str:
        """Every row of every table and every entry of the full-text index, as text."""
        with self.database.transaction() as session:
            connection = session.connection()
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type='table'")
            return "\n".join(
                f"{name}: {row}"
                for (name,) in names.all()
                for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')
            )

    def memory(self, id: str) -> Memory:
        """A version, whatever became of it."""
        with self.database.transaction() as session:
            return MemoryRepository(session, self.id).get(id)

    def texts(self) -> set[str]:
        """What is believed."""
        with self.database.transaction() as session:
            found = MemoryRepository(session, self.id).list_current("proposition")
            return {one.text or "" for one in found}

    def is_there(self, table: type[Any], id: str) -> bool:
        """Whether a row is there."""
        with self.database.transaction() as session:
            return session.get(table, id) is not None

    def observations(self) -> set[str]:
        """The ids of what was seen and not erased."""
        with self.database.transaction() as session:
            query = select(Observation.id).where(Observation.user_id == self.id)
            return set(session.scalars(query))

    def message(self, id: str) -> Message:
        """A message."""
        with self.database.transaction() as session:
            return session.get_one(Message, id)

    def pairs(self) -> set[str]:
        """The ids of the pairs to learn from."""
        with self.database.transaction() as session:
            query = select(Preference.id).where(Preference.user_id == self.id)
            return set(session.scalars(query))

    def indexed(self) -> set[str]:
        """The statements that have a vector, by lineage."""
        found = self.vectors.query(self.id, self.embedder.embed(["anything"])[0], 1000)
        return {match.id for match in found}


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture
def vectors(embedder: BundledEmbedder, tmp_path: Path) -> Iterator[ChromaVectorStore]:
    store = ChromaVectorStore.embedded(embedder.name, tmp_path / "chroma")
    yield store
    store.close()


@pytest.fixture
def mara(
    database: Database, vectors: ChromaVectorStore, embedder: BundledEmbedder, tmp_path: Path,
    user_id: str,
) -> Person:  # fmt: skip
    return Person(database, vectors, BlobStore(tmp_path / "blobs"), embedder, user_id)


@pytest.fixture
def omar(mara: Person) -> Person:
    """Another user of the same stores."""
    return Person(mara.database, mara.vectors, mara.blobs, mara.embedder,
                  add_user(mara.database, "Omar"))  # fmt: skip
