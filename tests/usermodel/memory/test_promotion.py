"""Promotion to a computed prefix and to weights, demotion, and what a change of base demotes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from idiolect.errors import ConflictError, NotFoundError
from idiolect.lm.protocols import AdapterRef, ComputedPrefix
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Job, Memory, MemoryEvent
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.usermodel.memory import deletion
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.memory.deletion import STALE
from idiolect.usermodel.memory.promotion import (
    ADAPTER_CHANGED,
    BASE_CHANGED,
    CHARTER_CHANGED,
    REPLACED,
    SOURCE_CHANGED,
    Promotions,
    Standing,
)
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ASKED = by_user("replies begin too late")


class Shelf:
    """One user's promotions, and what the stores hold of them."""

    def __init__(self, database: Database, blobs: BlobStore, folder: Path) -> None:
        self.database, self.blobs, self.folder = database, blobs, folder
        self.user_id = add_user(database, "Mara")
        self.promotions = Promotions(database, blobs, lambda: NOW)

    def add(self, kind: Any, **fields: Any) -> Memory:
        with self.database.transaction() as session:
            fields = {"state": "activated", **fields}
            return MemoryRepository(session, self.user_id).add(kind, NOW, **fields)

    def believes(self, text: str) -> Memory:
        return self.add("proposition", text=text, confidence=0.8, durability=0.9)

    def keep(self, *said: Memory, adapter: AdapterRef | None = None, content: str = "kv") -> Memory:
        """A computed prefix of 64 tokens that says some propositions."""
        work = self.folder / f"{content}-{len(list(self.folder.iterdir()))}"
        work.mkdir()
        (work / "prefix.safetensors").write_text(content)
        computed = ComputedPrefix(64, "prefix.safetensors", "5ha", f"key {content}", "base 1", "f")
        standing = Standing("Keep it short.", [one.id for one in said], "charter 1", adapter)
        return self.promotions.keep_prefix(self.user_id, computed, work, standing, ASKED)

    def find(self, adapter: AdapterRef | None = None, charter: str = "charter 1") -> Path | None:
        found = self.promotions.prefix_of(self.user_id, adapter, charter)
        return found.file if found else None

    def now(self, memory: Memory) -> Memory:
        with self.database.transaction() as session:
            return MemoryRepository(session, self.user_id).get(memory.id)

    def acts(self, memory: Memory | None) -> list[tuple[str, str, str]]:
        """Verb, actor and reason of what was done to a memory."""
        with self.database.transaction() as session:
            events: list[MemoryEvent] = MemoryEventRepository(session, self.user_id).oldest_first()
        id = memory.id if memory else None
        return [(one.verb, one.actor, one.reason) for one in events if one.memory_id == id]

    def files(self) -> int:
        return len(list((self.folder.parent / "blobs").glob("sha256/*/*/*")))


@pytest.fixture
def shelf(either_url: str, tmp_path: Path) -> Iterator[Shelf]:
    database = Database(either_url)
    database.migrate()
    (tmp_path / "work").mkdir()
    yield Shelf(database, BlobStore(tmp_path / "blobs"), tmp_path / "work")
    database.close()


def test_a_prefix_is_a_memory_with_a_file_its_sources_and_an_audit(shelf: Shelf) -> None:
    brief, plain = (
        shelf.believes("Mara prefers short answers."),
        shelf.believes("Mara likes prose."),
    )
    kept = shelf.keep(brief, plain)
    assert (kept.kind, kept.state, kept.content_hash) == ("cache", "activated", "key kv")
    assert kept.payload["tokens"] == 64
    assert shelf.acts(kept) == [
        ("add", "user", ASKED.reason),
        ("promote", "user", ASKED.reason),
    ]
    with shelf.database.transaction() as session:
        links = MemoryRepository(session, shelf.user_id).evidence(kept.lineage_id)
    assert {(link.source_id, link.relation) for link in links} == {
        (brief.lineage_id, "derived_from"),
        (plain.lineage_id, "derived_from"),
    }
    file = shelf.find()
    assert file is not None
    assert file.read_text() == "kv"


def test_the_next_prefix_takes_the_place_of_the_one_before(shelf: Shelf) -> None:
    first = shelf.keep(content="one")
    second = shelf.keep(content="two")
    assert (shelf.now(first).state, shelf.now(first).blob_key) == ("expired", None)
    assert shelf.acts(first)[-1] == ("demote", "user", REPLACED)
    assert shelf.now(second).state == "activated"
    assert shelf.files() == 1
    third = shelf.keep(content="two")  # the same bytes: the file stays
    assert shelf.now(third).blob_key == second.blob_key
    assert shelf.files() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [("words", SOURCE_CHANGED), ("state", SOURCE_CHANGED), ("charter", CHARTER_CHANGED)],
)
def test_one_that_no_longer_fits_is_not_used_and_goes(
    shelf: Shelf, change: str, reason: str
) -> None:
    brief = shelf.believes("Mara prefers short answers.")
    kept = shelf.keep(brief)
    with shelf.database.transaction() as session:
        memories = MemoryRepository(session, shelf.user_id)
        if change == "words":
            memories.revise(memories.current(brief.id), NOW, text="Mara prefers long answers.")
        elif change == "state":
            memories.transition(memories.current(brief.id), "archived", NOW)
    charter = "charter 2" if change == "charter" else "charter 1"
    assert shelf.find(charter=charter) is None
    assert shelf.now(kept).state == "expired"
    assert shelf.acts(kept)[-1] == ("demote", "system", reason)
    assert shelf.files() == 0
    assert shelf.find() is None  # and stays so


def test_more_evidence_for_the_same_words_changes_nothing(shelf: Shelf) -> None:
    brief = shelf.believes("Mara prefers short answers.")
    kept = shelf.keep(brief)
    with shelf.database.transaction() as session:
        memories = MemoryRepository(session, shelf.user_id)
        memories.revise(memories.current(brief.id), NOW, confidence=0.9)
    assert shelf.find() is not None
    assert shelf.now(kept).state == "activated"


def test_a_prefix_serves_under_its_adapter_alone(shelf: Shelf, tmp_path: Path) -> None:
    weights = shelf.add("adapter")
    adapter = AdapterRef(weights.id, tmp_path)
    kept = shelf.keep(adapter=adapter)
    assert shelf.find(adapter) is not None
    assert shelf.find(None) is None
    assert shelf.acts(kept)[-1] == ("demote", "system", ADAPTER_CHANGED)


@pytest.mark.parametrize("deleted", ["proposition", "adapter"])
def test_deleting_what_it_was_made_from_removes_it_with_its_file(
    shelf: Shelf, tmp_path: Path, deleted: str
) -> None:
    brief, weights = shelf.believes("Mara prefers short answers."), shelf.add("adapter")
    kept = shelf.keep(brief, adapter=AdapterRef(weights.id, tmp_path))
    gone = brief if deleted == "proposition" else weights
    with shelf.database.transaction() as session:
        cascade = deletion.plan(session, shelf.user_id, gone.lineage_id)
        done = deletion.carry_out(session, shelf.user_id, cascade, ASKED, NOW)
    deletion.remove_unused(shelf.database, shelf.blobs, done.blobs)
    assert shelf.now(kept).state == "purged"
    assert shelf.now(kept).payload == {}
    assert shelf.files() == 0
    assert shelf.find() is None


def test_nothing_is_kept_when_a_source_was_erased_meanwhile(shelf: Shelf) -> None:
    brief = shelf.believes("Mara prefers short answers.")
    with shelf.database.transaction() as session:
        MemoryRepository(session, shelf.user_id).purge(brief.lineage_id, NOW)
    with pytest.raises(NotFoundError):
        shelf.keep(brief)
    assert shelf.files() == 0


def test_demotion_is_of_what_was_promoted(shelf: Shelf) -> None:
    kept, taste = shelf.keep(), shelf.add("reward")
    assert shelf.promotions.demote(shelf.user_id, kept.id, ASKED).state == "expired"
    assert shelf.promotions.demote(shelf.user_id, taste.id, ASKED).state == "archived"
    assert shelf.acts(taste)[-1] == ("demote", "user", ASKED.reason)
    assert shelf.files() == 0
    for memory in (kept, taste, shelf.believes("Mara rows.")):
        with pytest.raises(ConflictError, match="not promoted"):
            shelf.promotions.demote(shelf.user_id, memory.id, ASKED)


def test_a_training_is_asked_for_and_written_down(shelf: Shelf) -> None:
    job = shelf.promotions.train(shelf.user_id, ASKED)
    with shelf.database.transaction() as session:
        found = session.get_one(Job, job.id)
        assert (found.kind, found.state) == ("train", "queued")
    assert shelf.acts(None) == [("promote", "user", ASKED.reason)]


def test_another_base_demotes_what_was_made_for_the_one_before(shelf: Shelf) -> None:
    kept = shelf.keep()  # for base 1, as are the next three
    weights = shelf.add("adapter", payload={"card": {"base": {"name": "b", "hash": "base 1"}}})
    candidate = shelf.add(
        "adapter", state="generated", payload={"card": {"base": {"hash": "base 1"}}}
    )
    taste = shelf.add("reward", payload={"base": "base 1"})
    baseless, said = shelf.add("reward"), shelf.believes("Mara rows.")
    assert shelf.promotions.settle_base(shelf.user_id, "base 1") == []
    newer = shelf.add("steering", payload={"base": "base 2"})

    changed = shelf.promotions.settle_base(shelf.user_id, "base 2")

    assert set(changed) == {kept.id, weights.id, candidate.id, taste.id}
    states = {one.id: shelf.now(one).state for one in (kept, weights, candidate, taste)}
    assert states == {
        kept.id: "expired",
        weights.id: "archived",
        candidate.id: "generated",
        taste.id: "archived",
    }
    assert shelf.now(weights).valid_to == NOW
    for one in (weights, candidate, taste):
        assert shelf.now(one).payload[STALE] == BASE_CHANGED
        assert shelf.acts(one)[-1] == ("mark_stale", "system", BASE_CHANGED)
    assert shelf.acts(weights)[-2] == ("demote", "system", BASE_CHANGED)
    assert {shelf.now(one).state for one in (newer, baseless, said)} == {"activated"}
    assert shelf.files() == 0
    assert shelf.promotions.settle_base(shelf.user_id, "base 2") == []


def test_the_mark_goes_when_the_base_is_back_and_no_other_mark_does(shelf: Shelf) -> None:
    weights = shelf.add("adapter", payload={"card": {"base": {"hash": "base 1"}}})
    spoilt = shelf.add("reward", payload={"base": "base 1", STALE: "something was deleted"})
    shelf.promotions.settle_base(shelf.user_id, "base 2")
    assert shelf.promotions.settle_base(shelf.user_id, "base 2") == []
    assert shelf.promotions.settle_base(shelf.user_id, "base 1") == [weights.id]
    assert STALE not in shelf.now(weights).payload
    assert shelf.acts(weights)[-1] == ("mark_fresh", "system", "its base model is back")
    assert shelf.now(weights).state == "archived"  # to serve again is the user's to say
    assert shelf.now(spoilt).payload[STALE] == "something was deleted"
    assert shelf.now(spoilt).state == "archived"
