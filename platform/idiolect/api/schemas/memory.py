"""Memories of every kind: what they say, what they rest on, and what was done to them."""

from datetime import datetime
from typing import Any, Literal

from idiolect.api.schemas.base import Output
from idiolect.store.models import Memory
from idiolect.usermodel.memory.deletion import STALE, Deletion
from idiolect.usermodel.memory.provenance import Branch, Provenance
from idiolect.usermodel.memory.reader import Believed
from idiolect.usermodel.retrieve import Retrieved

MemoryState = Literal["generated", "activated", "merged", "archived", "expired"]


class MemoryOut(Output):
    """One version of a memory; the id is that version's.

    ``confidence`` is the one that was stored: what its evidence gave it, before any rating.
    ``stale`` says why it no longer fits what it was made from; null while it does.
    """

    id: str
    lineage_id: str
    version: int
    kind: str
    state: str
    text: str | None
    reasoning: str | None
    confidence: float | None
    durability: float | None
    pinned: bool
    scope: str
    stale: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    supported_at: datetime | None
    expires_at: datetime | None
    recorded_at: datetime
    superseded_at: datetime | None


class ReasonOut(Output):
    """One reason that a memory had, and since when; an observation's time and place with it."""

    relation: str
    source_type: str
    source_id: str
    quote: str | None
    known_at: datetime
    occurred_at: datetime | None
    application: str | None


class ActOut(Output):
    """What made a version the one believed: by whom and why."""

    at: datetime
    verb: str
    actor: str
    reason: str


class ListedMemoryOut(MemoryOut):
    """A version with why it was believed; ``reasons`` is null unless that was asked for.

    ``act`` is null then too, and always for the keys of assistants.
    """

    act: ActOut | None
    reasons: list[ReasonOut] | None


class FoundMemoryOut(ListedMemoryOut):
    """A version that fits a query, and what decided its rank."""

    similarity: float
    coverage: float
    relevance: float
    recency: float
    score: float


class FoundMemoriesOut(Output):
    """The best first."""

    items: list[FoundMemoryOut]


class MemoryDetailOut(MemoryOut):
    """A version with what only its kind has, such as an adapter's card."""

    payload: dict[str, Any]


class MemoryHistoryOut(Output):
    """All versions, the oldest first; those of an erased memory say nothing."""

    items: list[MemoryOut]


class BranchOut(Output):
    """One link and what lies beyond it.

    ``source_id`` is that of an observation, preference or message; of a memory, its lineage.
    ``memory`` is its current version there, null for anything else and for what was erased.
    """

    relation: str
    source_type: str
    source_id: str
    quote: str | None
    memory: MemoryOut | None
    branches: list["BranchOut"]


class ProvenanceOut(Output):
    """A memory between what it rests on and what rests on it."""

    memory: MemoryOut
    rests_on: list[BranchOut]
    carries: list[BranchOut]


class MemoryEventOut(Output):
    """One act on a memory, or, without ``memory_id``, on all of them."""

    id: str
    memory_id: str | None
    lineage_id: str | None
    at: datetime
    verb: str
    from_state: str | None
    to_state: str | None
    actor: str
    reason: str
    detail: dict[str, Any]


class DeletionOut(Output):
    """How many memories a deletion erases, weighs again and marks stale, and how many files go."""

    purged: int
    reweighed: int
    stale: int
    files: int


class ImportOut(Output):
    """How many memories were taken in, were known, and were left out as forgotten."""

    taken: int
    known: int
    forgotten: int


def memory_of(memory: Memory) -> MemoryOut:
    """A row as it is shown."""
    return MemoryOut(**_fields(memory))


def memory_detail(memory: Memory) -> MemoryDetailOut:
    """A row with its payload."""
    return MemoryDetailOut(**_fields(memory), payload=memory.payload)


def listed(memory: Memory) -> ListedMemoryOut:
    """A row without why it is believed."""
    return ListedMemoryOut(**_fields(memory), act=None, reasons=None)


def believed(found: Believed, *, why: bool) -> ListedMemoryOut:
    """A version in its state of some moment, and why it was believed, if that is asked for."""
    return ListedMemoryOut(**_believed(found, why))


def found_memory(found: Retrieved, then: Believed, *, why: bool) -> FoundMemoryOut:
    """A search result in its state of some moment."""
    return FoundMemoryOut(
        **_believed(then, why),
        similarity=found.similarity,
        coverage=found.coverage,
        relevance=found.relevance,
        recency=found.recency,
        score=found.score,
    )


def provenance_of(found: Provenance) -> ProvenanceOut:
    """The trees around a memory."""
    return ProvenanceOut(
        memory=memory_of(found.memory),
        rests_on=[_branch(branch) for branch in found.rests_on],
        carries=[_branch(branch) for branch in found.carries],
    )


def deletion_of(deletion: Deletion) -> DeletionOut:
    """A deletion, planned or done, in counts."""
    return DeletionOut(
        purged=len(deletion.purged),
        reweighed=len(deletion.reweighed),
        stale=len(deletion.stale),
        files=len(deletion.blobs),
    )


def _fields(memory: Memory, state: str | None = None) -> dict[str, Any]:
    columns = {name: getattr(memory, name) for name in MemoryOut.model_fields if name != "stale"}
    return {**columns, "state": state or memory.state, "stale": memory.payload.get(STALE)}


def _believed(found: Believed, why: bool) -> dict[str, Any]:
    is_told = why and found.act is not None
    return {
        **_fields(found.memory, found.state),
        "act": ActOut.model_validate(found.act) if is_told else None,
        "reasons": [ReasonOut.model_validate(one) for one in found.reasons] if why else None,
    }


def _branch(branch: Branch) -> BranchOut:
    return BranchOut(
        relation=branch.relation,
        source_type=branch.source_type,
        source_id=branch.source_id,
        quote=branch.quote,
        memory=memory_of(branch.memory) if branch.memory else None,
        branches=[_branch(beyond) for beyond in branch.branches],
    )
