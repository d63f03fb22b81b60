"""Memories as the API answers with them."""

from typing import Any, TypedDict

from idiolect.client.responses import Job


class Memory(TypedDict):
    """One version of a memory; ``stale`` says why it no longer fits what it was made from."""

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
    valid_from: str | None
    valid_to: str | None
    supported_at: str | None
    expires_at: str | None
    recorded_at: str
    superseded_at: str | None


class Reason(TypedDict):
    """One reason that a memory had, and since when."""

    relation: str
    source_type: str
    source_id: str
    quote: str | None
    known_at: str
    occurred_at: str | None
    application: str | None


class Act(TypedDict):
    """What made a version the one believed: by whom and why."""

    at: str
    verb: str
    actor: str
    reason: str


class ListedMemory(Memory):
    """A version with why it was believed; both are None unless that was asked for."""

    act: Act | None
    reasons: list[Reason] | None


class FoundMemory(ListedMemory):
    """A version that fits a query, and what decided its rank."""

    similarity: float
    coverage: float
    relevance: float
    recency: float
    score: float


class MemoryDetail(Memory):
    """A version with what only its kind has."""

    payload: dict[str, Any]


class Branch(TypedDict):
    """One link of a tree of provenance, and what lies beyond it."""

    relation: str
    source_type: str
    source_id: str
    quote: str | None
    memory: Memory | None
    branches: list["Branch"]


class Provenance(TypedDict):
    """A memory between what it rests on and what rests on it."""

    memory: Memory
    rests_on: list[Branch]
    carries: list[Branch]


class MemoryEvent(TypedDict):
    """One act on a memory, or, without ``memory_id``, on all of them."""

    id: str
    memory_id: str | None
    lineage_id: str | None
    at: str
    verb: str
    from_state: str | None
    to_state: str | None
    actor: str
    reason: str
    detail: dict[str, Any]


class Deletion(TypedDict):
    """How many memories are erased, weighed again and marked stale, and how many files go."""

    purged: int
    reweighed: int
    stale: int
    files: int


class Imported(TypedDict):
    """How many memories were taken in, were known, and were left out as forgotten."""

    taken: int
    known: int
    forgotten: int


class MemoryPromotion(TypedDict):
    """The memory that was computed, or the training that was asked for."""

    to: str
    memory: MemoryDetail | None
    job: Job | None
