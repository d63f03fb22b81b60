"""Long work. The row is the job; a queue's message is only a wake-up."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class Job(Base):
    """One piece of work for a worker, claimed by a lease and fenced by its attempt number."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_jobs_state_queue", "state", "queue"),
        Index("ix_jobs_user_id_created_at", "user_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), doc="propose, suggest, train, reindex or upkeep")
    queue: Mapped[str] = mapped_column(String(10), doc="cpu or gpu")
    state: Mapped[str] = mapped_column(
        String(12), doc="queued, running, succeeded, failed or cancelled"
    )
    payload: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON_VALUE)
    error: Mapped[dict[str, Any] | None] = mapped_column(
        JSON_VALUE, doc="code, message and hint of what went wrong last"
    )
    progress: Mapped[float] = mapped_column(doc="share done, in [0, 1]")
    attempt: Mapped[int] = mapped_column(doc="how often a worker has claimed it")
    max_attempts: Mapped[int]
    worker_id: Mapped[str | None] = mapped_column(String(100))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(
        UtcDateTime, doc="when it is due: asked for so, or after a failure"
    )
    sent_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, doc="when the relay last sent its message; empty: to be sent"
    )
    cancel_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobEvent(Base):
    """One thing that a job said: a change of state, progress, metrics or a line of log."""

    __tablename__ = "job_events"
    __table_args__ = (Index("ix_job_events_job_id_id", "job_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20), doc="state, progress, metrics or log")
    data: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
