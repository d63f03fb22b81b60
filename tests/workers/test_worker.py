"""A real worker on a real broker: killed, cancelled, poisoned, robbed of its messages."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idiolect.kit.clock import utc_now
from idiolect.store.database import Database
from idiolect.store.models import Job
from idiolect.store.repositories.job import FINAL_STATES, JobRepository, enqueue
from tests.conftest import add_user
from tests.services import REDIS_URL, require_service
from tests.waiting import PATIENCE_S, lives, wait_until

PROBE = Path(__file__).with_name("probe_worker.py")


class Bench:
    """A store, a worker to start and kill, and jobs to give it."""

    def __init__(self, data_dir: Path, broker_url: str) -> None:
        self.data_dir = data_dir
        self.broker_url = broker_url
        self.database = Database(f"sqlite:///{data_dir / 'idiolect.db'}")
        self.database.migrate()
        self.user_id = add_user(self.database, "Mara")
        self.notes = data_dir / "notes"
        self.worker: subprocess.Popen[bytes] | None = None

    def start_worker(self) -> subprocess.Popen[bytes]:
        log = (self.data_dir / "worker.log").open("ab")
        command = [sys.executable, str(PROBE), str(self.data_dir), self.broker_url]
        with log:
            self.worker = subprocess.Popen(command, stderr=log, stdout=log)
        return self.worker

    def stop_worker(self) -> int:
        assert self.worker is not None
        self.worker.terminate()
        return self.worker.wait(PATIENCE_S)

    def give(self, kind: str, **payload: Any) -> str:
        with self.database.transaction() as session:
            payload["notes"] = str(self.notes)
            return enqueue(session, self.user_id, kind, payload, now=utc_now()).id

    def job(self, job_id: str) -> Job:
        with self.database.transaction() as session:
            return JobRepository(session, self.user_id).get(job_id)

    def end_of(self, job_id: str) -> Job:
        wait_until(lambda: self.job(job_id).state in FINAL_STATES, f"the end of {job_id}")
        return self.job(job_id)

    def lines(self) -> list[str]:
        return self.notes.read_text().splitlines() if self.notes.exists() else []

    def close(self) -> None:
        if self.worker is not None and self.worker.poll() is None:
            self.worker.kill()
            self.worker.wait()
        self.database.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench whose wake-ups travel as files."""
    bench = Bench(tmp_path, "")
    yield bench
    bench.close()


def test_a_killed_workers_job_goes_on_from_its_checkpoint_and_ends_once(bench: Bench) -> None:
    worker = bench.start_worker()
    job_id = bench.give("count", steps=40, step_s=0.05)
    wait_until(lambda: bench.job(job_id).progress >= 0.25, "a quarter of the job")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    bench.start_worker()
    job = bench.end_of(job_id)
    assert (job.state, job.attempt, job.result) == ("succeeded", 2, {"counted": 40})
    first, second, last = bench.lines()
    assert (first, last) == ("from 0", "published")
    assert int(second.split()[1]) >= 10  # a quarter of 40 steps was done before the kill
    with bench.database.transaction() as session:
        events = JobRepository(session, bench.user_id).events_after(job_id)
    states = [event.data["state"] for event in events if event.kind == "state"]
    assert states == ["queued", "running", "running", "succeeded"]
    assert bench.stop_worker() == 0


def test_a_running_job_stops_when_it_is_asked_to(bench: Bench) -> None:
    bench.start_worker()
    job_id = bench.give("count", steps=10_000, step_s=0.02)
    wait_until(lambda: bench.job(job_id).progress > 0, "the first step")
    with bench.database.transaction() as session:
        JobRepository(session, bench.user_id).request_cancel(job_id, now=utc_now())
    job = bench.end_of(job_id)
    assert (job.state, job.attempt) == ("cancelled", 1)
    assert "published" not in bench.lines()


def test_a_worker_that_shuts_down_gives_its_job_back(bench: Bench) -> None:
    bench.start_worker()
    job_id = bench.give("count", steps=40, step_s=0.05)
    wait_until(lambda: bench.job(job_id).progress > 0, "the first step")
    assert bench.stop_worker() == 0
    given_back = bench.job(job_id)
    assert (given_back.state, given_back.attempt) == ("queued", 1)
    bench.start_worker()
    job = bench.end_of(job_id)
    assert (job.state, job.max_attempts - job.attempt) == ("succeeded", 2)


def test_a_poison_job_stops_after_three_tries_and_says_why(bench: Bench) -> None:
    bench.start_worker()
    job = bench.end_of(bench.give("fail", how="poison"))
    assert (job.state, job.attempt) == ("failed", 3)
    assert bench.lines() == ["failing"] * 3
    assert job.error is not None
    assert (job.error["code"], job.error["message"]) == ("INTERNAL", "ValueError: poisoned")
    assert job.error["hint"]
    # The log tells that and where, but never the message: it may quote the user.
    assert "poisoned" not in (bench.data_dir / "worker.log").read_text()


def test_an_error_that_cannot_pass_is_not_tried_again(bench: Bench) -> None:
    bench.start_worker()
    job = bench.end_of(bench.give("fail", how="missing"))
    assert (job.state, job.attempt) == ("failed", 1)
    assert job.error is not None
    assert job.error["code"] == "NOT_FOUND"


def test_a_job_that_takes_the_worker_child_down_stops_after_three_tries(bench: Bench) -> None:
    bench.start_worker()
    poison = bench.give("fail", how="killed")
    after = bench.give("count", steps=1)
    job = bench.end_of(poison)
    assert (job.state, job.attempt) == ("failed", 3)
    assert job.error is not None
    assert job.error["code"] == "WORKER_LOST"
    assert bench.end_of(after).state == "succeeded"


def test_a_lost_message_is_sent_again(bench: Bench) -> None:
    bench.start_worker()
    first = bench.give("count", steps=60, step_s=0.02)
    wait_until(lambda: bench.job(first).state == "running", "the first job")
    second = bench.give("count", steps=1)
    # As if it had been sent and the broker's disk then lost.
    with bench.database.transaction() as session:
        JobRepository(session, bench.user_id).get(second).sent_at = utc_now()
    shutil.rmtree(bench.data_dir / "queue")
    assert bench.end_of(first).state == "succeeded"
    assert bench.end_of(second).state == "succeeded"
    assert bench.lines().count("published") == 2


@pytest.mark.redis
@pytest.mark.xdist_group("redis")
def test_the_same_over_redis(tmp_path: Path) -> None:
    require_service("Redis", 6379)
    import redis

    broker = redis.Redis.from_url(f"{REDIS_URL}/13")
    bench = Bench(tmp_path, f"{REDIS_URL}/13")
    try:
        worker = bench.start_worker()
        job_id = bench.give("count", steps=40, step_s=0.05)
        wait_until(lambda: bench.job(job_id).progress >= 0.25, "a quarter of the job")
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        broker.flushdb()
        bench.start_worker()
        job = bench.end_of(job_id)
        assert (job.state, job.attempt) == ("succeeded", 2)
        assert bench.lines().count("published") == 1
    finally:
        bench.close()
        broker.flushdb()
        broker.close()


def test_nothing_of_a_killed_worker_stays_behind(bench: Bench) -> None:
    worker = bench.start_worker()
    job_id = bench.give("count", steps=10_000, step_s=0.02)
    wait_until(lambda: bench.job(job_id).progress > 0, "the first step")
    worker_id = bench.job(job_id).worker_id
    assert worker_id is not None
    child = int(worker_id.rpartition(":")[2])
    assert child != worker.pid
    worker.kill()
    worker.wait()
    wait_until(lambda: not lives(child), "the end of the worker's child")
