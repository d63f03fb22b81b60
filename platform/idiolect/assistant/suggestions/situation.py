"""What the user is at: whether they may be interrupted, and when they look at the digest next."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.assistant.suggestions.propose.when import moment
from idiolect.assistant.suggestions.select import Situation
from idiolect.store.models import Observation

LONGEST_MEETING = timedelta(hours=4)
"""What the calendar has for longer is a day off or a journey, and no meeting."""

NEVER = datetime.max.replace(tzinfo=UTC)


def silent(digest_at: datetime) -> Situation:
    """That of a user who allows no interruptions: neither now nor later is open."""
    return Situation(digest_at, "do_not_disturb", free_at=NEVER)


def by_calendar(session: Session, user_id: str, *, digest_at: datetime, now: datetime) -> Situation:
    """That of one who allows them: an entry of the calendar that is going on is a meeting until
    its end, and every other moment is an ordinary one."""
    entries = session.execute(
        select(Observation.occurred_at, Observation.duration_s).where(
            Observation.user_id == user_id,
            Observation.kind == "calendar",
            Observation.trust != "untrusted",
            Observation.occurred_at > now - LONGEST_MEETING,
            Observation.occurred_at <= now,
            Observation.duration_s <= LONGEST_MEETING.total_seconds(),
        )
    )
    ends = [starts_at + timedelta(seconds=length_s or 0.0) for starts_at, length_s in entries]
    free_at = max((end for end in ends if end > now), default=None)
    return Situation(digest_at, "meeting" if free_at else "ordinary", free_at)


def next_digest(hours: Sequence[int], *, now: datetime, timezone: tzinfo) -> datetime:
    """The next of these hours of the user's day, in UTC."""
    today = now.astimezone(timezone).date()
    times = (
        moment(today + timedelta(days=ahead), time(hour), timezone).astimezone(UTC)
        for ahead in (0, 1)
        for hour in sorted(hours)
    )
    return next(each for each in times if each > now)
