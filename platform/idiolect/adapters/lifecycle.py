"""The life of an adapter: candidate, promoted, superseded; one serves a user at a time.

Every function works in the caller's transaction, so a change happens whole or not at all.
A promoted adapter remembers the one it took over from, to which rolling back returns.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from idiolect.errors import ConflictError
from idiolect.lm.protocols import AdapterRef
from idiolect.store.blobs import BlobStore
from idiolect.store.models import Memory
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import SYSTEM
from idiolect.store.repositories.preference import PreferenceRepository
from idiolect.usermodel.memory.deletion import STALE
from idiolect.usermodel.memory.promotion import BASE_CHANGED

if TYPE_CHECKING:
    from idiolect.adapters.card import AdapterCard  # needs torch, which the API never loads


def register(
    session: Session,
    user_id: str,
    *,
    card: "AdapterCard",
    blob_key: str,
    trained_on: Sequence[str],
    now: datetime,
) -> Memory:
    """Adds a trained adapter as a candidate, linked to what it learned from.

    What of the user acted when the preferences were chosen is linked, too: to delete that makes the
    adapter stale.

    Args:
        card: what it was made from and what the gate saw.
        blob_key: where its files lie; the key's last part is their hash.
        trained_on: ids of the preferences that it learned from.
        now: the present moment.
    """
    acted = PreferenceRepository(session, user_id).acted_on(trained_on)
    knew = MemoryRepository(session, user_id).lineages_of(acted)
    return AdapterRepository(session, user_id).add(
        payload={"card": card.as_dict(), "takes_over_from": None, "promotion_reason": None},
        blob_key=blob_key,
        content_hash=blob_key.rpartition("/")[2],
        trained_on=trained_on,
        knew=knew,
        now=now,
    )


def promote(
    session: Session,
    user_id: str,
    adapter_id: str,
    *,
    now: datetime,
    reason: str | None = None,
    actor: str = SYSTEM,
) -> Memory:
    """Makes an adapter the one that serves its user; the one before is kept, superseded.

    Args:
        reason: why it is promoted although the gate did not say so; recorded.
        actor: who promotes it: the user, the system, or the id of an API key.

    Raises:
        NotFoundError: the user has no such adapter.
        ConflictError: it serves already, the gate was not passed and there is no reason, or it was
            trained for another base model than the one that serves.
    """
    adapters = AdapterRepository(session, user_id)
    adapters.lock()
    before = adapters.serving()
    adapter = adapters.get(adapter_id)
    if adapter.payload.get(STALE) == BASE_CHANGED:
        raise ConflictError(
            f"adapter {adapter_id} was trained for another base model",
            hint="Train it again on the present one.",
            code="ADAPTER_OF_ANOTHER_BASE",
        )
    if not (adapter.payload["card"]["gate"]["promoted"] or reason):
        raise ConflictError(
            f"adapter {adapter_id} has not passed the gate",
            hint="Read its card; to promote it all the same, give a reason.",
            code="GATE_NOT_PASSED",
        )
    memories = MemoryRepository(session, user_id, actor)
    _put_into_service(memories, adapter, before, now, reason or "it passed the gate")
    adapter.payload = {
        **adapter.payload,
        "takes_over_from": before.id if before else None,
        "promotion_reason": reason,
    }
    session.flush()
    return adapter


def roll_back(
    session: Session, user_id: str, *, now: datetime, actor: str = SYSTEM
) -> Memory | None:
    """Takes the serving adapter out and puts the one before it back.

    Returns:
        The adapter that serves now, None when the base answers alone.

    Raises:
        ConflictError: no adapter serves, so there is nothing to roll back.
    """
    adapters = AdapterRepository(session, user_id)
    adapters.lock()
    current = adapters.serving()
    if current is None:
        raise ConflictError("no adapter is promoted", hint="Promote one first.")
    memories = MemoryRepository(session, user_id, actor)
    earlier = adapters.find(current.payload["takes_over_from"] or "")
    if earlier is None:  # the first one promoted, or the earlier one was erased
        _retire(memories, current, now, "rolled back to the base")
    else:
        _put_into_service(memories, earlier, current, now, "rolled back")
    session.flush()
    return earlier


def current_adapter(session: Session, user_id: str, blobs: BlobStore) -> AdapterRef | None:
    """The adapter that serves a user, named by its id; None when the base answers alone."""
    adapter = AdapterRepository(session, user_id).serving()
    return None if adapter is None else reference(adapter, blobs)


def reference(adapter: Memory, blobs: BlobStore) -> AdapterRef:
    """An adapter by its immutable name, with the folder of its files.

    Raises:
        ConflictError: its files were erased.
    """
    if adapter.blob_key is None:
        raise ConflictError(f"the files of adapter {adapter.id} were erased")
    return AdapterRef(name=adapter.id, path=blobs.path(adapter.blob_key))


def _put_into_service(
    memories: MemoryRepository, adapter: Memory, before: Memory | None, now: datetime, reason: str
) -> None:
    memories.transition(adapter, "activated", now, reason=reason)
    adapter.valid_from, adapter.valid_to = now, None
    if before is not None:
        _retire(memories, before, now, "another adapter took over")


def _retire(memories: MemoryRepository, adapter: Memory, now: datetime, reason: str) -> None:
    memories.transition(adapter, "archived", now, reason=reason)
    adapter.valid_to = now
