"""A job is held by one worker at a time, and only its present holder can write."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from idiolect.errors import LeaseLostError
from idiolect.store.database import Database
from idiolect.store.models import Job
from idiolect.store.repositories import lease
from idiolect.store.repositories.job import JobRepository, enqueue
from tests.conftest import add_user

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
LEASE_S = 30.0


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(name="db")
def _db(either_url: str) -> Iterator[Database]:
    database = Database(either_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture(name="user")
def _user(db: Database) -> str:
    return add_user(db, "Mara")


@pytest.fixture(name="job_id")
def _job_id(db: Database, user: str) -> str:
    with db.transaction() as session:
        return enqueue(session, user, "reindex", {}, now=NOW).id


def claim(db: Database, job_id: str, worker: str, seconds: float) -> Job | None:
    with db.transaction() as session:
        return lease.claim(session, job_id, worker_id=worker, now=after(seconds), lease_s=LEASE_S)


def due_ids(db: Database, seconds: float, resend_s: float = LEASE_S) -> list[str]:
    with db.transaction() as session:
        jobs = lease.due(session, ["cpu", "gpu"], now=after(seconds), resend_s=resend_s, limit=100)
        return [job.id for job in jobs]


def test_only_one_of_two_claims_gets_the_job(db: Database, job_id: str) -> None:
    first = claim(db, job_id, "worker-1", 0)
    assert first is not None
    assert (first.state, first.attempt, first.worker_id) == ("running", 1, "worker-1")
    assert claim(db, job_id, "worker-2", LEASE_S - 1) is None


def test_a_silent_workers_job_is_taken_over_and_the_old_worker_can_write_nothing(
    db: Database, job_id: str
) -> None:
    claim(db, job_id, "worker-1", 0)
    second = claim(db, job_id, "worker-2", LEASE_S)
    assert second is not None
    assert second.attempt == 2
    late = {"now": after(LEASE_S + 1)}
    with db.transaction() as session:
        for write in (
            lambda: lease.renew(session, job_id, 1, lease_s=LEASE_S, **late),
            lambda: lease.record(session, job_id, 1, "log", {}, **late),
            lambda: lease.succeed(session, job_id, 1, {}, **late),
            lambda: lease.fail(session, job_id, 1, {}, retry_after_s=None, **late),
            lambda: lease.release(session, job_id, 1, **late),
            lambda: lease.stop(session, job_id, 1, **late),
            lambda: lease.stop_requested(session, job_id, 1),
        ):
            with pytest.raises(LeaseLostError):
                write()
        lease.succeed(session, job_id, 2, {"done": True}, **late)


def test_a_renewed_lease_is_not_taken_over(db: Database, job_id: str) -> None:
    claim(db, job_id, "worker-1", 0)
    with db.transaction() as session:
        lease.renew(session, job_id, 1, now=after(20), lease_s=LEASE_S)
    assert claim(db, job_id, "worker-2", 20 + LEASE_S - 1) is None
    assert claim(db, job_id, "worker-2", 20 + LEASE_S) is not None


def test_a_job_is_sent_once_and_again_when_nobody_answers(db: Database, job_id: str) -> None:
    with db.transaction() as session:
        (job,) = lease.due(session, ["cpu"], now=NOW, resend_s=10, limit=100)
        assert lease.mark_sent(session, job, now=NOW)
    assert due_ids(db, 9, resend_s=10) == []
    assert due_ids(db, 10, resend_s=10) == [job_id]


def test_only_one_of_two_relays_books_the_sending(db: Database, job_id: str) -> None:
    with db.transaction() as session:
        (seen_by_both,) = lease.due(session, ["cpu"], now=NOW, resend_s=10, limit=100)
        session.expunge(seen_by_both)
    with db.transaction() as session:
        assert lease.mark_sent(session, seen_by_both, now=NOW)
        assert not lease.mark_sent(session, seen_by_both, now=NOW)


def test_only_the_queues_that_a_worker_serves_are_sent(db: Database, user: str) -> None:
    with db.transaction() as session:
        enqueue(session, user, "train", {}, now=NOW)
        assert lease.due(session, ["cpu"], now=NOW, resend_s=10, limit=100) == []
        assert len(lease.due(session, ["gpu"], now=NOW, resend_s=10, limit=100)) == 1


def test_users_take_turns(db: Database, user: str) -> None:
    other = add_user(db, "Ben")
    with db.transaction() as session:
        many = [enqueue(session, user, "reindex", {}, now=after(n)).id for n in range(3)]
        one = enqueue(session, other, "reindex", {}, now=after(9)).id
    assert due_ids(db, 10) == [many[0], one, many[1], many[2]]


def test_a_users_jobs_of_one_kind_run_one_at_a_time(db: Database, user: str) -> None:
    with db.transaction() as session:
        first = enqueue(session, user, "reindex", {}, now=NOW).id
        second = enqueue(session, user, "reindex", {}, now=after(1)).id
        other_kind = enqueue(session, user, "propose", {}, now=after(1)).id
    assert claim(db, first, "worker-1", 2) is not None
    assert claim(db, second, "worker-2", 2) is None
    assert claim(db, other_kind, "worker-2", 2) is not None
    assert due_ids(db, 3) == []
    with db.transaction() as session:
        lease.succeed(session, first, 1, {}, now=after(4))
    assert due_ids(db, 5) == [second]
    assert claim(db, second, "worker-2", 5) is not None


def test_a_failed_attempt_waits_and_the_third_is_final(
    db: Database, user: str, job_id: str
) -> None:
    error = {"code": "MODEL_FAILED", "message": "it broke", "hint": "look"}
    clock = 0.0
    for attempt in (1, 2, 3):
        assert claim(db, job_id, "worker-1", clock) is not None
        with db.transaction() as session:
            lease.fail(session, job_id, attempt, error, now=after(clock), retry_after_s=5)
        if attempt < 3:
            assert due_ids(db, clock + 4.9) == []
            assert claim(db, job_id, "worker-1", clock + 4.9) is None
            clock += 5
            assert due_ids(db, clock) == [job_id]
    with db.transaction() as session:
        job = JobRepository(session, user).get(job_id)
        assert (job.state, job.attempt, job.error) == ("failed", 3, error)
        assert job.finished_at == after(10)
    assert claim(db, job_id, "worker-1", 1000) is None


def test_an_error_that_cannot_pass_is_final_at_once(db: Database, job_id: str) -> None:
    claim(db, job_id, "worker-1", 0)
    with db.transaction() as session:
        job = lease.fail(session, job_id, 1, {"code": "X"}, now=after(1), retry_after_s=None)
        assert job.state == "failed"


def test_a_retried_job_never_repeats_an_attempt_number(
    db: Database, user: str, job_id: str
) -> None:
    claim(db, job_id, "worker-1", 0)
    with db.transaction() as session:
        lease.fail(session, job_id, 1, {"code": "X"}, now=after(1), retry_after_s=None)
        job = JobRepository(session, user).retry(job_id, now=after(2))
        assert (job.attempt, job.max_attempts) == (1, 4)
    again = claim(db, job_id, "worker-1", 3)
    assert again is not None
    assert again.attempt == 2


def test_a_job_given_back_at_shutdown_keeps_its_three_tries(db: Database, job_id: str) -> None:
    claim(db, job_id, "worker-1", 0)
    with db.transaction() as session:
        job = lease.release(session, job_id, 1, now=after(1))
        assert (job.state, job.max_attempts - job.attempt) == ("queued", 3)
    assert due_ids(db, 1) == [job_id]


def test_a_job_that_kills_every_worker_fails_in_the_end(db: Database, job_id: str) -> None:
    for attempt in range(3):
        assert claim(db, job_id, "worker", attempt * LEASE_S) is not None
        with db.transaction() as session:
            settled = lease.settle_abandoned(session, now=after(attempt * LEASE_S + 1))
            assert settled == []
    assert due_ids(db, 3 * LEASE_S) == []
    with db.transaction() as session:
        (job,) = lease.settle_abandoned(session, now=after(3 * LEASE_S))
        assert job.state == "failed"
        assert job.error is not None
        assert job.error["code"] == "WORKER_LOST"


def test_a_stop_request_reaches_the_worker_and_survives_its_death(
    db: Database, user: str, job_id: str
) -> None:
    claim(db, job_id, "worker-1", 0)
    with db.transaction() as session:
        assert not lease.stop_requested(session, job_id, 1)
        JobRepository(session, user).request_cancel(job_id, now=after(1))
        assert lease.stop_requested(session, job_id, 1)
    assert claim(db, job_id, "worker-2", LEASE_S) is None
    with db.transaction() as session:
        (job,) = lease.settle_abandoned(session, now=after(LEASE_S))
        assert job.state == "cancelled"
