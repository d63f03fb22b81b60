"""Jobs as workers see them: which are due, who holds them, and how they end.

Everything is a conditional update. A claim takes a lease and raises ``attempt``; that number is
the fencing token of each later write, so a worker that lost its lease can change nothing any
more. A user's jobs of one kind run one at a time, and users take turns.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from idiolect.errors import LeaseLostError
from idiolect.store.models.job import Job
from idiolect.store.models.user import User
from idiolect.store.repositories.job import EventKind, append_event, append_state


def due(
    session: Session, queues: Sequence[str], *, now: datetime, resend_s: float, limit: int
) -> list[Job]:
    """The jobs whose wake-up should be sent now.

    They were never sent, or were sent ``resend_s`` seconds ago and nobody acted on it.
    """
    unanswered = or_(Job.sent_at.is_(None), Job.sent_at <= now - timedelta(seconds=resend_s))
    turn = func.row_number().over(partition_by=Job.user_id, order_by=(Job.created_at, Job.id))
    statement = (
        select(Job)
        .where(Job.queue.in_(queues), _claimable(now), unanswered)
        .order_by(turn, Job.created_at, Job.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def mark_sent(session: Session, job: Job, *, now: datetime) -> bool:
    """Books a wake-up as sent; False when another relay was quicker."""
    unchanged = Job.sent_at.is_(None) if job.sent_at is None else Job.sent_at == job.sent_at
    booked = update(Job).where(Job.id == job.id, unchanged).values(sent_at=now)
    return session.scalar(booked.returning(Job.id)) is not None


def mark_unsent(session: Session, job_id: str) -> None:
    """Takes the booking back, so that a waiting job is sent as soon as it is due."""
    session.execute(update(Job).where(Job.id == job_id, Job.state == "queued").values(sent_at=None))


def resumable(session: Session, job_ids: Iterable[str], *, ended_after: datetime) -> set[str]:
    """Those of the jobs that may go on: unfinished, or failed or cancelled after a moment."""
    recent = and_(Job.state.in_(("failed", "cancelled")), Job.finished_at > ended_after)
    open_or_recent = or_(Job.state.in_(("queued", "running")), recent)
    return set(session.scalars(select(Job.id).where(Job.id.in_(job_ids), open_or_recent)))


def claim(
    session: Session, job_id: str, *, worker_id: str, now: datetime, lease_s: float
) -> Job | None:
    """Takes a job for a worker until ``now + lease_s`` and raises its attempt number.

    Returns None when there is nothing to do: it has ended, another worker holds it, it is not
    due yet, or another job of its user and kind runs. It is sent again when it is due.
    """
    # PostgreSQL would let two claims of one user pass the check together; SQLite has one writer.
    owner = select(User.id).join(Job, Job.user_id == User.id).where(Job.id == job_id)
    session.execute(owner.with_for_update(of=User, key_share=True))
    taken = (
        update(Job)
        .where(Job.id == job_id, _claimable(now))
        .values(
            state="running",
            attempt=Job.attempt + 1,
            worker_id=worker_id,
            lease_until=now + timedelta(seconds=lease_s),
            not_before=None,
            sent_at=now,
            started_at=func.coalesce(Job.started_at, now),
        )
    )
    job = _returned(session, taken)
    if job is None:
        mark_unsent(session, job_id)
        return None
    append_state(session, job, now=now)
    return job


def renew(session: Session, job_id: str, attempt: int, *, now: datetime, lease_s: float) -> None:
    """Holds a claimed job until ``now + lease_s``.

    Raises:
        LeaseLostError: the job is no longer this attempt's.
    """
    _write(session, job_id, attempt, lease_until=now + timedelta(seconds=lease_s))


def stop_requested(session: Session, job_id: str, attempt: int) -> bool:
    """Whether the running job was asked to stop.

    Raises:
        LeaseLostError: the job is no longer this attempt's.
    """
    row = session.execute(select(Job.cancel_requested_at).where(*_held(job_id, attempt))).first()
    if row is None:
        raise _lost(job_id, attempt)
    return row[0] is not None


def record(
    session: Session,
    job_id: str,
    attempt: int,
    kind: EventKind,
    data: Mapping[str, Any],
    *,
    now: datetime,
    progress: float | None = None,
) -> None:
    """Appends an event of a running job and, when given, sets the share that is done.

    Raises:
        LeaseLostError: the job is no longer this attempt's.
    """
    _write(session, job_id, attempt, progress=Job.progress if progress is None else progress)
    append_event(session, job_id, kind, data, now=now)


def succeed(
    session: Session, job_id: str, attempt: int, result: Mapping[str, Any], *, now: datetime
) -> Job:
    """Ends a job with its result, in the same transaction as what the job publishes.

    Raises:
        LeaseLostError: the job is no longer this attempt's, so nothing may be published.
    """
    outcome = {"state": "succeeded", "progress": 1.0, "result": dict(result), "error": None}
    return _end(session, job_id, attempt, now, **outcome)


def fail(
    session: Session,
    job_id: str,
    attempt: int,
    error: Mapping[str, Any],
    *,
    now: datetime,
    retry_after_s: float | None,
) -> Job:
    """Records a failed attempt: tried again after ``retry_after_s``, or failed for good.

    None says that trying again cannot help; the last allowed attempt is final anyway.

    Raises:
        LeaseLostError: the job is no longer this attempt's.
    """
    allowed = session.scalar(select(Job.max_attempts).where(Job.id == job_id)) or 0
    if retry_after_s is None or attempt >= allowed:
        return _end(session, job_id, attempt, now, state="failed", error=dict(error))
    not_before = now + timedelta(seconds=retry_after_s)
    return _requeue(session, job_id, attempt, now, error=dict(error), not_before=not_before)


def release(session: Session, job_id: str, attempt: int, *, now: datetime) -> Job:
    """Gives a job back because its worker shuts down; it does not count as a failed attempt.

    Raises:
        LeaseLostError: the job is no longer this attempt's.
    """
    return _requeue(session, job_id, attempt, now, max_attempts=Job.max_attempts + 1)


def stop(session: Session, job_id: str, attempt: int, *, now: datetime) -> Job:
    """Ends a running job as cancelled.

    Raises:
        LeaseLostError: the job is no longer this attempt's.
    """
    return _end(session, job_id, attempt, now, state="cancelled")


def settle_abandoned(session: Session, *, now: datetime) -> list[Job]:
    """Ends the jobs whose worker vanished and that must not be tried again.

    One that was asked to stop is cancelled; one whose worker died on every allowed attempt has
    failed (``WORKER_LOST``).
    """
    expired = (Job.state == "running", Job.lease_until <= now)
    asked_to_stop = Job.cancel_requested_at.is_not(None)
    cancelled = (
        update(Job)
        .where(*expired, asked_to_stop)
        .values(state="cancelled", finished_at=now, lease_until=None)
    )
    failed = (
        update(Job)
        .where(*expired, ~asked_to_stop, Job.attempt >= Job.max_attempts)
        .values(state="failed", finished_at=now, lease_until=None, error=_WORKER_LOST)
    )
    ended = [job for end in (cancelled, failed) for job in session.scalars(end.returning(Job))]
    for job in ended:
        append_state(session, job, now=now)
    return ended


_WORKER_LOST = {
    "code": "WORKER_LOST",
    "message": "the worker died while it ran this job, on every attempt",
    "hint": "Often the memory ran out: look at the worker's log, then retry the job.",
}


def _claimable(now: datetime) -> ColumnElement[bool]:
    waiting = and_(Job.state == "queued", or_(Job.not_before.is_(None), Job.not_before <= now))
    abandoned = and_(
        Job.state == "running",
        Job.lease_until <= now,
        Job.attempt < Job.max_attempts,
        Job.cancel_requested_at.is_(None),
    )
    other = aliased(Job)
    blocked = exists().where(
        other.user_id == Job.user_id,
        other.kind == Job.kind,
        other.id != Job.id,
        other.state == "running",
    )
    return and_(or_(waiting, abandoned), ~blocked)


def _held(job_id: str, attempt: int) -> tuple[ColumnElement[bool], ...]:
    return (Job.id == job_id, Job.attempt == attempt, Job.state == "running")


def _lost(job_id: str, attempt: int) -> LeaseLostError:
    return LeaseLostError(f"attempt {attempt} of job {job_id} no longer holds it")


def _write(session: Session, job_id: str, attempt: int, **values: Any) -> Job:
    job = _returned(session, update(Job).where(*_held(job_id, attempt)).values(**values))
    if job is None:
        raise _lost(job_id, attempt)
    return job


def _end(session: Session, job_id: str, attempt: int, now: datetime, **values: Any) -> Job:
    job = _write(session, job_id, attempt, finished_at=now, lease_until=None, **values)
    append_state(session, job, now=now)
    return job


def _requeue(session: Session, job_id: str, attempt: int, now: datetime, **values: Any) -> Job:
    # Without sent_at the relay sends it as soon as it is due.
    back = {"state": "queued", "sent_at": None, "lease_until": None}
    job = _write(session, job_id, attempt, **back, **values)
    append_state(session, job, now=now)
    return job


def _returned(session: Session, statement: Any) -> Job | None:
    fresh = {"populate_existing": True}
    job: Job | None = session.scalar(statement.returning(Job), execution_options=fresh)
    return job
