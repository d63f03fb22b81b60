"""Progress is throttled, metrics are not, and a worker without its lease writes neither."""

import pytest

from idiolect.errors import LeaseLostError
from idiolect.kit.clock import utc_now
from idiolect.store.database import Database
from idiolect.store.repositories import lease
from idiolect.store.repositories.job import JobRepository, enqueue
from idiolect.workers.progress import Progress


@pytest.fixture
def job_id(database: Database, user_id: str) -> str:
    """A running job."""
    with database.transaction() as session:
        job_id = enqueue(session, user_id, "train", {}, now=utc_now()).id
        lease.claim(session, job_id, worker_id="test", now=utc_now(), lease_s=30)
    return job_id


def test_four_times_a_second_at_most(database: Database, user_id: str, job_id: str) -> None:
    now_s = 0.0
    progress = Progress(database, job_id, 1, clock=utc_now, timer=lambda: now_s)
    for step in range(100):  # one second in steps of 10 ms
        now_s = step / 100
        progress.share(step / 100, "counting")
        progress.metrics({"step": step}, step / 100)
    progress.line("done")
    with database.transaction() as session:
        events = JobRepository(session, user_id).events_after(job_id)
        job = JobRepository(session, user_id).get(job_id)
    told = [event.data["progress"] for event in events if event.kind == "progress"]
    assert told == [0.0, 0.25, 0.5, 0.75]
    assert len([event for event in events if event.kind == "metrics"]) == 100
    assert events[-1].data == {"text": "done"}
    assert job.progress == 0.99


def test_after_losing_the_lease_nothing_is_written(
    database: Database, user_id: str, job_id: str
) -> None:
    progress = Progress(database, job_id, 0, clock=utc_now)
    for tell in (
        lambda: progress.share(0.5, "late"),
        lambda: progress.metrics({"step": 1}, 0.5),
        lambda: progress.line("late"),
    ):
        with pytest.raises(LeaseLostError):
            tell()
    with database.transaction() as session:
        kinds = {event.kind for event in JobRepository(session, user_id).events_after(job_id)}
    assert kinds == {"state"}
