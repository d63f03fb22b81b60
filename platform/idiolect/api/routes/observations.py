"""Observations: taking in what was seen, and reading it back."""

from fastapi import APIRouter

from idiolect.api.auth import Admin, Observer
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.observation import ObservationOut
from idiolect.observe.wire import ObservationBatch, ObservationReceipt
from idiolect.store.repositories.observation import ObservationRepository

router = APIRouter(prefix="/api/observations", tags=["observations"])


@router.post("", status_code=202)
def ingest(batch: ObservationBatch, who: Observer, services: ServicesDep) -> ObservationReceipt:
    """Stores what is new in a batch; each item is judged by itself."""
    return services.ingestor.ingest(who.user_id, batch.items)


@router.get("")
def observations(
    who: Admin, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[ObservationOut]:
    """What was observed, the latest first."""
    with services.database.transaction() as session:
        page = ObservationRepository(session, who.user_id).page(limit=limit, cursor=cursor)
    return Listing(
        items=[ObservationOut.model_validate(row) for row in page.items],
        next_cursor=page.next_cursor,
    )


@router.get("/{observation_id}")
def observation(observation_id: Id, who: Admin, services: ServicesDep) -> ObservationOut:
    """One observation."""
    with services.database.transaction() as session:
        row = ObservationRepository(session, who.user_id).get(observation_id)
    return ObservationOut.model_validate(row)
