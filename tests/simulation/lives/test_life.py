"""A life shows what is true as it says that it does, and is the same whenever it is drawn."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError
from idiolect.observe.importers import ImportOptions, import_file
from idiolect.simulation.lives import Fact, Life, draw_life
from idiolect.simulation.lives.strands.styles import leanings
from idiolect.simulation.lives.telling import clashes
from idiolect.simulation.lives.wordings import words
from idiolect.simulation.people import Drift, Person
from idiolect.simulation.utility import Liking, Utility
from tests.simulation.lives.people import lives, people

LIVES = 12


def rows(life: Life) -> list[str]:
    return [one.model_dump_json() for one in life.observations]


def texts(life: Life, fact: Fact) -> str:
    """Everything that the observations show which are named as a fact's evidence."""
    by_key = {one.idempotency_key: one for one in life.observations}
    seen = [by_key[key] for key in fact.evidence]
    return "\n".join(f"{one.application} {one.title} {one.text}" for one in seen).lower()


def test_the_same_seed_gives_the_same_life() -> None:
    (person,) = people(1)
    one, other = draw_life(person, 3), draw_life(person, 3)
    assert rows(one) == rows(other)
    assert (one.calendar, one.truth) == (other.calendar, other.truth)
    assert rows(draw_life(person, 4)) != rows(one)


def test_every_observation_is_within_the_days_and_has_a_key_of_its_own() -> None:
    for life in lives(LIVES):
        keys = [one.idempotency_key for one in life.observations]
        assert len(set(keys)) == len(keys)
        stream = [one for one in life.observations if one.kind != "calendar"]
        assert life.who.moment(0) <= stream[0].occurred_at
        assert stream[-1].occurred_at < life.truth.ends_at
        moments = [one.occurred_at for one in life.observations]
        assert moments == sorted(moments)
        assert 40 <= len(stream) / 7 <= 100  # the recorded week has 72 a day


def test_all_kinds_of_facts_and_all_ways_of_showing_them_occur() -> None:
    facts = [fact for life in lives(LIVES) for fact in life.truth.facts]
    assert {fact.kind for fact in facts} == {
        *("work", "home", "relation", "habit", "hobby", "taste", "style", "interest", "plan"),
        "desk",
    }
    shares = Counter(fact.revelation for fact in facts if fact.kind != "desk")
    assert min(shares[name] for name in ("stated", "shown", "hidden")) > 0.08 * shares.total()
    kinds = Counter(one.kind for life in lives(LIVES) for one in life.observations)
    assert set(kinds) == {"application", "screen", "text", "message", "calendar"}


def test_what_is_stated_can_be_read_and_what_is_hidden_cannot() -> None:
    for life in lives(LIVES):
        for fact in life.truth.facts:
            if fact.revelation == "hidden":
                assert not fact.evidence
                assert fact.revealed_at is None
            elif fact.revelation == "stated" and fact.kind == "hobby":
                what = fact.statement.removesuffix(".").split(" ", 2)[2]
                assert what.lower() in texts(life, fact)


def test_keys_and_clicks_are_evidence_of_nothing_but_the_title_above_them() -> None:
    counted = re.compile(r"^\d+ keys, \d+ clicks$")
    of_files = 0
    for life in lives(LIVES):
        uses = {
            one.idempotency_key: one
            for one in life.observations
            if counted.match(one.text or "") and one.kind == "application"
        }
        evidence = [fact.evidence for fact in life.truth.facts]
        evidence += [trap.evidence for trap in life.truth.traps]
        for keys in evidence:
            shown = [uses[key] for key in keys if key in uses]
            assert all(use.application in life.who.job["programs"] for use in shown)
            of_files += len(shown)
    assert of_files


def test_who_is_hidden_is_named_nowhere() -> None:
    hidden = 0
    for life in lives(LIVES):
        every = "\n".join(f"{one.title} {one.text}" for one in life.observations)
        for fact in life.truth.facts:
            if fact.revelation == "hidden" and fact.kind in ("relation", "work"):
                name = fact.statement.rstrip(".").rpartition(" ")[2]
                assert re.search(rf"\b{name}\b", every) is None, fact.statement
                hidden += 1
    assert hidden


def test_the_boss_is_shown_by_mails_where_nobody_says_who_it_is() -> None:
    ways: Counter[str] = Counter()
    for life in lives(LIVES):
        (boss,) = (fact for fact in life.truth.facts if fact.id.endswith("/work-boss"))
        ways[boss.revelation] += 1
        assert boss.evidence
        assert life.who.boss.lower() in texts(life, boss)
    assert set(ways) == {"stated", "shown"}


def test_what_is_revealed_is_seen_on_as_many_days_as_it_needs() -> None:
    for life in lives(LIVES):
        by_key = {one.idempotency_key: one for one in life.observations}
        for fact in life.truth.facts:
            if fact.revealed_at is None or fact.revelation == "incidental":
                continue
            seen = [by_key[key] for key in fact.evidence]
            days = {
                one.occurred_at.astimezone(life.who.zone).date()
                for one in seen
                if one.occurred_at <= fact.revealed_at
            }
            in_calendar = any(one.kind == "calendar" for one in seen)
            assert in_calendar or len(days) >= fact.days_needed, fact.statement


def test_facts_change_in_the_middle() -> None:
    ended = 0
    for life in lives(LIVES):
        facts = {fact.id: fact for fact in life.truth.facts}
        for fact in facts.values():
            if fact.valid_to is None or fact.is_dated:
                continue
            ended += 1
            later = [one for one in facts.values() if one.valid_from == fact.valid_to]
            assert later, fact.statement
            assert fact.valid_to < life.truth.ends_at
            assert not fact.is_true(life.truth.ends_at)
            assert all(one.is_true(life.truth.ends_at) for one in later)
            assert all(one.revealed_at is None or one.revealed_at >= fact.valid_to for one in later)
    assert ended >= LIVES / 2


def test_no_trap_is_about_something_true() -> None:
    for life in lives(LIVES):
        settled = [fact for fact in life.truth.facts if fact.kind != "desk"]
        traps = [trap.statement for trap in life.truth.traps]
        assert not [statement for statement in traps if clashes(statement, settled)]


def test_falsehoods_come_every_day_some_of_them_as_ordinary_mail() -> None:
    trusts: Counter[str] = Counter()
    for life in lives(LIVES):
        planted = [trap for trap in life.truth.traps if trap.is_planted]
        assert len(planted) >= 7
        assert all(trap.shown_at is not None for trap in planted)
        keys = {key for trap in planted for key in trap.evidence}
        luring = [one for one in life.observations if one.idempotency_key in keys]
        trusts.update(one.trust for one in luring)
        # Nothing else is untrusted: an observer could not tell it from friends' mail.
        windows = {(one.application, one.title) for one in luring}
        untrusted = [one for one in life.observations if one.trust == "untrusted"]
        assert {(one.application, one.title) for one in untrusted} <= windows
    assert set(trusts) == {"untrusted", "read"}
    assert 0.15 < trusts["read"] / trusts.total() < 0.5


def test_importing_the_calendar_adds_nothing_within_its_window(tmp_path: Path) -> None:
    for life in lives(3):
        path = tmp_path / "calendar.ics"
        path.write_bytes(life.calendar)
        options = ImportOptions(
            since=life.who.moment(0) - timedelta(days=28),
            until=life.who.moment(7) + timedelta(days=60),
        )
        imported = {row["idempotency_key"] for row in import_file(path, options)}  # type: ignore[index] # rows are objects
        assert imported == {o.idempotency_key for o in life.observations if o.kind == "calendar"}


def test_nobody_works_at_weekends_and_everybody_by_their_own_clock() -> None:
    for life in lives(3):
        programs = set(life.who.job["programs"])
        used = [o for o in life.observations if o.kind == "application"]
        at_work = [
            o.occurred_at.astimezone(life.who.zone) for o in used if o.application in programs
        ]
        assert at_work
        assert all(moment.weekday() < 5 for moment in at_work if 9 <= moment.hour < 16)
        assert all(o.occurred_at.astimezone(life.who.zone).hour >= 6 for o in used)


def test_people_of_a_life_have_names_of_their_own() -> None:
    for life in lives(LIVES):
        who = life.who
        names = (who.first, who.boss, *who.colleagues, *who.friends)
        called = [
            fact.statement.rstrip(".").rpartition(" called ")[2]
            for fact in life.truth.facts
            if fact.kind == "relation"
        ]
        assert len({*names, *called}) == len(names) + len(called)


def test_styles_are_what_the_hidden_utility_leans_to() -> None:
    for life, person in zip(lives(LIVES), people(LIVES), strict=True):
        styles = [fact.statement for fact in life.truth.facts if fact.kind == "style"]
        expected = [
            words("styles")[name][side]["statement"].format(me=life.who.first)
            for name, side in leanings(person.utility)
        ]
        assert styles == expected
        for name, side in leanings(person.utility):
            weight = person.utility.likings[name].weight
            assert (weight > 0) == (side == "more")


def test_wishes_end_where_the_taste_has_drifted_to_the_other_side() -> None:
    utility = Utility({"length": Liking(-1.0), "emoji": Liking(0.9), "humor": Liking(0.8)})
    toward = Utility({"length": Liking(1.0), "emoji": Liking(0.1), "bullets": Liking(0.9)})
    person = Person("p", "all", utility, drift=Drift(toward, days=9))
    life = draw_life(person, 3, days=8)
    turn = life.who.moment(5)  # of nine days half is 4.5
    styles = {
        fact.id.partition("/style-")[2]: (fact.valid_from, fact.valid_to)
        for fact in life.truth.facts
        if fact.kind == "style"
    }
    assert styles == {
        "length": (None, turn),  # goes over to the other side
        "emoji": (None, None),  # leans to the same side, though not as much
        "humor": (None, turn),  # is of no more concern
        "length-later": (turn, None),
        "bullets-later": (turn, None),
    }
    by_key = {one.idempotency_key: one.occurred_at for one in life.observations}
    for fact in life.truth.facts:
        if fact.kind == "style":
            assert fact.evidence
            assert all(fact.is_true(by_key[key]) for key in fact.evidence)
    week = draw_life(replace(person, drift=Drift(toward, days=30)), 3, days=8)
    ended = [fact for fact in week.truth.facts if fact.kind == "style" and fact.valid_to]
    assert not ended  # the fifteenth day is beyond the stream


@pytest.mark.parametrize("days", [1, 2, 30])
def test_lives_are_as_long_as_wished(days: int) -> None:
    (person,) = people(1)
    life = draw_life(person, 3, days=days, start=date(2025, 12, 30))
    seen = {
        one.occurred_at.astimezone(life.who.zone).date()
        for one in life.observations
        if one.kind != "calendar"
    }
    assert len(seen) == days
    assert min(seen) == date(2025, 12, 30)


def test_a_life_without_days_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one day"):
        draw_life(people(1)[0], 3, days=0)
