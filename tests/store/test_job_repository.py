"""Jobs as their user sees them: asked for once, listed in pages, stopped, tried again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.store.database import Database
from idiolect.store.models import Job
from idiolect.store.repositories.job import JobRepository, enqueue
from tests.conftest import add_user

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(name="db", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def _db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture(name="user")
def _user(db: Database) -> str:
    return add_user(db, "Mara")


def test_the_same_key_and_request_give_the_same_job(db: Database, user: str) -> None:
    with db.transaction() as session:
        first = enqueue(session, user, "train", {"a": 1}, now=NOW, idempotency_key="k")
    with db.transaction() as session:
        second = enqueue(session, user, "train", {"a": 1}, now=NOW, idempotency_key="k")
        assert second.id == first.id
        assert len(JobRepository(session, user).list().items) == 1


def test_the_same_key_for_another_request_is_a_conflict(db: Database, user: str) -> None:
    with db.transaction() as session:
        enqueue(session, user, "train", {"a": 1}, now=NOW, idempotency_key="k")
    with pytest.raises(ConflictError) as error, db.transaction() as session:
        enqueue(session, user, "train", {"a": 2}, now=NOW, idempotency_key="k")
    assert error.value.reason_code == "IDEMPOTENCY_KEY_REUSED"


def test_two_users_may_use_the_same_key(db: Database, user: str) -> None:
    other = add_user(db, "Ben")
    with db.transaction() as session:
        mine = enqueue(session, user, "train", {}, now=NOW, idempotency_key="k")
        theirs = enqueue(session, other, "train", {}, now=NOW, idempotency_key="k")
        assert mine.id != theirs.id


def test_training_goes_to_the_gpu_queue_and_the_rest_to_the_cpu_queue(
    db: Database, user: str
) -> None:
    with db.transaction() as session:
        queues = {
            kind: enqueue(session, user, kind, {}, now=NOW).queue
            for kind in ("train", "propose", "reindex")
        }
    assert queues == {"train": "gpu", "propose": "cpu", "reindex": "cpu"}


def test_pages_show_every_job_once_and_newest_first(db: Database, user: str) -> None:
    with db.transaction() as session:
        made = [
            enqueue(session, user, "reindex", {}, now=NOW + timedelta(seconds=second // 2)).id
            for second in range(5)
        ]
    seen: list[Job] = []
    cursor = None
    with db.transaction() as session:
        while True:
            page = JobRepository(session, user).list(limit=2, cursor=cursor)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
    assert sorted(job.id for job in seen) == sorted(made)
    times = [job.created_at for job in seen]
    assert times == sorted(times, reverse=True)


def test_a_cursor_that_was_made_up_is_refused(db: Database, user: str) -> None:
    with db.transaction() as session, pytest.raises(InvalidInputError) as error:
        JobRepository(session, user).list(cursor="nonsense")
    assert error.value.reason_code == "INVALID_CURSOR"


def test_another_users_job_does_not_exist(db: Database, user: str) -> None:
    stranger = add_user(db, "Ben")
    with db.transaction() as session:
        job_id = enqueue(session, user, "reindex", {}, now=NOW).id
    with db.transaction() as session:
        jobs = JobRepository(session, stranger)
        for use in (
            lambda: jobs.get(job_id),
            lambda: jobs.request_cancel(job_id, now=NOW),
            lambda: jobs.retry(job_id, now=NOW),
            lambda: jobs.events_after(job_id),
        ):
            with pytest.raises(NotFoundError):
                use()
        assert jobs.list().items == []
    with db.transaction() as session:
        assert JobRepository(session, user).get(job_id).state == "queued"


def test_a_waiting_job_is_cancelled_at_once_and_can_be_tried_again(db: Database, user: str) -> None:
    with db.transaction() as session:
        job_id = enqueue(session, user, "reindex", {}, now=NOW).id
        jobs = JobRepository(session, user)
        assert jobs.active_count() == 1
        assert jobs.request_cancel(job_id, now=NOW).state == "cancelled"
        assert jobs.request_cancel(job_id, now=NOW).state == "cancelled"
        assert jobs.active_count() == 0
        job = jobs.retry(job_id, now=NOW)
        assert (job.state, job.cancel_requested_at, job.max_attempts) == ("queued", None, 3)
        events = jobs.events_after(job_id)
        assert [event.data["state"] for event in events] == ["queued", "cancelled", "queued"]
        assert jobs.events_after(job_id, events[1].id) == [events[2]]


def test_only_a_failed_or_cancelled_job_is_tried_again(db: Database, user: str) -> None:
    with db.transaction() as session:
        job_id = enqueue(session, user, "reindex", {}, now=NOW).id
        with pytest.raises(ConflictError) as error:
            JobRepository(session, user).retry(job_id, now=NOW)
    assert error.value.reason_code == "JOB_NOT_RETRYABLE"
