"""Upkeep: how the last one left what is believed of the user; ``POST /api/jobs`` asks for one."""

from fastapi import APIRouter

from idiolect.api.auth import Admin
from idiolect.api.dependencies import ServicesDep
from idiolect.api.schemas.upkeep import UpkeepOut
from idiolect.store.repositories.job import JobRepository

router = APIRouter(prefix="/api/upkeep", tags=["upkeep"])


@router.get("")
def upkeep(who: Admin, services: ServicesDep) -> UpkeepOut | None:
    """What the last upkeep did and found; null before the first, which comes after a day."""
    with services.database.transaction() as session:
        page = JobRepository(session, who.user_id).list(kind="upkeep", state="succeeded", limit=1)
    if not page.items:
        return None
    [job] = page.items
    return UpkeepOut.model_validate(
        {**(job.result or {}), "job_id": job.id, "finished_at": job.finished_at}
    )
