"""Memories through the API: what it answers, and every route of theirs as a method."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, cast
from urllib.parse import quote

from idiolect.client.responses import Page
from idiolect.client.transport import Transport
from idiolect.errors import PayloadTooLargeError

Verb = Literal["archive", "restore", "pin", "unpin", "unshare"]
"""What is done to a memory and needs to be told nothing more."""


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


class MemoriesClient:
    """The memories of the key's user; reached as ``IdiolectClient.memories``.

    An id may be that of any version. An act takes a ``reason`` for the audit and may name the
    ``version`` that was seen: when another one is current by then, it raises ConflictError.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self,
        *,
        kind: str | None = None,
        state: str | None = None,
        as_of: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """The memories of a kind and state, as they are or were at a moment (RFC 3339)."""
        answer = self._transport.get(
            _path(), kind=kind, state=state, as_of=as_of, limit=limit, cursor=cursor
        )
        return cast("Page[Memory]", answer)

    def get(self, memory_id: str) -> MemoryDetail:
        """One memory in its current version."""
        return cast("MemoryDetail", self._transport.get(_path(memory_id)))

    def history(self, memory_id: str) -> Sequence[Memory]:
        """All versions, the oldest first."""
        answer = self._transport.get(_path(memory_id, "history"))
        return cast("Sequence[Memory]", answer["items"])

    def provenance(self, memory_id: str) -> Provenance:
        """What a memory rests on, and what rests on it."""
        return cast("Provenance", self._transport.get(_path(memory_id, "provenance")))

    def events(
        self, memory_id: str | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page[MemoryEvent]:
        """What was done to a memory, or to all of them, the latest first."""
        path = _path(memory_id, "events") if memory_id else _path("events")
        answer = self._transport.get(path, limit=limit, cursor=cursor)
        return cast("Page[MemoryEvent]", answer)

    def update(
        self, memory_id: str, version: int, *, reason: str | None = None, **changes: str | float
    ) -> Memory:
        """Appends a version with another text, reasoning, confidence or durability."""
        body = {**changes, **_given(version=version, reason=reason)}
        return cast("Memory", self._transport.send("PATCH", _path(memory_id), body))

    def act(
        self, memory_id: str, verb: Verb, *, reason: str | None = None, version: int | None = None
    ) -> Memory:
        """Archives a memory or restores it, pins or unpins it, or makes it private again."""
        return self._act(memory_id, verb, reason=reason, version=version)

    def share(
        self, memory_id: str, scope: str, *, reason: str | None = None, version: int | None = None
    ) -> Memory:
        """Shows a memory to ``assistants``, all of them, or to one, by the id of its key."""
        return self._act(memory_id, "share", scope=scope, reason=reason, version=version)

    def expire(
        self,
        memory_id: str,
        at: str | None,
        *,
        reason: str | None = None,
        version: int | None = None,
    ) -> Memory:
        """Has a memory end at a moment to come (RFC 3339); None takes that back."""
        body = {"at": at, **_given(reason=reason, version=version)}
        return cast("Memory", self._transport.send("POST", _path(memory_id, "expiry"), body))

    def roll_back(
        self,
        memory_id: str,
        to_version: int,
        *,
        reason: str | None = None,
        version: int | None = None,
    ) -> Memory:
        """Brings the content of an earlier version back, as a new one."""
        return self._act(
            memory_id, "rollback", to_version=to_version, reason=reason, version=version
        )

    def merge(
        self, memory_ids: Sequence[str], *, text: str | None = None, reason: str | None = None
    ) -> Memory:
        """Makes one memory of several."""
        body = {"ids": [*memory_ids], **_given(text=text, reason=reason)}
        return cast("Memory", self._transport.send("POST", _path("merge"), body))

    def expected_deletion(self, memory_id: str) -> Deletion:
        """What deleting a memory would take with it; nothing is changed."""
        return cast("Deletion", self._transport.get(_path(memory_id, "deletion")))

    def delete(
        self, memory_id: str, *, reason: str | None = None, version: int | None = None
    ) -> Deletion:
        """Erases a memory with all that rests on it alone."""
        query = {"reason": reason, "version": version}
        return cast("Deletion", self._transport.send("DELETE", _path(memory_id), query=query))

    def export(self, target: Path, *, reason: str | None = None) -> None:
        """Writes all memories into an archive, readable by its owner alone."""
        self._transport.download(_path("export"), target, reason=reason)

    def import_(self, source: Path, *, reason: str | None = None) -> Imported:
        """Takes an archive in.

        Raises:
            PayloadTooLargeError: it is larger than the server reads.
        """
        try:
            answer = self._transport.upload(
                _path("import"), source, "application/zip", reason=reason
            )
        except PayloadTooLargeError as error:
            raise PayloadTooLargeError(
                error.message, hint="Raise the server's setting api.max_request_mb for this."
            ) from error
        return cast("Imported", answer)

    def _act(self, memory_id: str, verb: str, **told: str | int | None) -> Memory:
        answer = self._transport.send("POST", _path(memory_id, verb), _given(**told))
        return cast("Memory", answer)


def _path(*parts: str) -> str:
    return "/".join(("/api/memories", *(quote(part, safe="") for part in parts)))


def _given(**fields: str | int | None) -> dict[str, str | int]:
    return {name: value for name, value in fields.items() if value is not None}
