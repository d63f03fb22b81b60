"""Suggestions through the API: what it answers, and every route of theirs as a method."""

from collections.abc import Sequence
from typing import Literal, TypedDict, cast
from urllib.parse import quote

from idiolect.client.responses import Page
from idiolect.client.transport import Transport


class Stakes(TypedDict):
    """What hangs on an offer: how likely it is wanted, its benefit, and both costs."""

    p: float
    benefit: float
    cost_fp: float
    cost_fn: float


Answer = Literal["accept", "dismiss", "ignore"]


class Suggestion(TypedDict):
    """An offer that the assistant makes by itself; ``prompt`` is what accepting lets one send."""

    id: str
    kind: str
    text: str
    prompt: str | None
    evidence: list[str]
    stakes: Stakes
    outcome: Literal["now", "later", "digest"]
    reason: str
    state: Literal["waiting", "shown", "accepted", "dismissed", "ignored"]
    created_at: str
    again_at: str | None
    valid_until: str
    shown_at: str | None
    answered_at: str | None


class Bar(TypedDict):
    """How likely an offer of a kind must be to come up: usually, and after the answers."""

    kind: str
    usual_p: float
    needed_p: float


class SuggestionSettings(TypedDict):
    """What is set of suggestions, and what the user's answers have taught."""

    enabled: bool
    interrupts: bool
    digest_hours: list[int]
    bars: list[Bar]


class SuggestionsClient:
    """The suggestions of the key's user; reached as ``IdiolectClient.suggestions``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, outcome: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Suggestion]:
        """The open ones (``now``, ``later``, ``digest`` or all); they count as shown then."""
        answer = self._transport.get(_path(), outcome=outcome, limit=limit, cursor=cursor)
        return cast("Page[Suggestion]", answer)

    def answered(
        self, *, state: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Suggestion]:
        """Those that were accepted, dismissed or ignored."""
        answer = self._transport.get(_path("answered"), state=state, limit=limit, cursor=cursor)
        return cast("Page[Suggestion]", answer)

    def answer(self, suggestion_id: str, answer: Answer) -> Suggestion:
        """Answers one, once; its ``prompt`` may be sent then, and nothing is sent by this."""
        path = _path(quote(suggestion_id, safe=""), "answer")
        return cast("Suggestion", self._transport.send("POST", path, {"answer": answer}))

    def settings(self) -> SuggestionSettings:
        """What is set, and what the user's answers have taught."""
        return cast("SuggestionSettings", self._transport.get(_path("settings")))

    def change_settings(
        self, *, enabled: bool, interrupts: bool, digest_hours: Sequence[int]
    ) -> SuggestionSettings:
        """Sets whether offers are made and may interrupt, and when the digest is looked at."""
        body = {
            "enabled": enabled,
            "interrupts": interrupts,
            "digest_hours": [*digest_hours],
        }
        answer = self._transport.send("PUT", _path("settings"), body, repeatable=True)
        return cast("SuggestionSettings", answer)

    def forget_answers(self) -> None:
        """Forgets what the answers to suggestions and notifications have taught."""
        self._transport.send("DELETE", _path("learned"), repeatable=True)


def _path(*parts: str) -> str:
    return "/".join(("/api/suggestions", *parts))
