"""What stays after everything was forgotten, and what happens when forgetting is cut short."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from idiolect.errors import NotReadyError
from idiolect.store.models import Base
from idiolect.store.repositories.user import create_key
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.store.vectors.protocols import Match, Metadata
from idiolect.usermodel.forgetting.scope import OfEverything, OfProposition
from idiolect.usermodel.memory.act import by_user
from tests.usermodel.forgetting.conftest import Person

ASKED = by_user("forgotten")
SECRET = "Mara has diabetes."


class DownOnce:
    """A store of vectors that does not answer the first time something is to be removed."""

    def __init__(self, store: ChromaVectorStore) -> None:
        self._store, self._is_down = store, True

    def upsert(
        self,
        owner: str,
        ids: Sequence[str],
        vectors: Sequence[Sequence[float]],
        metadatas: Sequence[Metadata],
    ) -> None:
        self._store.upsert(owner, ids, vectors, metadatas)

    def query(
        self, owner: str, vector: Sequence[float], limit: int, where: Metadata | None = None
    ) -> list[Match]:
        return self._store.query(owner, vector, limit, where)

    def get(self, owner: str, ids: Sequence[str]) -> dict[str, list[float]]:
        return self._store.get(owner, ids)

    def delete(self, owner: str, ids: Sequence[str]) -> None:
        self._answer()
        self._store.delete(owner, ids)

    def count(self, owner: str) -> int:
        return self._store.count(owner)

    def drop(self, owner: str) -> None:
        self._answer()
        self._store.drop(owner)

    def overwrite_deleted(self, owner: str) -> None:
        self._store.overwrite_deleted(owner)

    def check(self) -> None:
        self._store.check()

    def _answer(self) -> None:
        if self._is_down:
            self._is_down = False
            raise NotReadyError("no Chroma server answers")


@pytest.fixture
def cut_short(mara: Person, vectors: ChromaVectorStore) -> Person:
    """The same person over a store that fails once."""
    return Person(mara.database, DownOnce(vectors), mara.blobs, mara.embedder, mara.id)


def fill(person: Person, folder: Path) -> tuple[str, str]:
    """Something in every table, and a file; gives the secret's id and the file's key."""
    seen = person.saw("obs_1", "I have diabetes.", application="Notes")
    secret = person.knows(SECRET, seen)
    key = person.put(folder, "keys and values")
    person.made("cache", secret, blob_key=key)
    _, _, replies = person.asked("I have diabetes, what shall I cook?", secret)
    person.adapter(person.chose(replies), blob_key=person.put(folder.with_name("two"), "weights"))
    person.offered("Look for a recipe without sugar?", secret)
    person.set_up_the_rest(secret)
    with person.database.transaction() as session:
        create_key(session, person.id, "laptop", ["read"], person.now)
    return secret, key


def test_everything_leaves_the_user_their_keys_and_the_receipt(
    mara: Person, omar: Person, tmp_path: Path
) -> None:
    secret, key = fill(mara, tmp_path / "one")
    mara.forgetter.forget(mara.id, OfProposition(mara.knows("Mara swims.")), ASKED)
    tables = {
        table.name
        for table in Base.metadata.sorted_tables
        if "user_id" in table.columns and table.name != "users"
    }
    had = mara.rows()
    assert all(had[name] for name in tables), "the test must have something to find in each"
    shown = mara.forgetter.preview(mara.id, OfEverything()).counts

    receipt = mara.forgetter.forget(mara.id, OfEverything(), ASKED)

    assert (receipt.scope, receipt.is_done) == ("everything", True)
    assert receipt.counts == shown
    assert {name: count for name, count in mara.rows().items() if count} == {
        "api_keys": 1,
        "forgettings": 1,
    }
    assert (shown["propositions"], shown["adapters"], shown["other memories"]) == (1, 1, 1)
    assert (shown["messages"], shown["vectors"], shown["files"]) == (3, 1, 2)
    assert mara.indexed() == set()
    assert not mara.blobs.path(key).exists()
    assert [kept.id for kept in mara.forgetter.receipts(mara.id).items] == [receipt.id]
    assert "diabetes" not in mara.everything()
    assert secret not in mara.everything()


def test_after_everything_things_may_be_learned_again(mara: Person) -> None:
    mara.forgetter.forget(mara.id, OfProposition(mara.knows(SECRET)), ASKED)
    mara.forgetter.forget(mara.id, OfEverything(), ASKED)
    assert mara.rows()["tombstones"] == 0
    assert mara.rows()["memories"] == 0


def test_the_files_of_the_database_do_not_have_it_either(mara: Person, tmp_path: Path) -> None:
    mara.saw("obs_1", "I have zygomycosis.")
    secret = mara.knows("Mara has zygomycosis.", "obs_1")
    mara.knows("Mara plays the piano.")
    files = sorted(tmp_path.glob("idiolect.db*")) + sorted((tmp_path / "chroma").rglob("*"))
    assert any(b"zygomycosis" in file.read_bytes() for file in files if file.is_file())
    mara.forgetter.forget(mara.id, OfProposition(secret, with_evidence=True), ASKED)
    for file in files:
        if file.is_file():
            assert b"zygom" not in file.read_bytes(), file.name


def test_a_receipt_says_how_many_and_not_what(mara: Person, tmp_path: Path) -> None:
    secret, _ = fill(mara, tmp_path / "one")
    mara.forgetter.forget(mara.id, OfProposition(secret), ASKED)
    [receipt] = mara.forgetter.receipts(mara.id).items
    assert (receipt.scope, receipt.is_done, receipt.at) == ("proposition", True, mara.now)
    assert all(isinstance(count, int) for count in receipt.counts.values())
    [row] = [row for row in mara.dump() if row[0] == "forgettings"]
    assert not any(word in str(row) for word in ("diabetes", "Notes", secret, "left"))


def test_rows_go_at_once_and_the_rest_is_finished_later(cut_short: Person, tmp_path: Path) -> None:
    secret, key = fill(cut_short, tmp_path / "one")
    receipt = cut_short.forgetter.forget(cut_short.id, OfProposition(secret), ASKED)
    assert not receipt.is_done
    assert cut_short.texts() == set()
    assert SECRET not in cut_short.everything()
    assert cut_short.indexed() == {secret}
    assert cut_short.blobs.path(key).exists()

    cut_short.forgetter.finish_all()

    [finished] = cut_short.forgetter.receipts(cut_short.id).items
    assert finished.is_done
    assert finished.counts == receipt.counts
    assert cut_short.indexed() == set()
    assert not cut_short.blobs.path(key).exists()
    assert cut_short.forgetter.finish(cut_short.id) == 0


def test_while_somebody_reads_the_log_it_is_not_done(mara: Person) -> None:
    secret, other = mara.knows(SECRET), mara.knows("Mara plays the piano.")
    reader = sqlite3.connect(str(mara.database.url.database))
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM memories").fetchone() == (2,)

    @event.listens_for(mara.database.engine, "checkout")
    def _do_not_wait(connection: Any, *_: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 0")

    mara.database.engine.dispose()
    assert not mara.forgetter.forget(mara.id, OfProposition(secret), ASKED).is_done
    reader.close()
    mara.forgetter.finish_all()
    assert [one.is_done for one in mara.forgetter.receipts(mara.id).items] == [True]
    assert mara.indexed() == {other}


def test_the_next_forgetting_finishes_the_one_before(cut_short: Person) -> None:
    first, second = cut_short.knows(SECRET), cut_short.knows("Mara plays the piano.")
    assert not cut_short.forgetter.forget(cut_short.id, OfProposition(first), ASKED).is_done
    assert cut_short.forgetter.forget(cut_short.id, OfProposition(second), ASKED).is_done
    assert [one.is_done for one in cut_short.forgetter.receipts(cut_short.id).items] == [True, True]
    assert cut_short.indexed() == set()


def test_everything_after_an_unfinished_one_removes_its_files_too(
    cut_short: Person, tmp_path: Path
) -> None:
    secret, key = fill(cut_short, tmp_path / "one")
    assert not cut_short.forgetter.forget(cut_short.id, OfProposition(secret), ASKED).is_done
    assert cut_short.forgetter.forget(cut_short.id, OfEverything(), ASKED).is_done
    assert not cut_short.blobs.path(key).exists()


def test_what_was_learned_after_everything_keeps_its_vector(cut_short: Person) -> None:
    cut_short.knows(SECRET)
    assert not cut_short.forgetter.forget(cut_short.id, OfEverything(), ASKED).is_done
    fresh = cut_short.knows("Mara plays the piano.")
    assert cut_short.forgetter.finish(cut_short.id) == 1
    assert cut_short.indexed() == {fresh}
