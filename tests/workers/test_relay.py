"""The relay closes batches when they are full or the user is silent, and sends what is due."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from idiolect.observe.batches import BatchLimits
from idiolect.observe.ingest import Ingestor
from idiolect.store.database import Database
from idiolect.store.models import Job
from idiolect.store.repositories.job import JobRepository, enqueue
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.workers.relay import Relay
from tests.conftest import add_user
from tests.waiting import wait_until

START = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


class Bench:
    """A relay with a clock that is turned by hand and a broker that may be away."""

    def __init__(self, database: Database, user_id: str) -> None:
        self.database = database
        self.user_id = user_id
        self.now = START
        self.sent: list[tuple[str, str]] = []
        self.is_idle = True
        self.broker_is_away = False
        self.refused = 0
        self.relay = Relay(
            database,
            self._send,
            lambda: self.is_idle,
            queues=("cpu",),
            poll_s=0.01,
            resend_s=30,
            limits=BatchLimits(observations=3, tokens=100),
            idle_s=120,
            clock=lambda: self.now,
        )

    def _send(self, job_id: str, queue: str) -> None:
        if self.broker_is_away:
            self.refused += 1
            raise ConnectionError("nobody there")
        self.sent.append((job_id, queue))

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.relay.turn()

    def observe(self, *keys: str) -> None:
        items = [
            {
                "idempotency_key": key,
                "kind": "statement",
                "source": "test",
                "text": f"My favorite letter is {key}.",
                "occurred_at": "2026-06-30T09:00:00Z",
            }
            for key in keys
        ]
        Ingestor(self.database, clock=lambda: self.now).ingest(self.user_id, items)

    def jobs(self) -> list[Job]:
        with self.database.transaction() as session:
            return JobRepository(session, self.user_id).list().items

    def end_jobs(self) -> None:
        with self.database.transaction() as session:
            session.execute(update(Job).values(state="succeeded", finished_at=self.now))

    def ask(self) -> str:
        with self.database.transaction() as session:
            return enqueue(session, self.user_id, "reindex", {}, now=self.now).id


@pytest.fixture
def bench(database: Database, user_id: str) -> Bench:
    """A relay over an empty store."""
    return Bench(database, user_id)


def test_a_full_batch_is_closed_and_sent_at_once(bench: Bench) -> None:
    bench.observe("a", "b", "c", "d")
    bench.after(1)
    (job,) = bench.jobs()
    assert job.kind == "propose"
    assert bench.sent == [(job.id, "cpu")]


def test_a_smaller_batch_waits_until_the_user_has_been_silent(bench: Bench) -> None:
    bench.observe("a")
    bench.after(119)
    assert bench.jobs() == []
    bench.after(1)
    assert len(bench.jobs()) == 1


def test_a_long_batch_is_closed_before_it_has_many_observations(bench: Bench) -> None:
    bench.observe("a" * 180, "b" * 180)  # twice 203 characters; the limit is 100 tokens of 4
    bench.after(1)
    assert len(bench.jobs()) == 1
    bench.after(1)
    assert len(bench.jobs()) == 1


def test_what_a_full_batch_leaves_over_does_not_wait_for_ever(bench: Bench) -> None:
    bench.observe("a", "b", "c", "d")
    bench.after(1)
    assert len(bench.jobs()) == 1
    bench.after(119)
    assert len(bench.jobs()) == 2
    bench.after(1000)
    assert len(bench.jobs()) == 2


def test_a_busy_worker_sends_nothing(bench: Bench) -> None:
    job_id = bench.ask()
    bench.is_idle = False
    bench.after(1)
    assert bench.sent == []
    bench.is_idle = True
    bench.after(1)
    assert bench.sent == [(job_id, "cpu")]


def test_what_nobody_answered_is_sent_again(bench: Bench) -> None:
    job_id = bench.ask()
    for seconds, times in ((0, 1), (29, 1), (1, 2), (29, 2), (1, 3)):
        bench.after(seconds)
        assert bench.sent == [(job_id, "cpu")] * times


def test_while_the_broker_is_away_a_job_stays_to_be_sent(bench: Bench) -> None:
    job_id = bench.ask()
    bench.broker_is_away = True
    with pytest.raises(ConnectionError):
        bench.after(1)
    bench.broker_is_away = False
    bench.after(1)
    assert bench.sent == [(job_id, "cpu")]


def test_its_thread_outlives_a_broker_that_is_away_and_stops_when_told(bench: Bench) -> None:
    bench.broker_is_away = True
    job_id = bench.ask()
    bench.relay.start()
    wait_until(lambda: bench.refused > 0, "the first attempt to send")
    bench.broker_is_away = False
    wait_until(lambda: bench.sent == [(job_id, "cpu")], "the second one")
    bench.relay.stop()
    assert not bench.relay._thread.is_alive()


def test_a_held_relay_has_no_connection_open_and_looks_again_when_it_is_released(
    bench: Bench,
) -> None:
    bench.relay.start()
    bench.relay.hold()
    assert "in pool: 0" in bench.database.engine.pool.status()
    assert "Checked out connections: 0" in bench.database.engine.pool.status()
    bench.relay.release()
    bench.ask()
    wait_until(lambda: bench.sent != [], "a turn after the release")
    bench.relay.stop()


def test_upkeep_is_asked_for_once_a_day_for_whoever_has_had_memories_for_one(
    bench: Bench, database: Database
) -> None:
    add_user(database, "Omar")  # has none

    def kept_up() -> int:
        jobs = bench.jobs()
        assert {job.kind for job in jobs} <= {"upkeep"}
        return len(jobs)

    with database.transaction() as session:
        MemoryRepository(session, bench.user_id).add("proposition", START, text="Mara swims.")
    hour = 3600.0
    bench.after(23 * hour)
    assert kept_up() == 0
    bench.after(1 * hour)
    assert kept_up() == 1
    bench.after(1 * hour)
    assert kept_up() == 1
    bench.after(48 * hour)
    assert kept_up() == 1  # the first has not ended yet
    bench.end_jobs()
    bench.after(1 * hour)
    assert kept_up() == 2
    with database.transaction() as session:
        assert session.scalars(select(Job.user_id).distinct()).all() == [bench.user_id]


def test_two_relays_ask_for_one_upkeep(bench: Bench, database: Database) -> None:
    with database.transaction() as session:
        MemoryRepository(session, bench.user_id).add("proposition", START, text="Mara swims.")
    bench.now += timedelta(days=2)
    bench.relay._ask_for_upkeep()
    with database.transaction() as session:  # as the other one saw it, before the first wrote
        again = enqueue(session, bench.user_id, "upkeep", {}, now=bench.now,
                        idempotency_key=f"upkeep {bench.now.date()}")  # fmt: skip
    assert [job.id for job in bench.jobs()] == [again.id]
