"""The audit of memories: nothing changes state without a row, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select

from idiolect.errors import InvalidInputError
from idiolect.store.database import Database
from idiolect.store.models import Memory, MemoryEvent, User
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import ERASED, MemoryEventRepository
from idiolect.store.repositories.provenance import Edge, ProvenanceRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


def told(events: list[MemoryEvent]) -> list[tuple[str, str | None, str | None]]:
    return [(event.verb, event.from_state, event.to_state) for event in events]


def test_each_step_of_a_life_is_a_row(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id, "key_1")
        first = memories.add("proposition", NOW, text="Mara swims.", reason="said so")
        memories.transition(first, "activated", NOW, reason="checked")
        second = memories.revise(first, NOW, state="archived", reason="over")
        memories.transition(second, "activated", NOW, reason="not over")
        memories.purge(first.lineage_id, NOW, reason="asked")
        events = MemoryEventRepository(session, user_id).oldest_first()
    assert told(events) == [
        ("add", None, "generated"),
        ("activate", "generated", "activated"),
        ("update", "activated", "archived"),
        ("restore", "archived", "activated"),
        ("purge", "activated", "purged"),
        ("purge", "activated", "purged"),
    ]
    assert [event.memory_id for event in events[-2:]] == [first.id, second.id]
    assert {event.actor for event in events} == {"key_1"}
    # What people gave as reasons may tell what was forgotten.
    assert [event.reason for event in events] == [ERASED] * 4 + ["asked"] * 2


def test_an_adapter_is_added_with_a_row(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        AdapterRepository(session, user_id).add(
            payload={}, blob_key="k", content_hash="h", trained_on=[], now=NOW
        )
        events = MemoryEventRepository(session, user_id).oldest_first()
    assert told(events) == [("add", None, "generated")]
    assert (events[0].actor, events[0].reason) == ("system", "trained")


def test_pages_go_back_in_time_and_stay_with_their_user(database: Database, user_id: str) -> None:
    omar = add_user(database, "Omar")
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        held = [memories.add("proposition", NOW + n * DAY, text=f"{n}") for n in range(3)]
        memories.transition(held[0], "activated", NOW + 5 * DAY)
        events = MemoryEventRepository(session, user_id)
        first = events.page(limit=3)
        rest = events.page(limit=3, cursor=first.next_cursor)
        assert [event.at for event in (*first.items, *rest.items)] == [
            NOW + n * DAY for n in (5, 2, 1, 0)
        ]
        assert told(events.page(lineage_id=held[0].lineage_id, verbs=["activate"]).items) == [
            ("activate", "generated", "activated")
        ]
        theirs = MemoryEventRepository(session, omar)
        assert theirs.page(lineage_id=held[0].lineage_id).items == theirs.oldest_first() == []
        assert theirs.acts_until([held[0].id], NOW + 9 * DAY) == {}


def test_what_was_done_until_a_moment_is_told_from_the_beginning(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memory = memories.add("proposition", NOW, state="activated", text="a")
        memories.transition(memory, "archived", NOW + 2 * DAY)
        events = MemoryEventRepository(session, user_id)

        def done(moment: datetime) -> list[str | None]:
            found = events.acts_until([memory.id], moment)
            return [event.to_state for event in found.get(memory.id, [])]

        assert done(NOW - DAY) == []
        assert done(NOW) == done(NOW + DAY) == ["activated"]
        assert done(NOW + 2 * DAY) == ["activated", "archived"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_an_act_has_a_reason(database: Database, user_id: str, reason: str) -> None:
    with database.transaction() as session, pytest.raises(InvalidInputError, match="reason"):
        MemoryRepository(session, user_id).add("proposition", NOW, text="a", reason=reason)


def test_the_audit_outlasts_the_rows_it_tells_of_but_not_its_user(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        MemoryRepository(session, user_id).add("proposition", NOW, text="a")
        session.execute(delete(Memory))
        assert len(MemoryEventRepository(session, user_id).oldest_first()) == 1
        session.execute(delete(User).where(User.id == user_id))
        assert session.scalars(select(MemoryEvent)).all() == []


def test_new_columns_have_their_defaults_and_are_carried_over(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        plain = memories.add("proposition", NOW, text="a")
        assert (plain.pinned, plain.scope, plain.expires_at) == (False, "private", None)
        kept = memories.add(
            "proposition", NOW, text="b", state="activated", pinned=True, scope="assistants",
            expires_at=NOW + DAY,
        )  # fmt: skip
        revised = memories.revise(kept, NOW, text="c")
        assert (revised.pinned, revised.scope) == (True, "assistants")
        assert memories.list_due(NOW + DAY) == []
        revised.pinned = False
        session.flush()
        assert memories.list_due(NOW + DAY) == [revised]
        assert memories.list_due(NOW) == []


def test_edges_join_lineages_of_one_user(database: Database, user_id: str) -> None:
    omar = add_user(database, "Omar")
    with database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        source = memories.add("proposition", NOW, text="a")
        later = memories.revise(source, NOW, text="b")
        memories.link(source.id, "observation", "obs_1", "supports", NOW, quote="I do")
        derived = memories.add("profile", NOW, text="c")
        memories.link(derived.id, "memory", later.id, "derived_from", NOW)
        provenance = ProvenanceRepository(session, user_id)
        up = Edge(derived.lineage_id, source.lineage_id, "memory", "derived_from")
        assert provenance.above([source.lineage_id]) == provenance.below([derived.id]) == [up]
        assert provenance.below([source.lineage_id]) == [
            Edge(source.lineage_id, "obs_1", "observation", "supports", "I do")
        ]
        provenance.inherit(derived.id, source.lineage_id, NOW)
        provenance.inherit(derived.id, source.lineage_id, NOW)
        assert len(provenance.below([derived.id])) == 2
        assert ProvenanceRepository(session, omar).above([source.lineage_id]) == []
        ProvenanceRepository(session, omar).cut(up)
        provenance.cut(up)
        assert provenance.above([source.lineage_id]) == []
