"""Notifications through the API: what is to become of each, and what the user did with one."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, cast

from idiolect.client.suggestions import Answer, Stakes
from idiolect.client.transport import Transport


class Triaged(TypedDict):
    """What is to become of one notification, and why."""

    outcome: Literal["now", "later", "digest", "drop"]
    reason: str
    kind: str
    evidence: list[str]
    stakes: Stakes
    p: float
    needed_p: float
    worth: dict[str, float]
    again_at: str | None


class NotificationsClient:
    """Triage for the key's user; reached as ``IdiolectClient.notifications``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def triage(
        self,
        notifications: Sequence[Mapping[str, Any]],
        *,
        activity: str | None = None,
        free_at: str | None = None,
    ) -> Sequence[Triaged]:
        """What is to become of each, in their order.

        Args:
            notifications: app, title, text and at (RFC 3339) of each.
            activity: what the user is at; their calendar is asked where it is not told.
            free_at: when that ends (RFC 3339).
        """
        body = {"notifications": [*notifications], "activity": activity, "free_at": free_at}
        answer = self._transport.send("POST", "/api/notifications/triage", body)
        return cast("Sequence[Triaged]", answer["items"])

    def answer(self, app: str, p: float, answer: Answer) -> None:
        """Says what the user did with a notification of an application that had this p."""
        body = {"app": app, "p": p, "answer": answer}
        self._transport.send("POST", "/api/notifications/answer", body)
