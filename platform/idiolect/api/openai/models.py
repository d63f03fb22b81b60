"""GET /v1/models: the names that a key can ask for."""

from datetime import UTC, datetime

from fastapi import APIRouter

from idiolect.api.auth import Chatter
from idiolect.api.dependencies import ServicesDep
from idiolect.api.openai.names import BASE, PERSONAL
from idiolect.api.schemas.adapter import serving_name
from idiolect.api.schemas.openai import ModelOut, ModelsOut
from idiolect.store.repositories.adapter import AdapterRepository

router = APIRouter(prefix="/v1", tags=["openai"])

NEWEST_ADAPTERS = 100
_EPOCH = datetime.fromtimestamp(0, UTC)


@router.get("/models")
def models(who: Chatter, services: ServicesDep) -> ModelsOut:
    """The personal assistant, the base model, and each of the user's adapters."""
    names = [(PERSONAL, _EPOCH), (BASE, _EPOCH)]
    with services.database.transaction() as session:
        page = AdapterRepository(session, who.user_id).page(limit=NEWEST_ADAPTERS)
    names += [(serving_name(adapter.id), adapter.recorded_at) for adapter in page.items]
    return ModelsOut(
        data=[
            ModelOut(id=name, created=int(at.timestamp()), owned_by="idiolect")
            for name, at in names
        ]
    )
