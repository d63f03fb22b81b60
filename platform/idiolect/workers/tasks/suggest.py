"""Thinks of what could be offered to a user, after something was learnt of them or when asked."""

import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.standing import read_settings
from idiolect.store.repositories.job import JobRepository, enqueue
from idiolect.workers.execute import ClaimedJob, Publish
from idiolect.workers.services import WorkerServices


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
    """Has a round made, unless one waits already or the user wants none."""
    waiting = JobRepository(session, user_id).list(kind="suggest", state="queued", limit=1).items
    if not waiting and read_settings(session, user_id).enabled:
        enqueue(session, user_id, "suggest", {}, now=now)
