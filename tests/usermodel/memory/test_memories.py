"""Each verb: what it does, what it refuses, and the row that it leaves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.user import create_key
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.memory.act import Act, by_system, by_user, may_read
from idiolect.usermodel.memory.archive import open_archive
from idiolect.usermodel.memory.reader import MemoryReader
from tests.conftest import add_user
from tests.usermodel.memory.conftest import DAY, NOW, Cube

ASKED = by_user("asked")


def test_no_verb_changes_a_state_without_a_row(cube: Cube) -> None:
    verbs, user = cube.verbs, cube.user_id
    one = cube.knows("Mara swims.", "obs_1")
    two = cube.knows("Mara swims every day.", "obs_2")
    three = cube.knows("Mara runs.", expires_at=NOW)
    draft = verbs.add(user, "proposition", ASKED, text="Mara sails.")
    steps: dict[str, Callable[[], object]] = {
        "add": lambda: cube.knows("Mara rows."),
        "activate": lambda: verbs.activate(user, draft.id, ASKED),
        "update": lambda: verbs.update(user, draft.id, Act("user", "wrong", 1), text="She sails."),
        "roll_back": lambda: verbs.roll_back(user, draft.id, 1, ASKED),
        "archive": lambda: verbs.archive(user, draft.id, ASKED),
        "restore": lambda: verbs.restore(user, draft.id, ASKED),
        "pin": lambda: verbs.rulings.pin(user, draft.id, ASKED),
        "unpin": lambda: verbs.rulings.unpin(user, draft.id, ASKED),
        "share": lambda: verbs.rulings.share(user, draft.id, "assistants", ASKED),
        "unshare": lambda: verbs.rulings.unshare(user, draft.id, ASKED),
        "merge": lambda: verbs.merge(user, [one.id, two.id], ASKED),
        "expire": lambda: verbs.expire_due(user, by_system("its time is over")),
        "purge": lambda: verbs.delete(user, draft.id, ASKED),
    }
    for verb, step in steps.items():
        states, before = cube.states(), len(cube.events())
        step()
        rows = cube.events()[before:]
        after = cube.states()
        changed = {
            memory: (states.get(memory), state)
            for memory, state in after.items()
            if states.get(memory) != state
        }
        told = {
            # A revised memory's new version starts where the version before stood.
            row.memory_id: (row.from_state if row.memory_id in states else None, row.to_state)
            for row in rows
            if row.from_state != row.to_state or row.memory_id not in states
        }
        assert changed == told, verb
        assert verb in {row.verb for row in rows}
        assert all(row.actor and row.reason for row in rows)
        assert len({row.memory_id for row in rows}) == len(rows), "one row each"
    assert after[three.id] == "expired"


def test_a_memory_that_changed_meanwhile_is_not_changed(cube: Cube) -> None:
    memory = cube.knows("Mara swims.")
    seen = Act("user", "wrong", expected_version=1)
    second = cube.verbs.update(cube.user_id, memory.id, seen, text="Mara runs.")
    assert (second.version, second.text, second.state) == (2, "Mara runs.", "activated")
    stale: list[Callable[[], Any]] = [
        lambda: cube.verbs.update(cube.user_id, memory.id, seen, text="Mara sails."),
        lambda: cube.verbs.archive(cube.user_id, memory.id, seen),
        lambda: cube.verbs.rulings.pin(cube.user_id, memory.id, seen),
        lambda: cube.verbs.roll_back(cube.user_id, memory.id, 1, seen),
        lambda: cube.verbs.delete(cube.user_id, memory.id, seen),
    ]
    before = len(cube.events())
    for change in stale:
        with pytest.raises(ConflictError, match="version 2, not 1") as caught:
            change()
        assert "again" in caught.value.hint
    assert len(cube.events()) == before
    with pytest.raises(InvalidInputError, match="needs the version"):
        cube.verbs.update(cube.user_id, memory.id, ASKED, text="Mara sails.")


def test_the_index_follows_the_life(cube: Cube) -> None:
    verbs, user = cube.verbs, cube.user_id
    memory = verbs.add(user, "proposition", ASKED, text="Mara swims.")
    assert cube.indexed(memory) == [False]
    verbs.activate(user, memory.id, ASKED)
    assert cube.indexed(memory) == [True]
    verbs.archive(user, memory.id, ASKED)
    assert cube.indexed(memory) == [False]
    verbs.restore(user, memory.id, ASKED)
    assert cube.indexed(memory) == [True]
    verbs.delete(user, memory.id, ASKED)
    assert cube.indexed(memory) == [False]


@pytest.mark.parametrize(
    ("verb", "state"),
    [("activate", "archived"), ("restore", "generated"), ("archive", "archived")],
)
def test_steps_that_life_does_not_have_are_refused(cube: Cube, verb: str, state: Any) -> None:
    memory = cube.knows("Mara swims.", state=state)
    with pytest.raises(ConflictError):
        getattr(cube.verbs, verb)(cube.user_id, memory.id, ASKED)


def test_what_the_user_rejected_comes_back_by_their_word_alone(cube: Cube) -> None:
    memory = cube.knows("Mara smokes.", state="archived", payload={"verdict": "rejected"})
    with pytest.raises(ConflictError, match="rejected"):
        cube.verbs.restore(cube.user_id, memory.id, ASKED)


def test_what_the_user_says_themself_is_settled(cube: Cube) -> None:
    def verdict(memory: Memory) -> object:
        return memory.payload.get("verdict")

    told = {"state": "activated", "text": "Mara sings.", "confidence": 0.9}
    own = cube.verbs.add(cube.user_id, "proposition", ASKED, **told)
    assert verdict(own) == "stated"
    derived = cube.verbs.add(
        cube.user_id,
        "proposition",
        ASKED,
        **told | {"text": "Mara is a bass."},
        derived_from=[own.id],
    )
    inferred = cube.verbs.add(
        cube.user_id, "proposition", by_system("seen"), **told | {"text": "Mara hums."}
    )
    assert verdict(derived) is verdict(inferred) is None

    seen, again = cube.knows("Mara swims."), cube.knows("Mara bathes.")
    surer = cube.verbs.update(cube.user_id, seen.id, Act("user", "x", 1), confidence=0.9)
    assert verdict(surer) is None  # a figure, and none of their words
    reworded = cube.verbs.update(cube.user_id, seen.id, Act("user", "x", 2), text="Mara dives.")
    assert verdict(reworded) == "corrected"
    both = cube.verbs.merge(cube.user_id, [seen.id, again.id], ASKED, text="Mara likes water.")
    assert (both.payload["author"], verdict(both)) == ("pattern", "corrected")


def test_merging_keeps_evidence_and_invents_no_confidence(cube: Cube) -> None:
    first = cube.knows("Mara swims.", "obs_1", "obs_2", confidence=0.6, valid_from=NOW - DAY)
    second = cube.knows("Mara goes swimming.", "obs_2", "obs_3", confidence=0.8, valid_from=NOW)
    merged = cube.verbs.merge(cube.user_id, [first.id, second.id, first.id], ASKED)
    assert (merged.text, merged.confidence) == ("Mara goes swimming.", 0.8)
    assert (merged.state, merged.valid_from) == ("activated", NOW - DAY)
    lineages = {first.lineage_id, second.lineage_id}
    assert cube.evidence(merged) == {"obs_1", "obs_2", "obs_3", *lineages}
    assert cube.states()[first.id] == cube.states()[second.id] == "merged"
    assert cube.indexed(merged, first, second) == [True, False, False]
    with pytest.raises(ConflictError, match="no longer changes"):
        cube.verbs.update(cube.user_id, first.id, Act("user", "x", 1), text="y")


def test_what_cannot_be_merged(cube: Cube) -> None:
    memory, pinned = cube.knows("Mara swims."), cube.knows("Mara swims a lot.", pinned=True)
    profile = cube.verbs.add(cube.user_id, "profile", ASKED, state="activated", text="Be brief.")
    for ids in ([memory.id, memory.id], [memory.id, profile.id]):
        with pytest.raises(InvalidInputError, match="of one kind"):
            cube.verbs.merge(cube.user_id, ids, ASKED)
    with pytest.raises(ConflictError, match="pinned"):
        cube.verbs.merge(cube.user_id, [memory.id, pinned.id], by_system("they say the same"))
    assert cube.verbs.merge(cube.user_id, [memory.id, pinned.id], ASKED).pinned


def test_what_is_due_expires_unless_it_is_pinned(cube: Cube) -> None:
    over = cube.knows("Mara travels.", expires_at=NOW)
    kept = cube.knows("Mara swims.", expires_at=NOW, pinned=True)
    coming = cube.knows("Mara moves.", expires_at=NOW + DAY)
    job = by_system("its time is over")
    assert cube.verbs.expire_due(cube.user_id, job) == [over.lineage_id]
    assert cube.verbs.expire_due(cube.user_id, job) == []
    assert cube.indexed(over, kept, coming) == [False, True, True]
    with pytest.raises(ConflictError, match="pinned"):
        cube.verbs.expire(cube.user_id, kept.id, job)


def test_what_no_longer_acts_or_serves_elsewhere_is_told_no_end(cube: Cube) -> None:
    rulings, user = cube.verbs.rulings, cube.user_id
    sources = [cube.knows("Mara swims."), cube.knows("Mara bathes.")]
    cube.verbs.merge(user, [one.id for one in sources], ASKED)
    adapter = cube.verbs.add(user, "adapter", ASKED)
    for memory, why in ((sources[0], "no longer changes"), (adapter, "is an adapter")):
        with pytest.raises(ConflictError, match=why):
            rulings.expire_at(user, memory.id, NOW + DAY, ASKED)
        assert rulings.expire_at(user, memory.id, None, ASKED).expires_at is None


def test_rolling_back_appends_and_leaves_what_the_owner_rules(cube: Cube) -> None:
    memory = cube.knows("Mara swims.", confidence=0.6)
    cube.verbs.update(cube.user_id, memory.id, Act("user", "x", 1), text="Mara runs.",
                      confidence=0.9)  # fmt: skip
    cube.verbs.rulings.pin(cube.user_id, memory.id, ASKED)
    third = cube.verbs.roll_back(cube.user_id, memory.id, 1, ASKED)
    assert (third.version, third.text, third.confidence, third.pinned) == (
        3, "Mara swims.", 0.6, True,
    )  # fmt: skip
    assert third.content_hash == memory.content_hash
    history = cube.reader.history(memory.id)
    assert [version.text for version in history] == ["Mara swims.", "Mara runs.", "Mara swims."]
    assert cube.events()[-1].detail == {"to_version": 1}
    with pytest.raises(NotFoundError, match="has no version 7"):
        cube.verbs.roll_back(cube.user_id, memory.id, 7, ASKED)
    with pytest.raises(ConflictError, match="is the current one"):
        cube.verbs.roll_back(cube.user_id, memory.id, 3, ASKED)


def test_what_was_believed_in_march_is_told_with_its_state_of_march(cube: Cube) -> None:
    memory = cube.knows("Mara lives in Porto.")
    gone = cube.knows("Mara is ill.")
    cube.now = NOW + 2 * DAY
    cube.verbs.archive(cube.user_id, memory.id, ASKED)
    cube.verbs.delete(cube.user_id, gone.id, ASKED)

    def told(moment: Any) -> list[tuple[str | None, str]]:
        found = cube.believed(moment, "proposition")
        return [(believed.memory.text, believed.state) for believed in found]

    assert told(NOW - DAY) == []
    assert told(NOW + DAY) == [("Mara lives in Porto.", "activated")]
    assert told(NOW + 2 * DAY) == [("Mara lives in Porto.", "archived")]


def test_sharing(cube: Cube) -> None:
    omar = add_user(cube.database, "Omar")
    with cube.database.transaction() as session:
        key, _ = create_key(session, cube.user_id, "editor", ["read"], NOW)
        theirs, _ = create_key(session, omar, "editor", ["read"], NOW)
    memory = cube.knows("Mara swims.")
    assert not may_read(memory.scope, key.id)
    shared = cube.verbs.rulings.share(cube.user_id, memory.id, key.id, ASKED)
    assert [may_read(shared.scope, one.id) for one in (key, theirs)] == [True, False]
    assert may_read(
        cube.verbs.rulings.share(cube.user_id, memory.id, "assistants", ASKED).scope, key.id
    )
    assert cube.verbs.rulings.unshare(cube.user_id, memory.id, ASKED).scope == "private"
    for scope in (theirs.id, "everybody", "private"):
        with pytest.raises(InvalidInputError, match="cannot be shared"):
            cube.verbs.rulings.share(cube.user_id, memory.id, scope, ASKED)


def test_only_the_user_brings_back_what_they_had_forgotten(cube: Cube) -> None:
    memory = cube.knows("Mara swims.")
    cube.verbs.delete(cube.user_id, memory.id, ASKED)
    others = [cube.knows("Mara runs."), cube.knows("Mara rows.")]
    seen = Act("system", "seen", 1)
    ways: list[Callable[[], Any]] = [
        lambda: cube.verbs.add(cube.user_id, "proposition", seen, text="mara swims"),
        lambda: cube.verbs.update(cube.user_id, others[0].id, seen, text="Mara  swims"),
        lambda: cube.verbs.merge(cube.user_id, [one.id for one in others], seen, text="Mara swims"),
    ]
    for way in ways:
        with pytest.raises(ConflictError, match="forgotten"):
            way()
    assert cube.knows("Mara swims.").version == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"text": " "},
        {"text": "a", "state": "merged"},
        {"text": "a", "confidence": 1.0},
        {"text": "a", "durability": 1.1},
    ],
)
def test_what_is_not_sound_is_not_added(cube: Cube, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        cube.verbs.add(cube.user_id, "proposition", ASKED, **fields)


def test_nobody_reaches_anothers(cube: Cube) -> None:
    memory: Memory = cube.knows("Mara swims.")
    omar = add_user(cube.database, "Omar")
    for verb in ("get", "history", "provenance", "events"):
        with pytest.raises(NotFoundError):
            getattr(MemoryReader(cube.database, omar), verb)(memory.id)
    verbs = cube.verbs
    for verb in (verbs.archive, verbs.rulings.pin, verbs.delete, verbs.expire):
        with pytest.raises(NotFoundError):
            verb(omar, memory.id, ASKED)
    with pytest.raises(NotFoundError):
        cube.verbs.add(omar, "profile", ASKED, text="Brief.", derived_from=[memory.id])
    with pytest.raises(NotFoundError, match="no user"):
        cube.verbs.add("usr_none", "profile", ASKED, text="Brief.")


def test_of_several_that_change_one_version_at_once_one_does(cube: Cube) -> None:
    memory = cube.knows("Mara swims.")

    def change(number: int) -> int:
        seen = Act("user", "wrong", expected_version=1)
        try:
            cube.verbs.update(cube.user_id, memory.id, seen, text=f"Mara swims {number} times.")
        except ConflictError:
            return 0
        return 1

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(change, range(4))) == 1
    assert cube.reader.get(memory.id).version == 2


@pytest.mark.postgres
def test_the_verbs_on_postgresql(
    postgres_url: str, vectors: ChromaVectorStore, tmp_path: Path
) -> None:
    database = Database(postgres_url)
    database.migrate()
    mara, omar = (
        Cube(database, vectors, BlobStore(tmp_path / "blobs"), add_user(database, name))
        for name in ("Mara", "Omar")
    )
    one, two = mara.knows("Mara swims.", "obs_1"), mara.knows("Mara bathes.", "obs_2")
    merged = mara.verbs.merge(mara.user_id, [one.id, two.id], ASKED)
    partly = mara.knows("Mara is fit.", "obs_3", payload={"z": 1, "a": [0.1, None]})
    mara.link(partly, "memory", "derived_from", merged.id)
    mara.transfer.export(mara.user_id, tmp_path / "1.zip", ASKED, NOW)
    omar.transfer.import_(omar.user_id, tmp_path / "1.zip", ASKED, NOW)
    omar.transfer.export(omar.user_id, tmp_path / "2.zip", ASKED, NOW)
    with open_archive(tmp_path / "1.zip") as first, open_archive(tmp_path / "2.zip") as second:
        assert first.content_hash == second.content_hash
    done = mara.verbs.delete(mara.user_id, merged.id, Act("user", "asked", 1))
    assert len(done.purged) == 3
    assert done.reweighed == (partly.lineage_id,)
    assert mara.evidence(partly) == {"obs_3"}
    [believed] = mara.believed(NOW, "proposition")
    assert (believed.memory.version, believed.state) == (2, "activated")
    database.close()
