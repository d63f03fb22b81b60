"""From proposal to retirement, and every step that is not allowed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.lifecycle import (
    contest,
    propose,
    quorum,
    ratify,
    retire,
    review,
    settle,
)
from idiolect.usermodel.charter.quorum import Ballot
from idiolect.usermodel.charter.standards import Charter, Concern, Party
from tests.usermodel.charter.seeds import MONDAY, charter, standard, vote

LATER = MONDAY + timedelta(days=1)


def test_a_standard_has_effect_from_ratification_until_a_contest_and_again_when_upheld() -> None:
    proposed = propose(Charter(), standard())
    ratified = ratify(proposed, "short", [vote("user", "ratify")], at=MONDAY).charter
    contested = contest(ratified, "short", "user", "Too curt.", at=MONDAY)
    upheld = settle(contested, "short", [vote("user", "uphold")], at=LATER).charter
    in_effect = [
        bool(each.of("tutor", "ratified")) for each in (proposed, ratified, contested, upheld)
    ]
    assert in_effect == [False, True, False, True]
    assert [event.act for event in upheld.get("short").history] == [
        "ratified",
        "contested",
        "upheld",
    ]
    assert upheld.get("short").history[1].reason == "Too curt."


def test_a_retired_standard_stays_on_record_and_has_no_effect() -> None:
    retired = retire(charter(standard()), "short", "user", "I have time now.", at=LATER)
    assert retired.of("tutor", "ratified") == ()
    last = retired.get("short").history[-1]
    assert (last.act, last.party, last.at, last.reason) == (
        "retired",
        "user",
        LATER,
        "I have time now.",
    )


def test_an_amendment_counts_as_a_version_and_dissent_is_recorded() -> None:
    by_platform = standard(source="platform")
    contested = contest(charter(by_platform), "short", "user", "Too curt.", at=MONDAY)
    longer = replace(by_platform, text="Be brief but whole.", rationale="As agreed.")
    ballots = [
        Ballot("user", {"uphold": 0.0, "retire": 1.0, "amend": 0.8}, "I wanted it gone."),
        Ballot("platform", {"uphold": 0.4, "retire": 0.0, "amend": 1.0}),
    ]
    settled = settle(contested, "short", ballots, at=LATER, amendment=longer)
    now = settled.charter.get("short")
    # worst: uphold 0, retire 0, amend 0.8
    assert settled.tally.chosen == "amend"
    assert (now.text, now.version, now.status) == ("Be brief but whole.", 2, "ratified")
    assert now.ratified_by == ("platform",)
    assert [(event.act, event.party, event.reason) for event in now.history[-2:]] == [
        ("dissented", "user", "I wanted it gone."),
        ("amended", "platform", ""),
    ]


def test_a_prohibition_is_not_retired_against_a_veto_and_an_obligation_is() -> None:
    ballots = [
        Ballot("user", {"uphold": 0.1, "retire": 1.0}),
        Ballot("platform", {"uphold": 1.0, "retire": 0.3}, vetoes=frozenset({"retire"})),
    ]
    outcomes = {}
    for standard_id in ("no_manipulation", "says_how_sure"):
        contested = contest(default_charter(), standard_id, "user", "No.", at=MONDAY)
        settled = settle(contested, standard_id, ballots, at=LATER)
        outcomes[standard_id] = settled.charter.get(standard_id).status
    assert outcomes == {"no_manipulation": "ratified", "says_how_sure": "retired"}


def test_what_would_overrule_anothers_standard_needs_their_vote() -> None:
    # The user's prohibition would stand above the platform's obligation to say how sure it is.
    loophole = standard(
        "never_unsure",
        text="Never say that you are unsure.",
        kind="prohibition",
        concerns=(Concern("disclose_uncertainty"),),
    )
    proposed = propose(default_charter(), loophole)
    assert quorum(proposed, loophole) == {"user", "platform"}
    with pytest.raises(ConflictError, match="without platform") as raised:
        ratify(proposed, "never_unsure", [vote("user", "ratify")], at=MONDAY)
    assert raised.value.reason_code == "NO_QUORUM"
    assert quorum(proposed, standard()) == {"user"}


def test_contesting_a_standard_is_no_way_to_overrule_it_alone() -> None:
    loophole = standard(
        "never_unsure", kind="prohibition", concerns=(Concern("disclose_uncertainty"),)
    )
    contested = contest(default_charter(), "says_how_sure", "user", "It bores me.", at=MONDAY)
    assert quorum(propose(contested, loophole), loophole) == {"user", "platform"}


def test_a_proposal_that_a_party_is_against_is_not_ratified() -> None:
    proposed = propose(Charter(), standard(source="platform"))
    ballots = [vote("platform", "ratify"), vote("user", "reject", "I like it long.")]
    with pytest.raises(ConflictError) as raised:
        ratify(proposed, "short", ballots, at=MONDAY)
    assert raised.value.reason_code == "NOT_RATIFIED"


def test_two_standards_that_cannot_both_be_kept_need_an_order() -> None:
    made = charter(standard())
    other = standard("detailed", concerns=(Concern("length", admits=("long",)),))
    with pytest.raises(ConflictError, match="contradict") as raised:
        ratify(propose(made, other), "detailed", [vote("user", "ratify")], at=MONDAY)
    assert "priority" in raised.value.hint
    higher = replace(other, priority=1)
    assert ratify(propose(made, higher), "detailed", [vote("user", "ratify")], at=MONDAY)


def test_what_is_overdue_is_contested_by_its_source_and_upheld_with_a_new_date() -> None:
    due = charter(standard(review_by=LATER))
    assert review(due, MONDAY) is due
    overdue = review(due, LATER)
    assert overdue.get("short").status == "contested"
    assert overdue.get("short").history[-1].party == "user"
    assert "2026-03-03" in overdue.get("short").history[-1].reason
    assert overdue.version != due.version
    assert review(due, LATER + timedelta(days=9)) == overdue
    ballots = [vote("user", "uphold")]
    next_year = LATER + timedelta(days=365)
    upheld = settle(overdue, "short", ballots, at=LATER, review_by=next_year).charter
    assert review(upheld, LATER) is upheld


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("proposed", "contest"),
        ("proposed", "settle"),
        ("ratified", "ratify"),
        ("ratified", "settle"),
        ("contested", "ratify"),
        ("contested", "contest"),
        ("contested", "retire"),
        ("retired", "ratify"),
        ("retired", "contest"),
        ("retired", "settle"),
        ("retired", "retire"),
    ],
)
def test_a_step_that_the_status_does_not_allow(status: str, step: str) -> None:
    made = Charter((standard(status=status),))
    steps: dict[str, Callable[[], object]] = {
        "ratify": lambda: ratify(made, "short", [vote("user", "ratify")], at=MONDAY),
        "contest": lambda: contest(made, "short", "user", "No.", at=MONDAY),
        "settle": lambda: settle(made, "short", [vote("user", "uphold")], at=MONDAY),
        "retire": lambda: retire(made, "short", "user", "No.", at=MONDAY),
    }
    with pytest.raises(ConflictError, match=f"short is {status}") as raised:
        steps[step]()
    assert "can become" in raised.value.hint


def test_only_what_is_new_can_be_proposed() -> None:
    with pytest.raises(ConflictError, match="not a new proposal"):
        propose(Charter(), standard(status="ratified"))
    retired = retire(charter(standard()), "short", "user", "No.", at=MONDAY)
    with pytest.raises(ConflictError, match="has had"):
        propose(retired, standard())


def test_nobody_retires_what_is_anothers_or_forbidden() -> None:
    tries: list[tuple[str, Party]] = [("says_how_sure", "user"), ("no_manipulation", "platform")]
    for standard_id, party in tries:
        with pytest.raises(ConflictError, match="alone"):
            retire(default_charter(), standard_id, party, "No.", at=MONDAY)


def test_who_is_no_party_or_gives_no_reason_contests_nothing() -> None:
    with pytest.raises(InvalidInputError, match="no party"):
        contest(default_charter(), "says_how_sure", "mail", "No.", at=MONDAY)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(InvalidInputError, match="no reason"):
        contest(default_charter(), "says_how_sure", "user", " ", at=MONDAY)
    with pytest.raises(NotFoundError):
        contest(default_charter(), "nosuch", "user", "No.", at=MONDAY)


def test_an_amendment_of_another_standard_is_refused() -> None:
    contested = contest(charter(standard()), "short", "user", "No.", at=MONDAY)
    with pytest.raises(InvalidInputError, match="another id or source"):
        settle(
            contested,
            "short",
            [vote("user", "amend")],
            at=MONDAY,
            amendment=standard("long"),
        )
