"""Who the caller is, and how their Idiolect stands."""

from fastapi import APIRouter

from idiolect.api.auth import AnyUser, Reader
from idiolect.api.dependencies import ServicesDep
from idiolect.api.readiness import probe
from idiolect.api.schemas.me import (
    CurrentAdapterOut,
    KeyOut,
    MeOut,
    ModelOut,
    StatusOut,
    UserOut,
)
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.job import JobRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.store.repositories.preference import PreferenceRepository

router = APIRouter(prefix="/api", tags=["me"])


@router.get("/me")
def me(who: AnyUser) -> MeOut:
    """The user and the key of this request."""
    return MeOut(
        user=UserOut(id=who.user_id, name=who.user_name),
        key=KeyOut(id=who.key_id, prefix=who.key_prefix, scopes=sorted(who.scopes)),
    )


@router.get("/status")
def status(who: Reader, services: ServicesDep) -> StatusOut:
    """Counts of what there is, what is running, and what speaks."""
    ready = "model" not in services.checks or probe("model", services).ok
    with services.database.transaction() as session:
        adapter = AdapterRepository(session, who.user_id).serving()
        return StatusOut(
            observations=ObservationRepository(session, who.user_id).count(),
            propositions=MemoryRepository(session, who.user_id).count(
                "proposition", scopes=who.shown
            ),
            preferences=PreferenceRepository(session, who.user_id).count(),
            preferences_needed=services.preferences_needed,
            jobs_active=JobRepository(session, who.user_id).active_count(),
            model=ModelOut(kind=services.model_kind, name=services.model.name, ready=ready),
            adapter=CurrentAdapterOut.model_validate(adapter) if adapter else None,
        )
