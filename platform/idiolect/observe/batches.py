"""Batches: which observations are looked at together, as one propose job."""

from datetime import datetime

from sqlalchemy.orm import Session

from idiolect.store.models import Job
from idiolect.store.repositories.job import enqueue
from idiolect.store.repositories.observation import ObservationRepository


def close_batches(
    session: Session, user_id: str, *, size: int, now: datetime, partial: bool
) -> list[Job]:
    """Puts a user's unbatched observations, earliest first, into propose jobs of ``size`` each.

    Args:
        partial: whether what is left over closes a smaller batch or waits for more.
    """
    observations = ObservationRepository(session, user_id)
    jobs = []
    while left := len(observations.unbatched(size)):
        if left < size and not partial:
            break
        job = enqueue(session, user_id, "propose", {}, now=now)
        observations.claim_batch(job.id, size)
        jobs.append(job)
    return jobs
