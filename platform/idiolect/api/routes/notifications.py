"""Notifications: which of those of other applications to surface, by the rule of suggestions."""

from fastapi import APIRouter

from idiolect.api.auth import Chatter
from idiolect.api.dependencies import ServicesDep
from idiolect.api.schemas.notification import NotificationAnswerIn, TriageIn, TriageOut, triaged

router = APIRouter(prefix="/api/notifications", tags=["notifications"])


@router.post("/triage")
def triage_notifications(given: TriageIn, who: Chatter, services: ServicesDep) -> TriageOut:
    """Decides on each notification: now, later, digest or drop, with the reason and its figures.

    What is to come up now takes a token from the user's bucket of interruptions. Nothing of the
    notifications is stored.
    """
    decisions = services.triage.triage(
        who.user_id,
        [each.plain() for each in given.notifications],
        activity=given.activity,
        free_at=given.free_at,
    )
    return TriageOut(items=[triaged(each) for each in decisions])


@router.post("/answer", status_code=204)
def answer_notification(given: NotificationAnswerIn, who: Chatter, services: ServicesDep) -> None:
    """Learns from what the user did with a notification: took it up, left it, or waved it away."""
    services.triage.answer(who.user_id, given.app, given.p, given.answer)
