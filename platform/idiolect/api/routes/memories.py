"""Memories of every kind: reading them as they are or were, and every act of their life.

A key is shown what is shared with it; what is not is to it as if it were not there. All acts are
the owner's.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from pydantic import AwareDatetime
from starlette.background import BackgroundTask

from idiolect.api.auth import Admin, Reader
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing, PlainText
from idiolect.api.schemas.memory import (
    UNTOLD,
    ActIn,
    DeletionOut,
    ExpiryIn,
    ImportOut,
    MemoryChangeIn,
    MemoryDetailOut,
    MemoryEventOut,
    MemoryHistoryOut,
    MemoryOut,
    MemoryState,
    MergeIn,
    ProvenanceOut,
    RollBackIn,
    ShareIn,
    SimpleVerb,
    deletion_of,
    memory_detail,
    memory_of,
    provenance_of,
)
from idiolect.store.models import Memory
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.memory_event import LONGEST_REASON, MemoryEventRepository
from idiolect.usermodel.memory.act import Act, by_user, scopes_of
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.memory.reader import MemoryReader

router = APIRouter(prefix="/api/memories", tags=["memories"])

ARCHIVE_TYPE = "application/zip"
ARCHIVE_NAME = "idiolect-memories.zip"

_VERBS: dict[SimpleVerb, Callable[[Memories, str, str, Act], Memory]] = {
    "archive": Memories.archive,
    "restore": Memories.restore,
    "pin": Memories.pin,
    "unpin": Memories.unpin,
    "unshare": Memories.unshare,
}

ReasonText = Annotated[PlainText, Query(min_length=1, max_length=LONGEST_REASON)]
SeenVersion = Annotated[int | None, Query(ge=1)]


def reader_of(who: Reader, services: ServicesDep) -> MemoryReader:
    """The user's memories as the key of this request is shown them."""
    scopes = None if who.is_owner else scopes_of(who.key_id)
    return MemoryReader(services.database, who.user_id, scopes)


MemoriesDep = Annotated[MemoryReader, Depends(reader_of)]


@router.get("")
def memories(
    shown: MemoriesDep,
    kind: Kind = "proposition",
    state: MemoryState = "activated",
    as_of: Annotated[AwareDatetime | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[MemoryOut]:
    """The memories of a kind and state, the newest first, as they are or were at a moment."""
    if as_of is None:
        page = shown.page(kind, states=(state,), limit=limit, cursor=cursor)
        return Listing(items=list(map(memory_of, page.items)), next_cursor=page.next_cursor)
    then = shown.as_of(as_of, kind, states=(state,), limit=limit, cursor=cursor)
    return Listing(
        items=[memory_of(believed.memory, believed.state) for believed in then.items],
        next_cursor=then.next_cursor,
    )


@router.get("/events")
def all_events(
    who: Admin, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[MemoryEventOut]:
    """What was done to all memories, by whom and why, the latest first."""
    with services.database.transaction() as session:
        page = MemoryEventRepository(session, who.user_id).page(limit=limit, cursor=cursor)
    events = [MemoryEventOut.model_validate(event) for event in page.items]
    return Listing(items=events, next_cursor=page.next_cursor)


@router.get(
    "/export",
    response_class=FileResponse,
    responses={200: {"content": {ARCHIVE_TYPE: {}}, "description": "The archive."}},
)
def export_memories(who: Admin, services: ServicesDep, reason: ReasonText = UNTOLD) -> FileResponse:
    """All memories of all kinds with versions, links, audit and files, as one archive."""
    work = tempfile.TemporaryDirectory(prefix="idiolect-export-")
    archive = Path(work.name) / ARCHIVE_NAME
    try:
        services.transfer.export(who.user_id, archive, by_user(reason), services.clock())
    except BaseException:
        work.cleanup()
        raise
    return FileResponse(
        archive,
        media_type=ARCHIVE_TYPE,
        filename=ARCHIVE_NAME,
        background=BackgroundTask(work.cleanup),
    )


@router.post(
    "/import",
    openapi_extra={"requestBody": {"content": {ARCHIVE_TYPE: {}}, "required": True}},
)
async def import_memories(
    request: Request, who: Admin, services: ServicesDep, reason: ReasonText = UNTOLD
) -> ImportOut:
    """Takes an archive in, all of it or nothing; the body is the file.

    What is there already stays as it is, and what was forgotten stays forgotten.
    """
    with tempfile.TemporaryDirectory(prefix="idiolect-import-") as work:
        archive = Path(work) / ARCHIVE_NAME
        async with await anyio.open_file(archive, "wb") as file:
            async for chunk in request.stream():
                await file.write(chunk)
        imported = await anyio.to_thread.run_sync(
            services.transfer.import_, who.user_id, archive, by_user(reason), services.clock()
        )
    return ImportOut.model_validate(imported)


@router.post("/merge", status_code=201)
def merge_memories(asked: MergeIn, who: Admin, services: ServicesDep) -> MemoryOut:
    """Makes one memory of several, with the evidence of all."""
    act = by_user(asked.reason)
    return memory_of(services.memories.merge(who.user_id, asked.ids, act, text=asked.text))


@router.get("/{memory_id}")
def memory(memory_id: Id, shown: MemoriesDep) -> MemoryDetailOut:
    """One memory in its current version; any of its versions' ids will do."""
    return memory_detail(shown.get(memory_id))


@router.get("/{memory_id}/history")
def memory_history(memory_id: Id, shown: MemoriesDep) -> MemoryHistoryOut:
    """All versions of a memory, the oldest first."""
    return MemoryHistoryOut(items=list(map(memory_of, shown.history(memory_id))))


@router.get("/{memory_id}/provenance")
def memory_provenance(memory_id: Id, shown: MemoriesDep) -> ProvenanceOut:
    """What a memory rests on, and what rests on it, as trees."""
    return provenance_of(shown.provenance(memory_id))


@router.get("/{memory_id}/events")
def memory_events(
    memory_id: Id, _: Admin, shown: MemoriesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[MemoryEventOut]:
    """What was done to a memory, by whom and why, the latest first."""
    page = shown.events(memory_id, limit=limit, cursor=cursor)
    events = [MemoryEventOut.model_validate(event) for event in page.items]
    return Listing(items=events, next_cursor=page.next_cursor)


@router.get("/{memory_id}/deletion")
def expected_deletion(memory_id: Id, who: Admin, services: ServicesDep) -> DeletionOut:
    """What deleting a memory would take with it; nothing is changed."""
    return deletion_of(services.memories.expected_deletion(who.user_id, memory_id))


@router.patch("/{memory_id}")
def change_memory(
    memory_id: Id, change: MemoryChangeIn, who: Admin, services: ServicesDep
) -> MemoryOut:
    """Appends a version that says something else; of another version than the current one: 409."""
    act = by_user(change.reason, change.version)
    return memory_of(services.memories.update(who.user_id, memory_id, act, **change.changes()))


@router.post("/{memory_id}/share")
def share_memory(memory_id: Id, asked: ShareIn, who: Admin, services: ServicesDep) -> MemoryOut:
    """Shows a memory to all assistants or to one, in place of those it was shown to before."""
    shared = services.memories.share(who.user_id, memory_id, asked.scope, _act(asked))
    return memory_of(shared)


@router.post("/{memory_id}/expiry")
def expire_memory(memory_id: Id, asked: ExpiryIn, who: Admin, services: ServicesDep) -> MemoryOut:
    """Has a memory end at a moment to come, or no longer."""
    return memory_of(services.memories.expire_at(who.user_id, memory_id, asked.at, _act(asked)))


@router.post("/{memory_id}/rollback")
def roll_back_memory(
    memory_id: Id, asked: RollBackIn, who: Admin, services: ServicesDep
) -> MemoryOut:
    """Appends a version with the content of an earlier one."""
    rolled_back = services.memories.roll_back(who.user_id, memory_id, asked.to_version, _act(asked))
    return memory_of(rolled_back)


@router.post("/{memory_id}/{verb}")
def act_on_memory(
    memory_id: Id, verb: SimpleVerb, who: Admin, services: ServicesDep, asked: ActIn | None = None
) -> MemoryOut:
    """Archives a memory or restores it, pins or unpins it, or makes it private again."""
    act = _act(asked or ActIn())
    return memory_of(_VERBS[verb](services.memories, who.user_id, memory_id, act))


@router.delete("/{memory_id}")
def delete_memory(
    memory_id: Id,
    who: Admin,
    services: ServicesDep,
    version: SeenVersion = None,
    reason: ReasonText = UNTOLD,
) -> DeletionOut:
    """Erases a memory with all that rests on it alone, and keeps it from being learned again."""
    deletion = services.memories.delete(who.user_id, memory_id, by_user(reason, version))
    return deletion_of(deletion)


def _act(asked: ActIn) -> Act:
    return by_user(asked.reason, asked.version)
