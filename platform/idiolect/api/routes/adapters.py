"""Adapters: which there are, which one serves, and changing that."""

from fastapi import APIRouter

from idiolect.adapters.lifecycle import promote, roll_back
from idiolect.api.auth import Reader, Trainer
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.adapter import AdapterOut, PromotionIn, adapter_of
from idiolect.api.schemas.base import Listing
from idiolect.store.repositories.adapter import AdapterRepository

router = APIRouter(prefix="/api/adapters", tags=["adapters"])


@router.get("")
def adapters(
    who: Reader, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[AdapterOut]:
    """The adapters, the newest first."""
    with services.database.transaction() as session:
        page = AdapterRepository(session, who.user_id).page(limit=limit, cursor=cursor)
    return Listing(items=[adapter_of(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/rollback")
def roll_back_adapter(who: Trainer, services: ServicesDep) -> AdapterOut | None:
    """Puts the adapter before the serving one back; null when the base answers alone then."""
    with services.database.transaction() as session:
        row = roll_back(session, who.user_id, now=services.clock())
    return adapter_of(row) if row else None


@router.post("/{adapter_id}/promote")
def promote_adapter(
    adapter_id: Id,
    who: Trainer,
    services: ServicesDep,
    promotion: PromotionIn | None = None,
) -> AdapterOut:
    """Makes an adapter serve from the next request on; without the gate's word, with a reason."""
    reason = promotion.reason if promotion else None
    with services.database.transaction() as session:
        row = promote(session, who.user_id, adapter_id, now=services.clock(), reason=reason)
    return adapter_of(row)
