"""The names under which /v1 offers models, and what each stands for."""

from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.adapters.lifecycle import current_adapter, reference
from idiolect.api.schemas.adapter import serving_name
from idiolect.assistant.context import Context
from idiolect.errors import NotFoundError
from idiolect.lm.protocols import AdapterRef, ChatMessage, PrefixRef
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.wiring import Services

PERSONAL = "idiolect"
"""What serves the user best now: their promoted adapter, and what is known of them."""

BASE = "idiolect-base"
"""The model as it is, for comparison."""

ADAPTER_PREFIX = serving_name("")
"""One adapter, named by its id, without what is known of the user."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What answers a request: an adapter or none, and whether the user is told about."""

    adapter: AdapterRef | None
    personalized: bool


def resolve(services: Services, user_id: str, name: str) -> Serving:
    """What a name stands for when this user asks.

    Raises:
        NotFoundError: the name is unknown, or that of another user's adapter
            (``MODEL_NOT_FOUND``).
    """
    if name == BASE:
        return Serving(None, personalized=False)
    if name == PERSONAL:
        services.prefixes.settle(user_id)
    with services.database.transaction() as session:
        if name == PERSONAL:
            adapter = current_adapter(session, user_id, services.blobs)
            return Serving(adapter, personalized=True)
        found = AdapterRepository(session, user_id).find(name.removeprefix(ADAPTER_PREFIX))
    if found is None or not name.startswith(ADAPTER_PREFIX):
        raise NotFoundError(
            f"there is no model {name} for this key",
            code="MODEL_NOT_FOUND",
            hint="GET /v1/models lists the names that this key can use.",
        )
    return Serving(reference(found, services.blobs), personalized=False)


def known_prefix(
    services: Services, user_id: str, serving: Serving, turns: Sequence[ChatMessage]
) -> PrefixRef | None:
    """What may be used again of what was computed for this user's contexts."""
    if not serving.personalized:
        is_talk = any(turn.role == "assistant" for turn in turns)
        return services.prefixes.talk(user_id) if is_talk else None
    charter = services.charters.of(user_id).version
    return services.prefixes.find(user_id, serving.adapter, charter)


def shown(
    services: Services, user_id: str, serving: Serving, turns: Sequence[ChatMessage]
) -> tuple[ChatMessage, ...]:
    """The messages that the model is given for a request's messages."""
    if serving.personalized:
        context: Context = services.assistant.contextualize(user_id, turns)
        return context.messages
    return tuple(turns)
