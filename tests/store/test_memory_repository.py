"""Memories: versions are appended, states follow the life cycle, links say why."""

from datetime import UTC, datetime, timedelta

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository, proposition_hash
from idiolect.store.repositories.provenance import ProvenanceRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_revision_appends_a_version_and_closes_the_one_before(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        first = memories.add("proposition", NOW, state="activated", text="Mara swims.",
                             confidence=0.4)  # fmt: skip
        second = memories.revise(first, NOW + DAY, confidence=0.6)
    assert (second.version, second.lineage_id, second.text) == (2, first.id, "Mara swims.")
    assert (first.confidence, first.superseded_at) == (0.4, NOW + DAY)
    assert second.content_hash == first.content_hash == proposition_hash("mara  swims")


def test_only_the_current_version_can_be_revised(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        first = memories.add("proposition", NOW, text="Mara swims.")
        memories.revise(first, NOW)
        with pytest.raises(ConflictError):
            memories.revise(first, NOW)


def test_what_was_believed_at_a_moment_is_one_query(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        first = memories.add("proposition", NOW, text="Mara lives in Porto.")
        memories.revise(first, NOW + 2 * DAY, text="Mara lives in Faro.")
        assert memories.as_of(NOW - DAY, "proposition").items == []
        assert [m.text for m in memories.as_of(NOW + DAY, "proposition").items] == [
            "Mara lives in Porto."
        ]
        assert [m.text for m in memories.as_of(NOW + 2 * DAY, "proposition").items] == [
            "Mara lives in Faro."
        ]


def test_any_version_leads_to_the_current_one(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        first = memories.add("proposition", NOW, text="a")
        second = memories.revise(first, NOW, text="b")
        assert memories.current(first.id).id == memories.current(second.id).id == second.id
        assert [m.text for m in memories.history(first.lineage_id)] == ["a", "b"]


def test_one_user_never_reaches_anothers(database: Database, user_id: str) -> None:
    other = add_user(database, "Omar")
    with database.transaction() as session:
        mine = MemoryRepository(session, user_id)
        theirs = MemoryRepository(session, other)
        memory = mine.add("proposition", NOW, state="activated", text="Mara swims.")
        mine.link(memory.id, "observation", "obs_1", "supports", NOW)
        with pytest.raises(NotFoundError):
            theirs.get(memory.id)
        assert theirs.list_current("proposition") == []
        assert theirs.by_lineage([memory.lineage_id]) == {}
        assert theirs.evidence(memory.lineage_id) == []
        assert ProvenanceRepository(session, other).resting_on([("observation", "obs_1")]) == set()
        assert theirs.count("proposition") == 0


def test_states_follow_the_life_cycle(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        adapter = memories.add("adapter", NOW, payload={"card": {}})
        assert adapter.id.startswith("adp_")
        memories.transition(adapter, "activated", NOW)
        memories.transition(adapter, "archived", NOW)
        memories.transition(adapter, "activated", NOW)
        with pytest.raises(ConflictError):
            memories.transition(adapter, "generated", NOW)


def test_evidence_is_inherited_and_the_same_reason_is_one_link(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        first = memories.add("proposition", NOW, state="activated", text="Mara swims.")
        memories.link(first.id, "observation", "obs_1", "supports", NOW, quote="I swim")
        memories.link(first.id, "observation", "obs_1", "supports", NOW, quote="again")
        second = memories.revise(first, NOW + DAY)
        memories.link(second.id, "observation", "obs_2", "supports", NOW + DAY)
        memories.link(second.id, "observation", "obs_3", "contradicts", NOW + DAY)
        lineage = first.lineage_id
        assert [link.source_id for link in memories.evidence(lineage)] == [
            "obs_1",
            "obs_2",
            "obs_3",
        ]
        assert memories.evidence_counts([lineage, "mem_none"]) == {lineage: 2, "mem_none": 0}
        assert ProvenanceRepository(session, user_id).resting_on([("observation", "obs_1")]) == {
            lineage
        }


def test_pages_go_from_the_newest_to_the_oldest(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        for number in range(5):
            memories.add("proposition", NOW + number * DAY, state="activated",
                         text=f"Mara counts to {number}%.")  # fmt: skip
        first = memories.page("proposition", limit=3)
        rest = memories.page("proposition", limit=3, cursor=first.next_cursor)
        assert [m.text for m in (*first.items, *rest.items)] == [
            f"Mara counts to {number}%." for number in (4, 3, 2, 1, 0)
        ]
        assert rest.next_cursor is None
        assert [m.text for m in memories.page("proposition", containing="TO 3%").items] == [
            "Mara counts to 3%."
        ]
        with pytest.raises(InvalidInputError):
            memories.page("proposition", cursor="nonsense")


def test_estimates_are_found_by_their_key(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memory = memories.add("proposition", NOW, text="a", payload={"estimate_key": "usage:Ink"})
        memories.add("proposition", NOW, text="b")
        assert memories.by_estimate("proposition", ["usage:Ink", "usage:Mail"]) == {
            "usage:Ink": memory
        }


def test_a_purged_lineage_keeps_only_its_tombstone(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memory = memories.add("proposition", NOW, state="activated", text="Mara swims.",
                              reasoning="said")  # fmt: skip
        memories.link(memory.id, "observation", "obs_1", "supports", NOW, quote="I swim")
        memories.purge(memory.lineage_id, NOW)
        assert (memory.text, memory.reasoning, memory.state) == (None, None, "purged")
        assert memories.evidence(memory.lineage_id) == []
        assert memories.purged_hashes([proposition_hash("Mara swims"), "x"]) == {
            memory.content_hash
        }
        with pytest.raises(NotFoundError):
            memories.current(memory.id)


def test_the_index_holds_what_acts_and_what_was_rejected(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        active = memories.add("proposition", NOW, state="activated", text="a")
        rejected = memories.add("proposition", NOW, state="archived", text="b",
                                payload={"verdict": "rejected"})  # fmt: skip
        memories.add("proposition", NOW, state="archived", text="c")
        memories.add("adapter", NOW, state="activated")
        assert {m.id for m in memories.list_indexed()} == {active.id, rejected.id}
        assert memories.count_indexed() == 2


@pytest.mark.postgres
def test_payloads_are_searched_on_postgresql_too(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.migrate()
    user_id = add_user(database, "Mara")
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        estimate = memories.add("proposition", NOW, payload={"estimate_key": "usage:Ink"})
        memories.add("proposition", NOW, state="archived", payload={"verdict": "rejected"})
        assert memories.by_estimate("proposition", ["usage:Ink"]) == {"usage:Ink": estimate}
        assert memories.count_indexed() == 1
    database.close()
