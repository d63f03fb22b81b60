"""Notifications of applications, and what is to become of each."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from idiolect.api.schemas.base import FilledText, Input, Output, PlainText
from idiolect.api.schemas.suggestion import AnswerWord, StakesOut
from idiolect.assistant.suggestions.notifications import Notification
from idiolect.assistant.suggestions.select import Decision

MAX_NOTIFICATIONS = 50


class NotificationIn(Input):
    """What an application wants to tell."""

    app: FilledText = Field(max_length=100)
    title: PlainText = Field("", max_length=300)
    text: PlainText = Field("", max_length=2000)
    at: AwareDatetime

    @model_validator(mode="after")
    def _says_something(self) -> "NotificationIn":
        if not (self.title.strip() or self.text.strip()):
            raise ValueError("a notification needs a title or a text")
        return self

    def plain(self) -> Notification:
        """As it is weighed."""
        return Notification(app=self.app, title=self.title, text=self.text, at=self.at)


class TriageIn(Input):
    """Notifications, and what the user is at if the caller knows; else their calendar is asked."""

    notifications: list[NotificationIn] = Field(max_length=MAX_NOTIFICATIONS)
    activity: Literal["idle", "ordinary", "focus", "meeting", "do_not_disturb"] | None = None
    free_at: AwareDatetime | None = None


class TriagedOut(Output):
    """What is to become of one notification, and why.

    ``stakes`` are as estimated and ``p`` as the user's answers correct them; ``needed_p`` is what
    ``stakes.p`` would have to exceed to be worth an interruption in an ordinary moment. ``worth``
    is the expected utility of each act that was open, empty where none was weighed.
    """

    outcome: Literal["now", "later", "digest", "drop"]
    reason: str
    kind: str
    evidence: list[str]
    stakes: StakesOut
    p: float
    needed_p: float
    worth: dict[str, float]
    again_at: datetime | None


class TriageOut(Output):
    """One decision for each notification, in their order."""

    items: list[TriagedOut]


class NotificationAnswerIn(Input):
    """What the user did with a notification, by its application and the ``stakes.p`` it had."""

    app: FilledText = Field(max_length=100)
    p: float = Field(ge=0, le=1)
    answer: AnswerWord


def triaged(decision: Decision) -> TriagedOut:
    """One decision."""
    candidate = decision.candidate
    return TriagedOut(
        outcome=decision.outcome,
        reason=decision.reason,
        kind=candidate.kind,
        evidence=list(candidate.evidence),
        stakes=StakesOut.model_validate(candidate.stakes),
        p=decision.stakes.p,
        needed_p=decision.needed_p,
        worth=dict(decision.worth or {}),
        again_at=decision.again_at,
    )
