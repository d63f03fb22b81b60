"""The context that an assistant needs: what is known of the user, within a budget."""

from typing import Annotated

from fastapi import APIRouter, Query

from idiolect.api.auth import Reader
from idiolect.api.dependencies import ServicesDep
from idiolect.api.schemas.base import PlainText
from idiolect.api.schemas.context import ContextOut
from idiolect.assistant.briefing import brief
from idiolect.usermodel.memory.act import scopes_of
from idiolect.usermodel.search import Asker

router = APIRouter(prefix="/api", tags=["context"])


@router.get("/context")
def context(
    who: Reader,
    services: ServicesDep,
    query: Annotated[PlainText, Query(max_length=4000)] = "",
    budget_tokens: Annotated[int, Query(ge=100, le=8000)] = 500,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    evidence: bool = False,
) -> ContextOut:
    """What is known of the user that bears on a query, the best first; their profile without one.

    The user's own keys are shown everything, those of assistants what is shared with them. A
    token of the budget is four characters of ``text``.
    """
    asker = Asker(
        who.user_id,
        services.clock(),
        with_private=who.is_owner,
        scopes=None if who.is_owner else scopes_of(who.key_id),
    )
    briefing = brief(
        services.database,
        services.user_model,
        services.charters.of(who.user_id),
        asker,
        query,
        budget_tokens=budget_tokens,
        limit=limit,
        with_evidence=evidence,
    )
    return ContextOut.model_validate(briefing)
