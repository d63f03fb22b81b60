"""Triage: which notifications of applications are worth the user's attention, and when.

Each is weighed by the rule that offers are weighed by, out of the same bucket of interruptions. How
likely it is wanted is read from the user model. Nothing of a notification is stored, so what the
user did with one is told by its application and that likelihood, and teaches as an answer to an
offer does.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from idiolect.assistant.suggestions.bucket import USUAL_BUCKET, Bucket
from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.learning import Answer, learned
from idiolect.assistant.suggestions.notifications import (
    Notification,
    as_candidate,
    kind_of,
    relevance,
)
from idiolect.assistant.suggestions.select import Decision, Situation, select
from idiolect.assistant.suggestions.situation import by_calendar, next_digest
from idiolect.assistant.suggestions.standing import (
    read_learned,
    read_standing,
    write_learned,
    write_level,
)
from idiolect.assistant.suggestions.utility import Activity
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.retrieve import Retrieved
from idiolect.usermodel.search import Asker, Question

NEAREST = 5
"""Propositions that are looked at for one notification."""


class NotificationTriage:
    """Decides on notifications for users.

    Args:
        database: what was learnt of them, and their calendars.
        user_model: tells which propositions a notification has to do with.
        clock: gives the present.
        timezone: the users', in which the hours of the digest are meant.
        bucket: how often one of them may be interrupted; the one that suggestions draw on.
    """

    def __init__(
        self,
        database: Database,
        user_model: UserModel,
        clock: Clock,
        *,
        timezone: tzinfo = UTC,
        bucket: Bucket = USUAL_BUCKET,
    ) -> None:
        self._database = database
        self._user_model = user_model
        self._clock = clock
        self._timezone = timezone
        self._bucket = bucket

    def triage(
        self,
        user_id: str,
        notifications: Sequence[Notification],
        *,
        activity: Activity | None = None,
        free_at: datetime | None = None,
    ) -> list[Decision]:
        """One decision for each notification, in their order; what is surfaced takes a token.

        Whether suggestions may interrupt is not asked here: these would come up anyway, and whoever
        asks wants fewer of them to.

        Args:
            user_id: for whom.
            notifications: what came in.
            activity: what the user is at, if the caller knows; else their calendar is asked.
            free_at: when that ends, if the caller knows.

        Raises:
            InvalidInputError: a notification has no words.
        """
        now = self._clock()
        candidates = self._weighed(user_id, notifications, now)
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            standing = read_standing(session, user_id, self._bucket, now)
            digest_at = next_digest(
                standing.settings.digest_hours, now=now, timezone=self._timezone
            )
            selection = select(
                candidates,
                Situation(digest_at, activity, free_at)
                if activity
                else by_calendar(session, user_id, digest_at=digest_at, now=now),
                now=now,
                state=standing.learned,
                bucket=self._bucket,
                level=standing.level,
            )
            if selection.level != standing.level:
                write_level(session, user_id, selection.level)
        decided = {id(each.candidate): each for each in selection.decisions}
        return [decided[id(candidate)] for candidate in candidates]

    def answer(self, user_id: str, app: str, p: float, answer: Answer) -> None:
        """Learns from what the user did with a notification.

        Args:
            user_id: whose answer it is.
            app: the application that it came from.
            p: how likely it was thought to be wanted, as its decision said before correction.
            answer: taken up, left alone or waved away.
        """
        now = self._clock()
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            state = learned(read_learned(session, user_id), answer, kind_of(app), p, now)
            write_learned(session, user_id, state, now)

    def _weighed(
        self, user_id: str, notifications: Sequence[Notification], now: datetime
    ) -> list[Candidate]:
        """Each with how likely it is wanted, and the proposition that says so."""
        questions = [Question(f"{each.title}\n{each.text}", NEAREST) for each in notifications]
        found = self._user_model.search_each(Asker(user_id, now), questions) if questions else []
        return [
            _weighed(notification, near)
            for notification, near in zip(notifications, found, strict=True)
        ]


def _weighed(notification: Notification, near: Sequence[Retrieved]) -> Candidate:
    scores = {each.memory.lineage_id: each.similarity * each.confidence for each in near}
    nearest = max(scores, key=lambda lineage: scores[lineage], default=None)
    p = relevance(scores.values())
    return as_candidate(notification, p, (nearest,) if nearest and p else ())
