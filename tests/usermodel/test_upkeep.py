"""Upkeep over a real SQLite and a real Chroma: what ends, sleeps, wakes, and is counted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idiolect.errors import JobCancelledError
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory_conditions import DORMANT_SINCE, is_dormant
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.calibration.reading import read_beliefs
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.ratings import Ratings
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.upkeep import Upkeep, UpkeepReport
from tests.fakes.hashing_embedder import HashingEmbedder
from tests.usermodel.memory.conftest import DAY, NOW, Cube
from tests.usermodel.seeds import store, view

ASKED = by_user("asked")


@pytest.fixture
def cube(database: Database, user_id: str, tmp_path: Path) -> Iterator[Cube]:
    vectors = ChromaVectorStore.embedded("hashing-256", tmp_path / "chroma")
    yield Cube(database, vectors, BlobStore(tmp_path / "blobs"), user_id)
    vectors.close()


def keep_up(cube: Cube, **how: Any) -> UpkeepReport:
    upkeep = Upkeep(
        cube.database, cube.vectors, cube.index, cube.verbs, RulesRelater(), lambda: cube.now
    )
    return upkeep.run(cube.user_id, **{"since": None, "tell": lambda *_: None, **how})


def known(cube: Cube, text: str, *, age: timedelta, **fields: Any) -> Memory:
    # d = 0.25: T½ = 0.25 d · 2920^0.25 = 1.84 days.
    fields = {"durability": 0.25, "supported_at": NOW - age, **fields}
    return cube.knows(text, f"obs_of {text}", **fields)


def test_what_is_due_ends_and_what_is_spent_sleeps_but_not_what_the_user_vouches_for(
    cube: Cube,
) -> None:
    fresh = known(cube, "Mara swims.", age=DAY)
    spent = known(cube, "Mara has a cold.", age=40 * DAY)
    pinned = known(cube, "Mara sails.", age=40 * DAY, pinned=True)
    settled = known(cube, "Mara runs.", age=40 * DAY, payload={"verdict": "confirmed"})
    due = known(cube, "Mara travels to Porto.", age=DAY, expires_at=NOW)
    report = keep_up(cube)
    assert (report.expired, report.archived, report.active) == (1, 1, 3)
    assert report.stale == 2  # pinned and settled: as old as the one that sleeps
    states = cube.states()
    assert [states[one.id] for one in (fresh, spent, pinned, settled, due)] == [
        "activated", "archived", "activated", "activated", "expired",
    ]  # fmt: skip
    asleep = cube.reader.get(spent.id)
    assert is_dormant(asleep)
    assert asleep.payload[DORMANT_SINCE] == NOW.isoformat()
    [event] = cube.reader.events(spent.id, limit=1).items
    assert (event.verb, event.actor, event.reason) == ("archive", "system", "it has decayed")
    assert cube.indexed(fresh, spent, due) == [True, True, False]
    found = cube.vectors.query(cube.user_id, HashingEmbedder().embed(["cold"])[0], 9,
                               where={"state": "activated"})  # fmt: skip
    assert spent.lineage_id not in {match.id for match in found}
    again = keep_up(cube)
    assert (again.expired, again.archived, again.active) == (0, 0, 3)


def test_how_sure_to_be_decides_and_not_what_an_author_claims(cube: Cube) -> None:
    # T½ = 0.25 d · 2920^0.379 = 5.14 d, so 34 d are 6.61 halvings: 0.9 · 2^-6.61 = 0.0092 is not
    # spent yet (0.005), and whatever is below 0.49 is.
    claimed = {"confidence": 0.9, "payload": {"author": "boaster"}}
    spent = known(cube, "Mara juggles.", age=34 * DAY, durability=0.379, **claimed)
    ratings = Ratings(cube.database, cube.index, lambda: NOW)
    keep_up(cube)
    assert cube.states()[spent.id] == "activated"
    for number in range(60):
        wrong = cube.knows(f"Mara has the number {number}.", f"obs_{number}", **claimed)
        ratings.rate(cube.user_id, wrong.id, "false")
    with cube.database.transaction() as session:
        belief = read_beliefs(session, cube.user_id, [spent])[spent.id]
    assert belief.confidence < 0.48
    assert keep_up(cube).archived == 1
    assert cube.states()[spent.id] == "archived"


def test_new_evidence_wakes_what_sleeps_and_not_what_the_user_put_aside(cube: Cube) -> None:
    model = UserModel(
        cube.database,
        cube.vectors,
        HashingEmbedder(),
        [PatternProposer()],
        RulesRelater(),
        lambda: cube.now,
    )
    ids = store(cube.database, cube.user_id, view("I'm learning the piano.", at=NOW))
    model.process(cube.user_id, ids)
    [before] = cube.believed(NOW, "proposition")
    cube.now = NOW + 4000 * DAY
    assert keep_up(cube).archived == 1

    again = view("I'm learning the piano.", id="obs_2", at=cube.now)
    report = model.process(cube.user_id, store(cube.database, cube.user_id, again))
    assert (report.new, report.merged) == (0, 1)
    awake = cube.reader.get(before.memory.id)
    assert (awake.state, awake.lineage_id) == ("activated", before.memory.lineage_id)
    assert DORMANT_SINCE not in awake.payload
    assert awake.supported_at == cube.now
    assert [event.verb for event in cube.reader.events(awake.id, limit=1).items] == ["restore"]
    assert keep_up(cube, since=NOW).recovered == 1
    assert keep_up(cube, since=cube.now).recovered == 0

    cube.verbs.archive(cube.user_id, awake.id, ASKED)
    assert not is_dormant(cube.reader.get(awake.id))
    assert cube.indexed(awake) == [False]


def test_the_same_evidence_again_wakes_nothing(cube: Cube) -> None:
    model = UserModel(
        cube.database,
        cube.vectors,
        HashingEmbedder(),
        [PatternProposer()],
        RulesRelater(),
        lambda: cube.now,
    )
    ids = store(cube.database, cube.user_id, view("I'm learning the piano.", at=NOW))
    model.process(cube.user_id, ids)
    cube.now = NOW + 4000 * DAY
    assert keep_up(cube).archived == 1
    model.process(cube.user_id, ids)
    assert keep_up(cube).active == 0


def test_restored_by_hand_it_is_an_ordinary_memory_again(cube: Cube) -> None:
    spent = known(cube, "Mara has a cold.", age=40 * DAY)
    keep_up(cube)
    cube.verbs.restore(cube.user_id, spent.id, ASKED)
    assert DORMANT_SINCE not in cube.reader.get(spent.id).payload
    cube.verbs.rulings.pin(cube.user_id, spent.id, ASKED)
    report = keep_up(cube)
    assert (report.archived, report.recovered) == (0, 0)  # the user's act is no new evidence


def test_figures_name_what_repeats_contradicts_and_says_nothing(cube: Cube) -> None:
    first = known(cube, "Mara plays the cello on Fridays.", age=DAY)
    twin = known(cube, "mara plays the cello on fridays", age=DAY)
    other = known(cube, "Mara plays the cello on Sundays.", age=DAY)
    cube.knows("Mara plays chess with Omar.")  # rests on nothing
    own = {"state": "activated", "text": "Mara fishes.", "confidence": 0.9, "durability": 0.25}
    cube.verbs.add(cube.user_id, "proposition", ASKED, **own)  # rests on her word
    report = keep_up(cube)
    assert (report.active, report.duplicates, report.contradictions, report.junk) == (5, 1, 1, 1)
    assert (report.duplicate_rate, report.junk_rate) == (0.2, 0.2)
    assert report.duplicate_pairs == [(first.lineage_id, twin.lineage_id)]
    assert (first.lineage_id, other.lineage_id) in report.contradiction_pairs


def test_lost_vectors_are_mended_first(cube: Cube) -> None:
    known(cube, "Mara swims.", age=DAY)
    known(cube, "Mara swims!", age=DAY)
    cube.vectors.drop(cube.user_id)
    assert keep_up(cube).duplicates == 1


def test_a_user_without_memories_is_kept_up_too(cube: Cube) -> None:
    report = keep_up(cube)
    assert (report.active, report.duplicate_rate, report.junk_rate) == (0, 0.0, 0.0)


def test_it_stops_between_two_steps(cube: Cube) -> None:
    spent = known(cube, "Mara has a cold.", age=40 * DAY)

    def stop(done: float, _: str) -> None:
        if done > 0:
            raise JobCancelledError("enough")

    with pytest.raises(JobCancelledError):
        keep_up(cube, tell=stop)
    assert cube.states()[spent.id] == "activated"
