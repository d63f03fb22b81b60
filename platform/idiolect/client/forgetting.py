"""Forgetting through the API: what it answers, and its routes as methods."""

from collections.abc import Collection
from datetime import date
from typing import Any, Literal, TypedDict, cast

from idiolect.client.responses import Page
from idiolect.client.transport import Transport

_PATH = "/api/forgetting"

Scope = dict[str, Any]
"""What is to be forgotten, as the API takes it; the functions of this module make it."""


class Match(TypedDict):
    """One thing that a scope names; ``similarity`` is None where it was not found by meaning."""

    noun: Literal["proposition", "observation", "message", "suggestion"]
    id: str
    text: str
    similarity: float | None


class Preview(TypedDict):
    """What would go."""

    scope: str
    counts: dict[str, int]
    matches: list[Match]
    statements: list[str]


class Receipt(TypedDict):
    """What was erased, in counts."""

    id: str
    scope: str
    counts: dict[str, int]
    is_done: bool
    at: str


def a_proposition(id: str, *, with_evidence: bool = False, keep: Collection[str] = ()) -> Scope:
    """A statement and those that say the same, but for those with the ids to keep."""
    return {
        "scope": "proposition",
        "id": id,
        "with_evidence": with_evidence,
        "keep": sorted(keep),
    }


def an_application(name: str) -> Scope:
    """What was observed in an application."""
    return {"scope": "application", "name": name}


def a_day(day: date) -> Scope:
    """What was observed, said and suggested on a day."""
    return {"scope": "day", "date": day.isoformat()}


def a_topic(text: str, *, keep: Collection[str] = ()) -> Scope:
    """What is about something, but for what has the ids to keep."""
    return {"scope": "topic", "text": text, "keep": sorted(keep)}


def everything() -> Scope:
    """All but the user, their keys and the receipt."""
    return {"scope": "everything"}


class ForgettingClient:
    """The routes of forgetting under one key."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def preview(self, scope: Scope) -> Preview:
        """What would be erased; nothing is changed."""
        answer = self._transport.send("POST", f"{_PATH}/preview", scope, repeatable=True)
        return cast("Preview", answer)

    def forget(self, scope: Scope) -> Receipt:
        """Erases it for good."""
        return cast("Receipt", self._transport.send("POST", _PATH, scope))

    def receipts(self, *, limit: int = 50, cursor: str | None = None) -> Page[Receipt]:
        """What was erased so far, the latest first."""
        answer = self._transport.get(_PATH, limit=limit, cursor=cursor)
        return cast("Page[Receipt]", answer)
