"""Which of many notifications to surface: each is weighed as if it were an offer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.utility import Stakes

LASTS = timedelta(hours=12)
"""Until when a notification is of use."""

PREFIX = "notification:"
"""Begins the kind of each; the application follows."""

STAKES = Stakes(p=0.0, benefit=0.6, cost_fp=0.4, cost_fn=0.4)
"""Benefit and costs where nobody says otherwise: worth surfacing from p* = 0.4/1.4 = 0.29 on.
Assumed; what the user does with an application's notifications is learnt."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What an application wants to tell."""

    app: str
    title: str
    text: str
    at: datetime


def relevance(scores: Iterable[float]) -> float:
    """How likely a notification is wanted, from what is known of the user.

    The largest of the propositions' similarity · confidence, cut to [0, 1]; 0 with none. Several
    propositions on one matter are no independent evidence, so they do not add up. A similarity is
    no probability: what it is worth for an application is learnt from the user's answers.
    """
    return min(1.0, max((score for score in scores if score > 0), default=0.0))


def kind_of(app: str) -> str:
    """The kind of an application's notifications, for which answers to them count."""
    return PREFIX + app


def as_candidate(
    notification: Notification, p: float, evidence: tuple[str, ...], stakes: Stakes = STAKES
) -> Candidate:
    """A notification as ``select`` weighs it.

    Its kind is ``notification:<app>``, so that answers teach about the application.

    Args:
        notification: what came in.
        p: how likely it is wanted, see ``relevance``.
        evidence: ids of the propositions behind that.
        stakes: benefit and costs; its p is not read.

    Raises:
        InvalidInputError: p is outside of [0, 1], or the notification has no words.
    """
    words = (notification.title.strip(), notification.text.strip())
    return Candidate(
        text=": ".join(part for part in words if part),
        kind=kind_of(notification.app),
        evidence=evidence,
        stakes=replace(stakes, p=p),
        valid_until=notification.at + LASTS,
    )
