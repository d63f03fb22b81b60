"""Adapters: a user's own weights, and the card that says what they are."""

from datetime import datetime
from typing import Any

from pydantic import Field

from idiolect.api.schemas.base import FilledText, Input, Output
from idiolect.store.models import Memory
from idiolect.usermodel.memory.deletion import STALE


class AdapterOut(Output):
    """One adapter: candidate (``generated``), serving (``activated``) or superseded.

    ``stale`` says what it was made from and is no longer there; null while all of it is.
    """

    id: str
    version: int
    state: str
    created_at: datetime
    card: dict[str, Any]
    serving_name: str
    stale: str | None


class PromotionIn(Input):
    """Why an adapter should serve although it did not pass the gate."""

    reason: FilledText | None = Field(None, max_length=500)


def serving_name(adapter_id: str) -> str:
    """The name under which /v1 offers an adapter."""
    return f"adapter:{adapter_id}"


def adapter_of(memory: Memory) -> AdapterOut:
    """An adapter's row as it is shown."""
    return AdapterOut(
        id=memory.id,
        version=memory.version,
        state=memory.state,
        created_at=memory.recorded_at,
        card=memory.payload["card"],
        serving_name=serving_name(memory.id),
        stale=memory.payload.get(STALE),
    )
