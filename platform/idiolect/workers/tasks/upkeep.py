"""Does a user's upkeep: ends what is due, archives what has decayed, measures the rest."""

import time
from dataclasses import asdict

from idiolect.errors import JobCancelledError
from idiolect.store.repositories.job import JobRepository
from idiolect.workers.execute import ClaimedJob, Publish
from idiolect.workers.services import WorkerServices


def upkeep(services: WorkerServices, job: ClaimedJob) -> Publish:
    """Runs the upkeep; the result is its report.

    Raises:
        JobCancelledError: the job was asked to stop; what was done until then stays.
    """
    started = time.perf_counter()
    with services.database.transaction() as session:
        earlier = JobRepository(session, job.user_id).list(
            kind="upkeep", state="succeeded", limit=1
        )

    def tell(done: float, stage: str) -> None:
        if job.should_stop():
            raise JobCancelledError("the upkeep was asked to stop")
        job.progress.share(done, stage)

    since = earlier.items[0].started_at if earlier.items else None
    report = services.upkeep.run(job.user_id, since=since, tell=tell)
    result = {**asdict(report), "seconds": time.perf_counter() - started}
    return lambda _: result
