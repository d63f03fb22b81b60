"""What the calendar says of a moment, and when the digest is looked at next."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from idiolect.assistant.suggestions.select import Situation
from idiolect.assistant.suggestions.situation import by_calendar, next_digest
from idiolect.observe.ingest import Ingestor
from idiolect.store.database import Database
from tests.assistant.suggestions.offers import MONDAY

LATER = MONDAY + timedelta(hours=3)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T07:59", "2026-03-02T08:00"),
        ("2026-03-02T08:00", "2026-03-02T18:00"),
        ("2026-03-02T18:01", "2026-03-03T08:00"),
    ],
)
def test_the_next_digest(now: str, expected: str) -> None:
    given = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_digest([18, 8], now=given, timezone=UTC).isoformat()[:16] == expected


def test_hours_are_those_of_the_users_day_across_a_change_of_the_clock() -> None:
    # On 29 March 2026 Lisbon goes from UTC to UTC+1: eight there is seven in UTC.
    saturday_night = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    at = next_digest([8], now=saturday_night, timezone=ZoneInfo("Europe/Lisbon"))
    assert at == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)


def situation(database: Database, user_id: str, minutes_ago: int, length_s: float) -> Situation:
    entry = {
        "idempotency_key": f"entry {minutes_ago} {length_s}",
        "kind": "calendar",
        "source": "test",
        "title": "Review",
        "occurred_at": (MONDAY - timedelta(minutes=minutes_ago)).isoformat(),
        "duration_s": length_s,
    }
    Ingestor(database).ingest(user_id, [entry])
    with database.transaction() as session:
        return by_calendar(session, user_id, digest_at=LATER, now=MONDAY)


def test_an_entry_that_is_going_on_is_a_meeting_until_its_end(
    database: Database, user_id: str
) -> None:
    assert situation(database, user_id, 90, 3600.0) == Situation(LATER)  # over for half an hour
    assert situation(database, user_id, -10, 3600.0) == Situation(LATER)  # not yet begun
    found = situation(database, user_id, 20, 3600.0)
    assert found == Situation(LATER, "meeting", MONDAY + timedelta(minutes=40))


def test_a_whole_day_is_no_meeting(database: Database, user_id: str) -> None:
    assert situation(database, user_id, 60, 86_400.0) == Situation(LATER)
