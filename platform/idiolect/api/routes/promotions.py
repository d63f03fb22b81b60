"""Promotion of what is known to keys and values or to weights, and demotion."""

from fastapi import APIRouter

from idiolect.api.auth import Admin
from idiolect.api.dependencies import Id, ServicesDep
from idiolect.api.schemas.job import JobOut
from idiolect.api.schemas.memory import MemoryOut, memory_detail, memory_of
from idiolect.api.schemas.memory_act import ActIn
from idiolect.api.schemas.promotion import MemoryPromotionIn, MemoryPromotionOut
from idiolect.errors import NotReadyError
from idiolect.usermodel.memory.act import by_user

router = APIRouter(prefix="/api/memories", tags=["memories"])


@router.post("/promotions", status_code=201)
def promote(asked: MemoryPromotionIn, who: Admin, services: ServicesDep) -> MemoryPromotionOut:
    """Computes what stands first in all contexts, or asks for a training.

    ``kv`` keeps the keys and values of the rules and wishes that begin every context, so that
    replies begin sooner and say the same. ``lora`` queues a training; its gate decides.
    """
    if asked.to == "steering":
        raise NotReadyError(
            "no training of steering vectors is part of this version",
            hint="Promote to lora, which trains an adapter, or to kv.",
        )
    act = by_user(asked.reason)
    if asked.to == "lora":
        job = services.prefixes.promotions.train(who.user_id, act)
        return MemoryPromotionOut(to="lora", memory=None, job=JobOut.model_validate(job))
    standing = services.assistant.standing(who.user_id, for_owner=who.is_owner)
    kept = services.prefixes.promote(who.user_id, standing, act)
    return MemoryPromotionOut(to="kv", memory=memory_detail(kept), job=None)


@router.post("/{memory_id}/demote")
def demote(
    memory_id: Id, who: Admin, services: ServicesDep, asked: ActIn | None = None
) -> MemoryOut:
    """Ends a computed prefix, or takes an adapter, steering vector or reward out of service."""
    told = asked or ActIn()
    act = by_user(told.reason, told.version)
    demoted = services.prefixes.promotions.demote(who.user_id, memory_id, act)
    services.prefixes.forget(who.user_id)
    return memory_of(demoted)
