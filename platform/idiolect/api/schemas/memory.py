"""Memories of every kind: what they say, what they rest on, and what was done to them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from idiolect.api.schemas.base import FilledText, Input, Output
from idiolect.store.models import Memory
from idiolect.store.repositories.memory_event import LONGEST_REASON
from idiolect.usermodel.memory.deletion import STALE, Deletion
from idiolect.usermodel.memory.provenance import Branch, Provenance

MemoryState = Literal["generated", "activated", "merged", "archived", "expired"]

SimpleVerb = Literal["archive", "restore", "pin", "unpin", "unshare"]
"""The verbs that need to be told nothing more."""

Version = Annotated[int, Field(ge=1)]
Reason = Annotated[FilledText, Field(max_length=LONGEST_REASON)]

UNTOLD = "asked for by the user"
"""The reason of an act for which none was given."""


class MemoryOut(Output):
    """One version of a memory; the id is that version's.

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


class ActIn(Input):
    """Why, for the audit, and the version that was seen; an act on another one is refused."""

    reason: Reason = UNTOLD
    version: Version | None = None


class MemoryChangeIn(Input):
    """What a memory is to say from now on; what is left out stays."""

    version: Version
    reason: Reason = UNTOLD
    text: FilledText | None = Field(None, max_length=1000)
    reasoning: FilledText | None = Field(None, max_length=2000)
    confidence: float | None = Field(None, gt=0, lt=1)
    durability: float | None = Field(None, ge=0, le=1)

    def changes(self) -> dict[str, Any]:
        """What was sent."""
        return self.model_dump(exclude={"version", "reason"}, exclude_none=True)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changes():
            raise ValueError("send a text, a reasoning, a confidence or a durability")
        return self


class ShareIn(ActIn):
    """With whom: ``assistants``, all of them, or one, by the id of its key."""

    scope: Annotated[FilledText, Field(max_length=40)]


class ExpiryIn(ActIn):
    """When the memory ends; null takes an earlier moment back."""

    at: AwareDatetime | None


class RollBackIn(ActIn):
    """Which version's content comes back."""

    to_version: Version


class MergeIn(Input):
    """Which memories become one, and what it says; the surest one's words if left out."""

    ids: list[Annotated[str, Field(max_length=40)]] = Field(min_length=2, max_length=100)
    text: FilledText | None = Field(None, max_length=1000)
    reason: Reason = UNTOLD


def memory_of(memory: Memory, state: str | None = None) -> MemoryOut:
    """A row as it is shown; in the state of some moment, if given."""
    return MemoryOut(**_fields(memory, state))


def memory_detail(memory: Memory) -> MemoryDetailOut:
    """A row with its payload."""
    return MemoryDetailOut(**_fields(memory), payload=memory.payload)


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


def _branch(branch: Branch) -> BranchOut:
    return BranchOut(
        relation=branch.relation,
        source_type=branch.source_type,
        source_id=branch.source_id,
        quote=branch.quote,
        memory=memory_of(branch.memory) if branch.memory else None,
        branches=[_branch(beyond) for beyond in branch.branches],
    )
