"""Jobs: asking for long work, following it, stopping it and trying again."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Literal

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent

from idiolect.api.auth import Principal, Reader, Trainer
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.job import JobIn, JobOut
from idiolect.store.models import JobEvent
from idiolect.store.repositories.job import FINAL_STATES, JobRepository, enqueue
from idiolect.wiring import Services

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

POLL_S = 0.25

IdempotencyKey = Annotated[str | None, Header(max_length=200, pattern=r"^[\x21-\x7e]+$")]
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@router.post("", status_code=202)
def start_job(
    asked: JobIn, who: Trainer, services: ServicesDep, idempotency_key: IdempotencyKey = None
) -> JobOut:
    """Asks a worker to train, rebuild the vectors, think of suggestions or do the upkeep."""
    with services.database.transaction() as session:
        job = enqueue(
            session,
            who.user_id,
            asked.kind,
            asked.payload.as_json(),
            now=services.clock(),
            idempotency_key=idempotency_key,
        )
    return JobOut.model_validate(job)


@router.get("")
def jobs(
    who: Reader,
    services: ServicesDep,
    kind: Literal["propose", "suggest", "train", "reindex", "upkeep"] | None = None,
    state: JobState | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[JobOut]:
    """The jobs, the newest first."""
    with services.database.transaction() as session:
        page = JobRepository(session, who.user_id).list(
            limit=limit, cursor=cursor, kind=kind, state=state
        )
    return Listing(
        items=[JobOut.model_validate(row) for row in page.items], next_cursor=page.next_cursor
    )


def own_job(job_id: Id, who: Reader, services: ServicesDep) -> JobOut:
    """The job of the path, if it is the caller's."""
    with services.database.transaction() as session:
        return JobOut.model_validate(JobRepository(session, who.user_id).get(job_id))


OwnJob = Annotated[JobOut, Depends(own_job)]


@router.get("/{job_id}")
def job(found: OwnJob) -> JobOut:
    """One job."""
    return found


@router.get("/{job_id}/events", response_class=EventSourceResponse)
async def job_events(
    found: OwnJob,
    who: Reader,
    services: ServicesDep,
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """What the job says, from its beginning or after ``Last-Event-ID``, until it has ended.

    Asynchronous, so that a listener who waits holds no thread.
    """
    seen = last_event_id
    while True:
        ended, events = await anyio.to_thread.run_sync(_news, services, who, found.id, seen)
        for event in events:
            seen = event.id
            yield ServerSentEvent(event=event.kind, id=str(event.id), data=event.data)
        if ended and not events:
            return
        if not events:
            await anyio.sleep(POLL_S)


@router.post("/{job_id}/cancel", status_code=202)
def cancel_job(job_id: Id, who: Trainer, services: ServicesDep) -> JobOut:
    """Asks a job to stop; what it has done is kept in its checkpoint."""
    with services.database.transaction() as session:
        row = JobRepository(session, who.user_id).request_cancel(job_id, now=services.clock())
    return JobOut.model_validate(row)


@router.post("/{job_id}/retry", status_code=202)
def retry_job(job_id: Id, who: Trainer, services: ServicesDep) -> JobOut:
    """Queues a job again that failed or was cancelled."""
    with services.database.transaction() as session:
        row = JobRepository(session, who.user_id).retry(job_id, now=services.clock())
    return JobOut.model_validate(row)


def _news(
    services: Services, who: Principal, job_id: str, seen: int
) -> tuple[bool, Sequence[JobEvent]]:
    """Whether the job has ended, and what it said since.

    The state is read first: whatever was said before the end is then among the events.
    """
    with services.database.transaction() as session:
        repository = JobRepository(session, who.user_id)
        ended = repository.get(job_id).state in FINAL_STATES
        return ended, repository.events_after(job_id, seen)
