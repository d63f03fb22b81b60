"""Reads a batch of observations and revises what is believed of the user."""

import time
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from idiolect.store.repositories.observation import ObservationRepository
from idiolect.workers.execute import ClaimedJob, Publish
from idiolect.workers.services import WorkerServices
from idiolect.workers.tasks.suggest import ask_to_suggest


def propose(services: WorkerServices, job: ClaimedJob) -> Publish:
    """Processes the job's batch; a repeated attempt counts no evidence twice."""
    started = time.perf_counter()
    with services.database.transaction() as session:
        batch = ObservationRepository(session, job.user_id).in_batch(job.id)
    job.progress.share(0.0, f"reading {len(batch)} observations")
    report = services.user_model.process(job.user_id, [row.id for row in batch])
    result = {**asdict(report), "seconds": time.perf_counter() - started}

    def publish(session: Session) -> dict[str, Any]:
        ask_to_suggest(session, job.user_id, services.clock())
        return result

    return publish
