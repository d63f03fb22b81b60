"""Habits are counted by days; every draft shows exact evidence."""

from collections.abc import Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from tests.usermodel.seeds import MONDAY, days, view


def propose(
    fresh: Sequence[ObservationView],
    earlier: Sequence[ObservationView] = (),
    proposer: PatternProposer | None = None,
) -> list[Draft]:
    drafts = (proposer or PatternProposer(UTC)).propose(
        fresh, earlier, user_name="Mara", now=MONDAY + days(7)
    )
    known = {item.id: item for item in (*fresh, *earlier)}
    for draft in drafts:
        for evidence in draft.evidence:
            source = known[evidence.observation_id]
            parts = (source.text, source.title, source.application, source.url)
            assert any(evidence.quote in (part or "") for part in parts)
    return drafts


def use(application: str, day: int, *, title: str = "", minutes: float = 30) -> ObservationView:
    return view(
        id=f"use_{application}_{day}_{title}",
        kind="application",
        application=application,
        title=title,
        at=MONDAY + days(day),
        duration_s=minutes * 60,
    )


def texts(drafts: Sequence[Draft]) -> list[str]:
    return [draft.text for draft in drafts]


def test_daily_use_becomes_a_habit_with_its_time_of_day() -> None:
    [draft] = propose([use("Ink", day) for day in range(3)])
    assert draft.text == "Mara uses Ink every working day, mostly in the morning."
    # three days of three: odds 1/4 * 4^3 = 16
    assert draft.confidence == pytest.approx(16 / 17)
    assert len(draft.evidence) == 3
    assert draft.estimate_key == "usage:Ink"


def test_days_without_it_speak_against_the_habit() -> None:
    others = [view("Hello.", id=f"obs_{day}", at=MONDAY + days(day)) for day in range(5)]
    drafts = propose([*(use("Ink", day) for day in (0, 1, 3)), *others])
    [draft] = [draft for draft in drafts if draft.estimate_key == "usage:Ink"]
    assert draft.text == "Mara uses Ink on most working days, mostly in the morning."
    # three hits, two misses: odds 1/4 * 4
    assert draft.confidence == pytest.approx(0.5)


def test_a_glance_is_not_a_use() -> None:
    assert propose([use("Ink", day, minutes=4) for day in range(5)]) == []


def test_the_time_of_day_is_the_users_own() -> None:
    # 09:00 UTC is 18:00 in Tokyo
    proposer = PatternProposer(ZoneInfo("Asia/Tokyo"))
    [draft] = propose([use("Ink", day) for day in range(3)], proposer=proposer)
    assert draft.text.endswith("mostly in the evening.")


def test_a_habit_is_counted_over_the_history_too() -> None:
    [draft] = propose([use("Ink", 2)], [use("Ink", 0), use("Ink", 1)])
    assert draft.confidence == pytest.approx(16 / 17)


def test_nothing_is_drafted_from_history_alone() -> None:
    earlier = [use("Ink", day) for day in range(3)]
    assert propose([view("Hello.", at=MONDAY)], earlier) == []


def test_files_that_share_a_name_are_a_project() -> None:
    uses = [
        use("Ink", day, title=f"tidewatch-{part}.md - Ink", minutes=1)
        for day, part in enumerate(("plan", "report", "budget"))
    ]
    assert texts(propose(uses)) == ["Mara works on a project called tidewatch."]


def test_files_in_a_named_folder_are_a_project() -> None:
    uses = [
        use("Ink", day, title=f"~/heron/{name} - Ink", minutes=1)
        for day, name in enumerate(("forecast.py", "docs/personas.md"))
    ]
    assert texts(propose(uses)) == ["Mara works on a project called heron."]


def test_one_file_on_two_days_is_named() -> None:
    uses = [use("Ink", day, title="piano.md - Ink", minutes=1) for day in range(2)]
    assert texts(propose(uses)) == ["Mara works on the file piano.md."]


def test_a_site_visited_on_several_days() -> None:
    visits = [
        view("Scales", id=f"obs_{day}", kind="screen", trust="read", at=MONDAY + days(day),
             url=f"https://scales.example/lesson/{day}")
        for day in range(2)
    ]  # fmt: skip
    [draft] = propose(visits)
    assert draft.text == "Mara visits scales.example regularly."
    assert draft.confidence == pytest.approx(0.8)  # two days: odds 4


def test_a_topic_needs_days_and_places() -> None:
    met = [
        view("The harbor survey is late", id=f"obs_{day}", kind="screen", trust="read",
             application=application, at=MONDAY + days(day))
        for day, application in enumerate(("Mail", "Ink", "Mail"))
    ]  # fmt: skip
    [draft] = propose(met)
    assert draft.text == "Mara often reads about harbor survey."
    # prior odds 0.05 / 0.95 = 1/19, three days: 64/19
    assert draft.confidence == pytest.approx(64 / 83)
    assert propose(met[:2]) == []
    one_place = [view("harbor survey", id=f"x{n}", kind="screen", application="Mail", trust="read",
                      at=MONDAY + days(n)) for n in range(3)]  # fmt: skip
    assert propose(one_place) == []


@pytest.mark.parametrize("phrase", ["nothing bad", "hornbeams along", "opening hours"])
def test_what_every_page_says_is_no_topic(phrase: str) -> None:
    met = [
        view(f"there was {phrase} in it", id=f"obs_{day}", kind="screen", trust="read",
             application=application, at=MONDAY + days(day))
        for day, application in enumerate(("Mail", "Ink", "Mail"))
    ]  # fmt: skip
    assert propose(met) == []


def test_the_users_own_name_is_no_topic() -> None:
    met = [
        view(f"Mara Lind {time}", id=f"obs_{day}", kind="screen", trust="read",
             application=application, at=MONDAY + days(day))
        for day, (application, time) in enumerate((("Mail", "x"), ("Ink", "y"), ("Mail", "z")))
    ]  # fmt: skip
    assert propose(met) == []


def test_advertisements_make_no_topic_site_or_file() -> None:
    pushed = [
        view("Golden casino bonus", id=f"obs_{day}", kind="screen", trust="untrusted",
             application=f"App{day}", title="bonus.exe - Casino", at=MONDAY + days(day),
             url="https://casino.example/")
        for day in range(5)
    ]  # fmt: skip
    assert propose(pushed) == []


def test_a_recurring_entry_is_a_habit_and_a_single_one_a_plan() -> None:
    lessons = [
        view(id=f"cal_{week}", kind="calendar", title="Piano lesson", at=MONDAY + days(7 * week))
        for week in range(3)
    ]
    dinner = view(id="cal_x", kind="calendar", title="Dinner with Ana", at=MONDAY + days(4))
    drafts = {draft.text: draft for draft in propose([*lessons, dinner])}
    assert set(drafts) == {
        'Mara has "Piano lesson" on Mondays at 09:00.',
        'Mara has "Dinner with Ana" in the calendar for Friday 6 March 2026 at 09:00.',
    }
    habit, plan = sorted(drafts.values(), key=lambda draft: -draft.durability)
    assert habit.confidence == pytest.approx(16 / 17)
    assert plan.durability < habit.durability


def test_an_invitation_is_a_plan_of_somebody_else_until_it_recurs() -> None:
    def invited(day: int) -> ObservationView:
        return view(id=f"cal_{day}", kind="calendar", title="Your phone is infected", trust="read",
                    at=MONDAY + days(day))  # fmt: skip

    assert propose([invited(0)]) == []
    assert propose([invited(0), invited(1)]) == []
    [habit] = propose([invited(0), invited(7), invited(14)])
    assert habit.text == 'Mara has "Your phone is infected" on Mondays at 09:00.'
    assert habit.confidence == pytest.approx(0.85)


def test_a_habit_that_moved_to_another_day_is_told_as_it_is_now() -> None:
    on_mondays = [MONDAY + days(7 * week) for week in range(4)]
    on_thursdays = [
        MONDAY
        + days(
            28 + 3 + 7 * week,
        )
        for week in range(4)
    ]
    entries = [
        view(id=f"cal_{at.date()}", kind="calendar", title="Band practice", at=at)
        for at in (*on_mondays, *on_thursdays)
    ]
    [habit] = propose(entries)
    assert habit.text == 'Mara has "Band practice" on Thursdays at 09:00.'
    assert habit.valid_from == on_thursdays[0]


def test_the_same_statement_twice_is_one_draft() -> None:
    twice = [view("I'm vegetarian.", id=f"obs_{day}", at=MONDAY + days(day)) for day in range(2)]
    [draft] = propose(twice)
    assert [evidence.observation_id for evidence in draft.evidence] == ["obs_0", "obs_1"]
