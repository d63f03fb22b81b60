"""Offers from forms of propositions, without a model."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from idiolect.assistant.suggestions.candidates import Candidate
from idiolect.assistant.suggestions.propose.protocols import USUAL, Known
from idiolect.assistant.suggestions.propose.templates import TemplateProposer
from idiolect.assistant.suggestions.propose.when import day_named, hour_named, weekdays_named
from idiolect.usermodel.propose.calendar import propose_calendar
from idiolect.usermodel.propose.seen import Seen
from tests.assistant.suggestions.offers import MONDAY
from tests.usermodel.seeds import view


def offers(text: str, now: datetime = MONDAY, confidence: float = 0.9) -> list[Candidate]:
    known = Known("mem_7", text, confidence, MONDAY - timedelta(days=1))
    return TemplateProposer(UTC).propose([known], user_name="Mara", now=now)


def test_an_event_of_the_next_day_is_prepared_for() -> None:
    text = 'Mara has "Dentist" in the calendar for Tuesday 3 March 2026 at 08:30.'
    [made] = offers(text)
    assert made.kind == "event"
    assert made.evidence == ("mem_7",)
    assert made.valid_until == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    assert made.stakes.p == pytest.approx(USUAL["event"].p * 0.9)
    assert '"Dentist"' in made.text
    assert made.prompt is not None
    assert offers(text, MONDAY - timedelta(days=1)) == []  # 47 hours ahead
    assert offers(text, MONDAY + timedelta(days=1)) == []  # over


def test_the_pattern_proposers_own_words_are_read() -> None:
    entries = [
        view(id=f"obs_{week}", kind="calendar", title="Choir", at=MONDAY + timedelta(weeks=week))
        for week in (-2, -1)
    ]
    plan = view(id="obs_9", kind="calendar", title="Tax office", at=MONDAY + timedelta(hours=5))
    seen = Seen((*entries, plan), (), "Mara", MONDAY, UTC)
    texts = [draft.text for draft in propose_calendar(seen)]
    made = [each for text in texts for each in offers(text, MONDAY - timedelta(hours=1))]
    assert {each.kind for each in made} == {"habit", "event"}


def test_a_habit_is_offered_shortly_before_on_its_day() -> None:
    text = 'Mara has "Team sync" on working days at 10:00.'
    [made] = offers(text)
    assert made.kind == "habit"
    assert made.valid_until == MONDAY.replace(hour=10)
    assert offers(text, MONDAY.replace(hour=7)) == []
    assert offers(text, MONDAY - timedelta(days=1)) == []  # Sunday


@pytest.mark.parametrize(
    "text",
    [
        "Mara has to hand in the tax return by Wednesday.",
        "Mara must submit the report on the merger by 4 March.",
        "The deadline of Mara's grant is 2026-03-04.",
        "Mara's library books are due March 4th.",
    ],
)
def test_a_deadline_is_told_in_time(text: str) -> None:
    [made] = offers(text)
    assert made.kind == "deadline"
    assert made.valid_until == datetime(2026, 3, 5, tzinfo=UTC)  # the end of Wednesday
    assert text in made.text
    assert offers(text, MONDAY + timedelta(days=4)) == []


def test_days_are_the_users_own() -> None:
    known = Known("mem_1", 'Mara has "Yoga" on Mondays at 07:00.', 0.9, MONDAY)
    proposer = TemplateProposer(ZoneInfo("America/New_York"))
    now = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)  # six in the morning there
    [made] = proposer.propose([known], user_name="Mara", now=now)
    assert made.valid_until == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_an_unanswered_question_is_drafted_and_not_sent() -> None:
    [made] = offers("Mara has not yet answered Ana's question about the invoice.")
    assert made.kind == "question"
    assert made.prompt is not None
    assert "send myself" in made.prompt
    late = MONDAY + timedelta(days=3)
    assert offers("Mara has not yet answered Ana's question about the invoice.", late) == []


@pytest.mark.parametrize(
    "text",
    [
        "Mara likes short answers.",
        "Mara has two cats on the farm.",
        'Mara has "Choir" on Mondays.',
        "Mara must be home by 30 February.",
    ],
)
def test_what_fits_no_form_makes_no_offer(text: str) -> None:
    assert offers(text) == []


def test_nothing_is_offered_from_what_is_unsure() -> None:
    text = "Mara has to hand in the tax return by Wednesday."
    assert offers(text, confidence=0.69) == []
    assert len(offers(text, confidence=0.7)) == 1


def test_days_and_hours_are_read_as_they_are_meant() -> None:
    monday = date(2026, 3, 2)
    assert day_named("by Monday", monday) == monday
    assert day_named("on Sunday", monday) == date(2026, 3, 8)
    assert day_named("1 March", monday) == date(2027, 3, 1)
    assert day_named("May 5, 2025", monday) == date(2025, 5, 5)
    assert day_named("some day in May", monday) is None
    assert hour_named("at 24:00") is None
    assert hour_named("at 9:05") == time(9, 5)
    assert weekdays_named("on Mondays and Fridays") == {0, 4}
    assert weekdays_named("on every day of the week") == set(range(7))
