"""Thinks of what could be offered to a user, after something was learnt of them or when asked."""

import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.standing import read_settings
from idiolect.store.repositories.job import JobRepository, enqueue
from idiolect.workers.execute import ClaimedJob, Publish
from idiolect.workers.services import WorkerServices

ROUND_EVERY = timedelta(minutes=15)
"""Between the beginnings of two rounds. Batches may come every minute, and a round may ask a model;
more than one offer in this time would not come up anyway (``USUAL_BUCKET``)."""


def suggest(services: WorkerServices, job: ClaimedJob) -> Publish:
    """Makes a round of offers; a repeated attempt offers nothing twice."""
    started = time.perf_counter()
    job.progress.share(0.0, "looking for what could be offered")
    proposed = services.suggester.propose(job.user_id)

    def publish(session: Session) -> dict[str, Any]:
        if proposed is None:
            return {"enabled": False}
        report = services.suggester.store(session, job.user_id, proposed)
        counts = {**asdict(report), "unreachable": list(report.unreachable)}
        return {"enabled": True, **counts, "seconds": time.perf_counter() - started}

    return publish


def ask_to_suggest(session: Session, user_id: str, now: datetime) -> None:
    """Has a round made, unless one waits already or the user wants none.

    One that follows too soon waits until it is due, and then knows also what came meanwhile.
    """
    jobs = JobRepository(session, user_id)
    waits = jobs.list(kind="suggest", state="queued", limit=1).items
    if waits or not read_settings(session, user_id).enabled:
        return
    latest = next(iter(jobs.list(kind="suggest", limit=1).items), None)
    due_at = (latest.started_at or latest.created_at) + ROUND_EVERY if latest else now
    enqueue(session, user_id, "suggest", {}, now=now, not_before=due_at if due_at > now else None)
