"""What must hold before a verb does its work; each raises an error that says what to do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from idiolect.errors import ConflictError, InvalidInputError
from idiolect.store.models import Memory
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.memory_event import USER
from idiolect.store.repositories.memory_queries import MemoryQueries
from idiolect.usermodel.charter.preferences import is_contested
from idiolect.usermodel.memory.act import Act

TEXT_KINDS: tuple[Kind, ...] = ("proposition", "profile")
"""The kinds whose content is their text."""

_OPEN = frozenset({"generated", "activated", "archived"})


class Changes(TypedDict, total=False):
    """What ``update`` may change."""

    text: str | None
    reasoning: str | None
    confidence: float | None
    durability: float | None
    payload: dict[str, Any]
    valid_from: datetime | None
    valid_to: datetime | None
    supported_at: datetime | None
    expires_at: datetime | None


def require_sound(kind: str, fields: Mapping[str, Any]) -> None:
    """A text where the kind is text, probabilities in their range, and a state to begin with.

    Raises:
        InvalidInputError: one is missing or out of range.
    """
    if fields.get("state", "generated") not in _OPEN:
        raise InvalidInputError(
            f"no memory begins as {fields['state']}", hint=f"Use one of {', '.join(sorted(_OPEN))}."
        )
    if kind in TEXT_KINDS and not (fields.get("text") or "").strip():
        raise InvalidInputError(f"a {kind} needs a text")
    confidence, durability = fields.get("confidence"), fields.get("durability")
    if confidence is not None and not 0.0 < confidence < 1.0:
        raise InvalidInputError("confidence is a probability between 0 and 1, without its ends")
    if durability is not None and not 0.0 <= durability <= 1.0:
        raise InvalidInputError("durability is a number from 0 to 1")


def require_seen(memory: Memory, act: Act) -> None:
    """The version that the actor saw is the current one.

    Raises:
        ConflictError: it is not.
    """
    if act.expected_version not in (None, memory.version):
        raise ConflictError(
            f"memory {memory.id} is at version {memory.version}, not {act.expected_version}",
            hint="Read the memory again, and decide on what it says now.",
        )


def require_open(memory: Memory) -> None:
    """The memory still changes.

    Raises:
        ConflictError: it was merged or has expired.
    """
    if memory.state not in _OPEN:
        raise ConflictError(
            f"a memory that is {memory.state} no longer changes",
            hint="Change the one that took it in, or add a new one.",
        )


def require_no_adapter(memory: Memory) -> None:
    """The memory is none that the life cycle of adapters moves: one of these serves at a time.

    Raises:
        ConflictError: it is an adapter.
    """
    if memory.kind == "adapter":
        raise ConflictError(
            f"{memory.id} is an adapter, and neither changes nor goes in and out of service here",
            hint="Promote an adapter or roll back with `idiolect adapters`.",
        )


def require_unpinned(memory: Memory, act: Act) -> None:
    """Nobody pinned the memory; its owner may merge a pinned one.

    Raises:
        ConflictError: it is pinned.
    """
    if memory.pinned and act.actor != USER:
        raise ConflictError(
            f"memory {memory.id} is pinned", hint="Its owner can unpin it, or do this themself."
        )


def require_not_rejected(memory: Memory) -> None:
    """The user has not said that this version is false.

    Raises:
        ConflictError: they have.
    """
    if memory.payload.get("verdict") == "rejected":
        raise ConflictError(
            f"the user has rejected memory {memory.id}",
            hint="The user can confirm it; that lets it act again.",
        )


def require_not_private(memories: MemoryQueries, memory: Memory) -> None:
    """The user has not rated it private.

    Raises:
        ConflictError: they have.
    """
    if memories.private([memory.lineage_id]):
        raise ConflictError(
            f"memory {memory.id} is rated private",
            hint="Take the rating back with `idiolect profile unrate`, and share it then.",
        )


def require_uncontested(memory: Memory) -> None:
    """The user does not dispute it.

    Raises:
        ConflictError: they do.
    """
    if is_contested(memory.payload):
        raise ConflictError(
            f"memory {memory.id} is contested, and waits until that is settled",
            hint="Settle it with `idiolect profile settle`, and do this then.",
        )
