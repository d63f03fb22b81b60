"""One job from its claim to its end."""

import shutil
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy.orm import Session

from idiolect.errors import (
    IdiolectError,
    JobCancelledError,
    LeaseLostError,
    ModelError,
    NotReadyError,
)
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.models import Job
from idiolect.store.repositories import lease
from idiolect.workers.lease import Lease
from idiolect.workers.progress import Progress

log = structlog.get_logger(__name__)

S = TypeVar("S")

_LONGEST_WAIT_S = 300.0
_MESSAGE_CHARS = 500
_KEPT_FOR_RETRY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job as a task sees it.

    ``directory`` is the job's own, kept between attempts; ``should_stop`` is cheap and meant to
    be asked at every step, and a task that stops for it raises ``JobCancelledError``.
    """

    id: str
    user_id: str
    payload: Mapping[str, Any]
    created_at: datetime
    directory: Path
    progress: Progress
    should_stop: Callable[[], bool]


Publish = Callable[[Session], dict[str, Any]]
"""Writes what a job made and returns its result, in the transaction that ends the job.

So a worker that lost its lease publishes nothing, and nothing is published twice.
"""

Task = Callable[[S, ClaimedJob], Publish]
"""Does one kind of work with the services ``S``, outside of any transaction."""


class Executor(Generic[S]):
    """Runs jobs in this process, one at a time.

    Args:
        build: makes the services at the first job, so that the worker starts at once and the
            accelerator is first touched in the process that uses it.
        work_dir: where jobs keep their checkpoints, a folder each; removed when the job succeeded,
            and a week after it failed or was cancelled, until when it can be retried from there.
        retry_s: the wait after a first failed attempt; it doubles with each further one.
    """

    def __init__(
        self,
        database: Database,
        build: Callable[[], S],
        tasks: Mapping[str, Task[S]],
        *,
        worker_id: str,
        work_dir: Path,
        lease_s: float,
        retry_s: float,
        clock: Clock,
        shutting_down: Callable[[], bool],
    ) -> None:
        self._database = database
        self._build = build
        self._tasks = tasks
        self._worker_id = worker_id
        self._work_dir = work_dir
        self._lease_s = lease_s
        self._retry_s = retry_s
        self._clock = clock
        self._shutting_down = shutting_down
        self._services: S | None = None

    def run(self, job_id: str) -> None:
        """Claims a job and ends this attempt of it; nothing when it is not free.

        A worker that shuts down claims nothing more; the wake-up is sent to another.
        """
        if self._shutting_down():
            return
        with self._database.transaction() as session:
            job = lease.claim(
                session,
                job_id,
                worker_id=self._worker_id,
                now=self._clock(),
                lease_s=self._lease_s,
            )
        if job is None:
            return
        with structlog.contextvars.bound_contextvars(job_id=job.id, attempt=job.attempt):
            log.info("job started", kind=job.kind)
            try:
                self._attempt(job)
            except LeaseLostError:
                log.warning("job lost to another worker")
            self._sweep()

    def _sweep(self) -> None:
        """Removes the folders of jobs that nobody will go on with, or that went with their user."""
        folders = {path.name: path for path in self._work_dir.glob("*") if path.is_dir()}
        with self._database.transaction() as session:
            kept = lease.resumable(session, folders, ended_after=self._clock() - _KEPT_FOR_RETRY)
        for job_id in folders.keys() - kept:
            shutil.rmtree(folders[job_id], ignore_errors=True)

    def _attempt(self, job: Job) -> None:
        with Lease(
            self._database,
            job.id,
            job.attempt,
            lease_s=self._lease_s,
            clock=self._clock,
            shutting_down=self._shutting_down,
        ) as held:
            try:
                publish = self._work(job, held)
                with self._database.transaction() as session:
                    result = publish(session)
                    lease.succeed(session, job.id, job.attempt, result, now=self._clock())
            except LeaseLostError:
                raise
            except JobCancelledError:
                self._stopped(job, held)
            except Exception as error:  # a job may fail in any way; its row tells
                self._failed(job, error)
            else:
                log.info("job succeeded")

    def _work(self, job: Job, held: Lease) -> Publish:
        if self._services is None:
            self._services = self._build()
        directory = self._work_dir / job.id
        directory.mkdir(parents=True, exist_ok=True)
        claimed = ClaimedJob(
            id=job.id,
            user_id=job.user_id,
            payload=job.payload,
            created_at=job.created_at,
            directory=directory,
            progress=Progress(self._database, job.id, job.attempt, clock=self._clock),
            should_stop=held.should_stop,
        )
        return self._tasks[job.kind](self._services, claimed)

    def _stopped(self, job: Job, held: Lease) -> None:
        log.info("job stopped", reason=held.stop_reason)
        if held.stop_reason == "lost":
            return
        end = lease.release if held.stop_reason == "shutdown" else lease.stop
        with self._database.transaction() as session:
            end(session, job.id, job.attempt, now=self._clock())

    def _failed(self, job: Job, error: Exception) -> None:
        described = describe(error)
        wait_s = min(self._retry_s * 2 ** (job.attempt - 1), _LONGEST_WAIT_S)
        with self._database.transaction() as session:
            after = lease.fail(
                session,
                job.id,
                job.attempt,
                described,
                now=self._clock(),
                retry_after_s=wait_s if may_pass(error) else None,
            )
        # Where it went wrong, but not the message: that may quote what the user wrote.
        frames = traceback.extract_tb(error.__traceback__)[-3:]
        log.error(
            "job failed",
            code=described["code"],
            error=type(error).__name__,
            where=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
            state=after.state,
        )


def describe(error: Exception) -> dict[str, Any]:
    """What a job's row says of an error: code, message and hint."""
    if isinstance(error, IdiolectError):
        return error.as_dict()
    unforeseen = IdiolectError(f"{type(error).__name__}: {error}"[:_MESSAGE_CHARS])
    return unforeseen.as_dict()


def may_pass(error: Exception) -> bool:
    """Whether trying again can help: yes after what was not foreseen or is not ready yet."""
    return not isinstance(error, IdiolectError) or isinstance(error, NotReadyError | ModelError)
