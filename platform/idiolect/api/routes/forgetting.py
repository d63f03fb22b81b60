"""Forgetting: a preview, the erasure, and its receipts."""

from fastapi import APIRouter

from idiolect.api.auth import Admin
from idiolect.api.dependencies import Cursor, Limit, ServicesDep
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.forgetting import PreviewOut, ReceiptOut, ScopeIn
from idiolect.usermodel.memory.act import by_user

router = APIRouter(prefix="/api/forgetting", tags=["forgetting"])


@router.post("/preview")
def preview(asked: ScopeIn, who: Admin, services: ServicesDep) -> PreviewOut:
    """What would be erased; nothing is changed."""
    return PreviewOut.model_validate(services.forgetter.preview(who.user_id, asked.as_scope()))


@router.post("")
def forget(asked: ScopeIn, who: Admin, services: ServicesDep) -> ReceiptOut:
    """Erases it for good, and keeps it from being learned again; the receipt does not repeat it."""
    act = by_user("forgotten")
    return ReceiptOut.model_validate(services.forgetter.forget(who.user_id, asked.as_scope(), act))


@router.get("")
def receipts(
    who: Admin, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[ReceiptOut]:
    """What was erased so far, the latest first."""
    page = services.forgetter.receipts(who.user_id, limit=limit, cursor=cursor)
    return Listing(
        items=[ReceiptOut.model_validate(one) for one in page.items], next_cursor=page.next_cursor
    )
