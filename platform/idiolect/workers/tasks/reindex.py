"""Rebuilds a user's vectors from the database."""

import time

from idiolect.workers.execute import ClaimedJob, Publish
from idiolect.workers.services import WorkerServices


def reindex(services: WorkerServices, job: ClaimedJob) -> Publish:
    """Drops the user's vectors and makes them again."""
    started = time.perf_counter()
    job.progress.share(0.0, "rebuilding the index")
    vectors = services.user_model.reindex(job.user_id)
    result = {"vectors": vectors, "seconds": time.perf_counter() - started}
    return lambda _: result
