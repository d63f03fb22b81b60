"""The context that an assistant needs: what is known of the user, within a budget."""

from typing import Annotated

from fastapi import APIRouter, Query

from idiolect.api.auth import Reader
from idiolect.api.dependencies import ServicesDep
from idiolect.api.schemas.context import ContextIn, ContextOut
from idiolect.assistant.briefing import brief
from idiolect.errors import ConflictError
from idiolect.usermodel.search import Asker

router = APIRouter(prefix="/api", tags=["context"])


@router.get("/context")
def context(who: Reader, services: ServicesDep, asked: Annotated[ContextIn, Query()]) -> ContextOut:
    """What is known of the user that bears on a query, the best first; their profile without one.

    The user's own keys are shown everything, those of assistants what is shared with them. The
    budget is kept by ``text``, by an estimate that fits the usual tokenizers.
    """
    if asked.rerank and not services.user_model.reranks:
        raise ConflictError(
            "no language model is set up to put facts in order",
            hint="Set IDIOLECT_USER_MODEL__RERANK=true, or leave rerank out.",
            code="RERANK_OFF",
        )
    asker = Asker(
        who.user_id,
        services.clock(),
        with_private=who.is_owner,
        scopes=who.shown,
    )
    briefing = brief(
        services.database,
        services.user_model,
        services.charters.of(who.user_id),
        asker,
        asked.query,
        budget_tokens=asked.budget_tokens,
        limit=asked.limit,
        with_evidence=asked.evidence,
        rerank=asked.rerank,
    )
    return ContextOut.model_validate(briefing)
