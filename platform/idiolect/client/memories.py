"""Memories through the API: every route of theirs as a method."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote

from idiolect.client.memory_shapes import (
    Deletion,
    FoundMemory,
    Imported,
    ListedMemory,
    Memory,
    MemoryDetail,
    MemoryEvent,
    MemoryPromotion,
    Provenance,
)
from idiolect.client.responses import Page
from idiolect.client.transport import Transport
from idiolect.errors import PayloadTooLargeError

Verb = Literal["activate", "archive", "restore", "expire", "pin", "unpin", "unshare"]
"""What is done to a memory and needs to be told nothing more."""


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
        held_at: str | None = None,
        why: bool = False,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[ListedMemory]:
        """The memories of a kind and state, as they are or were at a moment (RFC 3339).

        Args:
            held_at: keeps what was believed to be so in the world at this other moment.
            why: adds what each rested on then, and the act that had it believed.
        """
        answer = self._transport.get(
            _path(),
            kind=kind,
            state=state,
            as_of=as_of,
            held_at=held_at,
            why=_flag(why),
            limit=limit,
            cursor=cursor,
        )
        return cast("Page[ListedMemory]", answer)

    def search(
        self,
        query: str,
        *,
        as_of: str | None = None,
        held_at: str | None = None,
        why: bool = False,
        limit: int = 10,
    ) -> Sequence[FoundMemory]:
        """The propositions that fit a query, the best first; the rest is as in ``list``."""
        answer = self._transport.get(
            _path("search"),
            query=query,
            as_of=as_of,
            held_at=held_at,
            why=_flag(why),
            limit=limit,
        )
        return cast("Sequence[FoundMemory]", answer["items"])

    def add(
        self,
        text: str,
        *,
        derived_from: Sequence[str] = (),
        reason: str | None = None,
        **fields: str | float,
    ) -> Memory:
        """Remembers something in the user's own words.

        Args:
            derived_from: ids of the memories that it was made from.
            reason: why, for the audit.
            **fields: kind, reasoning, confidence, durability, state, valid_from, valid_to or
                expires_at, where they are not the usual ones.
        """
        body = {"text": text, "derived_from": [*derived_from], **fields, **_given(reason=reason)}
        return cast("Memory", self._transport.send("POST", _path(), body))

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
        """Lets a memory act, archives, restores or ends it, pins or unpins it, or unshares it."""
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

    def promote(self, to: str = "kv", *, reason: str | None = None) -> MemoryPromotion:
        """Computes what stands first in all contexts (kv), or asks for a training (lora)."""
        body = _given(to=to, reason=reason)
        return cast("MemoryPromotion", self._transport.send("POST", _path("promotions"), body))

    def demote(
        self, memory_id: str, *, reason: str | None = None, version: int | None = None
    ) -> Memory:
        """Takes a computed prefix, an adapter, a steering vector or a reward out of service."""
        return self._act(memory_id, "demote", reason=reason, version=version)

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


def _flag(is_set: bool) -> str | None:
    return "true" if is_set else None


def _given(**fields: str | int | None) -> dict[str, str | int]:
    return {name: value for name, value in fields.items() if value is not None}
