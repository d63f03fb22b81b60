"""A user's jobs: asking for work, looking at it, stopping it and trying it again.

The row is the job and a queue's message only its wake-up, so an enqueue is one insert in the
caller's transaction. What workers do with a row is in ``lease``.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idiolect.errors import ConflictError, NotFoundError
from idiolect.kit.ids import new_id
from idiolect.store.models.job import Job, JobEvent
from idiolect.store.models.memory import Memory
from idiolect.store.models.user import User
from idiolect.store.repositories.page import Page, paginate

EventKind = Literal["state", "progress", "metrics", "log"]

FINAL_STATES = frozenset({"succeeded", "failed", "cancelled"})
GPU_KINDS = frozenset({"train"})

_INSERT: dict[str, Callable[[type[Job]], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_RETRY_ATTEMPTS = 3


def enqueue(
    session: Session,
    user_id: str,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    idempotency_key: str | None = None,
    max_attempts: int = 3,
    not_before: datetime | None = None,
) -> Job:
    """Asks for a piece of work; a relay sends it once the transaction has committed.

    Args:
        not_before: when it is due; None for at once.

    Returns:
        The new row, or the earlier one of the same idempotency key.

    Raises:
        ConflictError: the key was used for a different request (``IDEMPOTENCY_KEY_REUSED``).
    """
    job_id = new_id("job")
    insert = _INSERT[session.get_bind().dialect.name]
    session.execute(
        insert(Job)
        .values(
            id=job_id,
            user_id=user_id,
            idempotency_key=idempotency_key,
            kind=kind,
            queue="gpu" if kind in GPU_KINDS else "cpu",
            state="queued",
            payload=dict(payload),
            progress=0.0,
            attempt=0,
            max_attempts=max_attempts,
            not_before=not_before,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["user_id", "idempotency_key"])
    )
    created = session.get(Job, job_id)
    if created is not None:
        append_state(session, created, now=now)
        return created
    same_key = Job.idempotency_key == idempotency_key
    earlier = session.scalars(select(Job).where(Job.user_id == user_id, same_key)).one()
    if (earlier.kind, earlier.payload) != (kind, dict(payload)):
        raise ConflictError(
            f"the idempotency key {idempotency_key!r} was used for another request",
            code="IDEMPOTENCY_KEY_REUSED",
            hint="Send a new key with a new request; repeat a key only with the same request.",
        )
    return earlier


def append_event(
    session: Session, job_id: str, kind: EventKind, data: Mapping[str, Any], *, now: datetime
) -> JobEvent:
    """Appends one event to a job's story."""
    event = JobEvent(job_id=job_id, kind=kind, data=dict(data), at=now)
    session.add(event)
    return event


def append_state(session: Session, job: Job, *, now: datetime) -> None:
    """Appends the event that tells a job's present state."""
    data = {"state": job.state, "attempt": job.attempt, "error": job.error}
    append_event(session, job.id, "state", data, now=now)


def due_daily(session: Session, kind: str, *, since: datetime) -> list[str]:
    """The users for whom a job of this kind is due that is done about once a day.

    They have had memories since before a moment; no job of the kind was made after it or is still
    to end. For the relay, which acts for nobody.
    """
    has_memories = exists().where(
        Memory.user_id == User.id, Memory.state != "purged", Memory.recorded_at <= since
    )
    recent = exists().where(
        Job.user_id == User.id,
        Job.kind == kind,
        or_(Job.created_at > since, Job.state.not_in(FINAL_STATES)),
    )
    return list(session.scalars(select(User.id).where(has_memories, ~recent).order_by(User.id)))


class JobRepository:
    """One user's jobs."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def get(self, job_id: str) -> Job:
        """One job, as the database has it now.

        Raises:
            NotFoundError: the user has no such job.
        """
        statement = select(Job).where(Job.id == job_id, Job.user_id == self._user_id)
        job = self._session.scalar(statement, execution_options={"populate_existing": True})
        if job is None:
            raise NotFoundError(f"there is no job {job_id}")
        return job

    def list(
        self,
        *,
        limit: int = 50,
        cursor: str | None = None,
        kind: str | None = None,
        state: str | None = None,
    ) -> Page[Job]:
        """The user's jobs, newest first.

        Raises:
            InvalidInputError: the cursor was not made by an earlier page.
        """
        statement = select(Job).where(Job.user_id == self._user_id)
        if kind is not None:
            statement = statement.where(Job.kind == kind)
        if state is not None:
            statement = statement.where(Job.state == state)
        return paginate(
            self._session, statement, Job.created_at, Job.id, limit=limit, cursor=cursor
        )

    def active_count(self) -> int:
        """How many of the user's jobs are queued or running."""
        active = Job.state.not_in(FINAL_STATES)
        statement = select(func.count()).where(Job.user_id == self._user_id, active)
        return self._session.scalar(statement) or 0

    def request_cancel(self, job_id: str, *, now: datetime) -> Job:
        """Asks a job to stop: a waiting one is cancelled at once, a running one at its next step.

        Asking again changes nothing.

        Raises:
            NotFoundError: the user has no such job.
            ConflictError: the job has ended (``JOB_ENDED``).
        """
        mine = (Job.id == job_id, Job.user_id == self._user_id)
        waiting = (
            update(Job)
            .where(*mine, Job.state == "queued")
            .values(state="cancelled", cancel_requested_at=now, finished_at=now)
        )
        running = (
            update(Job)
            .where(*mine, Job.state == "running", Job.cancel_requested_at.is_(None))
            .values(cancel_requested_at=now)
        )
        was_waiting = self._session.scalar(waiting.returning(Job.id)) is not None
        if not was_waiting:
            self._session.execute(running)
        job = self.get(job_id)
        if was_waiting:
            append_state(self._session, job, now=now)
        elif job.state != "running" and job.cancel_requested_at is None:
            raise ConflictError(
                f"the job has {job.state}",
                code="JOB_ENDED",
                hint="Only a queued or running job can be cancelled.",
            )
        return job

    def retry(self, job_id: str, *, now: datetime) -> Job:
        """Queues a failed or cancelled job again; it goes on from its checkpoint.

        Raises:
            NotFoundError: the user has no such job.
            ConflictError: the job has not failed or been cancelled (``JOB_NOT_RETRYABLE``).
        """
        mine = (Job.id == job_id, Job.user_id == self._user_id)
        # The attempt number goes on counting: it is the fencing token, so it never comes twice.
        again = (
            update(Job)
            .where(*mine, Job.state.in_(("failed", "cancelled")))
            .values(
                state="queued",
                max_attempts=Job.attempt + _RETRY_ATTEMPTS,
                error=None,
                cancel_requested_at=None,
                finished_at=None,
                not_before=None,
                sent_at=None,
            )
        )
        changed = self._session.scalar(again.returning(Job.id)) is not None
        job = self.get(job_id)
        if not changed:
            raise ConflictError(
                f"the job is {job.state}",
                code="JOB_NOT_RETRYABLE",
                hint="Only a failed or cancelled job can be tried again.",
            )
        append_state(self._session, job, now=now)
        return job

    def events_after(
        self, job_id: str, after_id: int = 0, *, limit: int = 500
    ) -> Sequence[JobEvent]:
        """The events of a job whose id is above ``after_id``, oldest first.

        Raises:
            NotFoundError: the user has no such job.
        """
        self.get(job_id)
        statement = (
            select(JobEvent)
            .where(JobEvent.job_id == job_id, JobEvent.id > after_id)
            .order_by(JobEvent.id)
            .limit(limit)
        )
        return self._session.scalars(statement).all()
