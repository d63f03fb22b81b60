"""Memories of every kind: reading them as they are or were, and every act of their life.

A key is shown what is shared with it; what is not is to it as if it were not there. All acts are
the owner's.
"""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from idiolect.api.auth import Admin, Reader
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.schemas.base import Listing, PlainText
from idiolect.api.schemas.memory import (
    DeletionOut,
    FoundMemoriesOut,
    ListedMemoryOut,
    MemoryDetailOut,
    MemoryEventOut,
    MemoryHistoryOut,
    MemoryOut,
    MemoryState,
    ProvenanceOut,
    believed,
    deletion_of,
    found_memory,
    listed,
    memory_detail,
    memory_of,
    provenance_of,
)
from idiolect.api.schemas.memory_act import (
    UNTOLD,
    ActIn,
    ExpiryIn,
    MemoryChangeIn,
    MergeIn,
    NewMemoryIn,
    ReasonText,
    RollBackIn,
    ShareIn,
    SimpleVerb,
)
from idiolect.store.models import Memory
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.usermodel.memory.act import Act, by_user
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.memory.reader import MemoryReader
from idiolect.usermodel.search import Asker, Question

router = APIRouter(prefix="/api/memories", tags=["memories"])

SearchText = Annotated[PlainText, Query(max_length=1000)]
SearchLimit = Annotated[int, Query(ge=1, le=50)]
Moment = Annotated[AwareDatetime | None, Query()]
SeenVersion = Annotated[int | None, Query(ge=1)]


def reader_of(who: Reader, services: ServicesDep) -> MemoryReader:
    """The user's memories as the key of this request is shown them."""
    return MemoryReader(services.database, who.user_id, who.shown)


MemoriesDep = Annotated[MemoryReader, Depends(reader_of)]


@router.get("")
def memories(
    shown: MemoriesDep,
    services: ServicesDep,
    kind: Kind = "proposition",
    state: MemoryState = "activated",
    as_of: Moment = None,
    held_at: Moment = None,
    why: bool = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Listing[ListedMemoryOut]:
    """The memories of a kind and state, the newest first, as they are or were at a moment.

    ``as_of`` asks what was believed then; ``held_at`` keeps what was believed to be so in the world
    at that other moment; ``why`` adds what each rested on then, and the act that had it believed.
    """
    if as_of is None and held_at is None and not why:
        page = shown.page(kind, states=(state,), limit=limit, cursor=cursor)
        return Listing(items=list(map(listed, page.items)), next_cursor=page.next_cursor)
    moment = as_of or services.clock()
    then = shown.as_of(moment, kind, states=(state,), held=held_at, limit=limit, cursor=cursor)
    return Listing(
        items=[believed(one, why=why) for one in then.items], next_cursor=then.next_cursor
    )


@router.get("/search")
def search_memories(
    who: Reader,
    shown: MemoriesDep,
    services: ServicesDep,
    query: SearchText,
    as_of: Moment = None,
    held_at: Moment = None,
    why: bool = False,
    limit: SearchLimit = 10,
) -> FoundMemoriesOut:
    """The propositions that fit a query, the best first, as they are or were at a moment.

    ``as_of``, ``held_at`` and ``why`` are those of the list.
    """
    moment = as_of or services.clock()
    asker = Asker(who.user_id, moment, who.is_owner, who.shown)
    question = Question(query, limit)
    if as_of is None and held_at is None:
        [found] = services.user_model.search_each(asker, [question])
    else:
        found = services.user_model.recall(asker, question, moment, held_at)
    then = shown.explain([one.memory for one in found], moment)
    return FoundMemoriesOut(
        items=[
            found_memory(one, explained, why=why)
            for one, explained in zip(found, then, strict=True)
        ]
    )


@router.post("", status_code=201)
def add_memory(asked: NewMemoryIn, who: Admin, services: ServicesDep) -> MemoryOut:
    """Remembers something in the user's own words; it acts at once unless told otherwise."""
    return memory_of(
        services.memories.add(
            who.user_id,
            asked.kind,
            by_user(asked.reason),
            derived_from=asked.derived_from,
            **asked.fields(services.clock()),
        )
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
    shared = services.memories.rulings.share(who.user_id, memory_id, asked.scope, _act(asked))
    return memory_of(shared)


@router.post("/{memory_id}/expiry")
def expire_memory(memory_id: Id, asked: ExpiryIn, who: Admin, services: ServicesDep) -> MemoryOut:
    """Has a memory end at a moment to come, or no longer."""
    return memory_of(
        services.memories.rulings.expire_at(who.user_id, memory_id, asked.at, _act(asked))
    )


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
    """Lets a memory act, archives, restores or ends it, pins or unpins it, or unshares it."""
    act = _act(asked or ActIn())
    return memory_of(_simple(services.memories)[verb](who.user_id, memory_id, act))


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


def _simple(verbs: Memories) -> Mapping[SimpleVerb, Callable[[str, str, Act], Memory]]:
    return {
        "activate": verbs.activate,
        "archive": verbs.archive,
        "restore": verbs.restore,
        "expire": verbs.expire,
        "pin": verbs.rulings.pin,
        "unpin": verbs.rulings.unpin,
        "unshare": verbs.rulings.unshare,
    }


def _act(asked: ActIn) -> Act:
    return by_user(asked.reason, asked.version)
