"""POST /v1/chat/completions: what any OpenAI client can talk to."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from idiolect.api.auth import Chatter
from idiolect.api.dependencies import ServicesDep
from idiolect.api.openai.completion import Completion, answer, opened
from idiolect.api.openai.names import known_prefix, resolve, shown
from idiolect.api.schemas.openai import CompletionIn

router = APIRouter(prefix="/v1", tags=["openai"])


def opened_completion(
    asked: CompletionIn, who: Chatter, services: ServicesDep
) -> Iterator[Completion]:
    """A completion whose first piece has come; it is given up when the listener leaves."""
    serving = resolve(services, who.user_id, asked.model)
    messages = shown(services, who.user_id, serving, asked.turns())
    deltas = services.model.stream(
        messages,
        asked.sampling(),
        adapter=serving.adapter,
        prefix=known_prefix(services, who.user_id, serving, messages),
    )
    with opened(deltas, asked.model, services.clock()) as completion:
        yield completion


@router.post("/chat/completions", response_model=None)
def complete_chat(
    asked: CompletionIn, completion: Annotated[Completion, Depends(opened_completion)]
) -> Response:
    """Answers a conversation, at once or piece by piece."""
    return answer(asked, completion)
