"""What acts: prohibitions, obligations, the user's own standards, then taste."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.conflicts import charter_named
from idiolect.usermodel.charter.lifecycle import contest, settle
from idiolect.usermodel.charter.precedence import REASONS, Outcome, Reason, contradicts, decide
from idiolect.usermodel.charter.preferences import Preference
from idiolect.usermodel.charter.standards import Charter, Concern, Role, Standard
from idiolect.usermodel.charter.subjects import subjects
from tests.usermodel.charter.seeds import MONDAY, charter, standard, vote, wish

VALUES = [(each.name, value) for each in subjects().values() for value in each.values]
ROLES: list[Role] = ["assistant", "tutor", "reviewer", "coach"]


def told(charter: Charter, *preferences: Preference) -> list[tuple[Outcome, Reason, str]]:
    """What became of preferences: outcome, reason and instruction."""
    decision = decide(charter, "assistant", preferences)
    return [(each.outcome, each.reason, each.instruction) for each in decision.adaptations]


def test_an_inferred_preference_changes_how_an_obligation_is_met_never_whether() -> None:
    assert told(default_charter(), wish("disclose_uncertainty", "never")) == [
        ("narrowed", "how_not_whether", "Say in a few words where you are not sure.")
    ]
    assert told(default_charter(), wish("disclose_uncertainty", "briefly")) == [
        ("acted", "how_not_whether", "Say in a few words where you are not sure.")
    ]
    assert told(default_charter(), wish("length", "one_word")) == [
        ("narrowed", "how_not_whether", "Keep it short.")
    ]


def test_what_a_prohibition_forbids_is_held_back_and_what_agrees_with_it_acts() -> None:
    assert told(default_charter(), wish("flatter", "always")) == [("held_back", "contrary", "")]
    assert told(default_charter(), wish("flatter", "never")) == [
        ("acted", "how_not_whether", "Do not flatter the user.")
    ]


def test_what_no_standard_speaks_of_acts() -> None:
    assert told(default_charter(), wish("examples", "given")) == [
        ("acted", "nothing_against", "Give an example.")
    ]


def test_the_ranks() -> None:
    def about_emoji(id: str, value: str, **changes: Any) -> Standard:
        concerns = (Concern("emoji", admits=(value,)),)
        return standard(id, concerns=concerns, status="ratified", **changes)

    made = Charter(
        (
            about_emoji("a_wish", "used", priority=9),
            about_emoji("b_duty", "none", source="platform"),
        )
    )
    decision = decide(made, "assistant", [wish("emoji", "used")])
    assert [each.id for each in decision.standards] == ["b_duty"]
    assert [(each.id, by) for each, by in decision.overruled] == [("a_wish", "b_duty")]
    banned = about_emoji("c_ban", "used", kind="prohibition")
    decision = decide(Charter((*made.standards, banned)), "assistant", [wish("emoji", "none")])
    assert [each.id for each in decision.standards] == ["c_ban", "a_wish"]
    assert decision.adaptations[0].standard_id == "c_ban"


def test_a_role_is_bound_by_its_own_standards_and_by_everybodys() -> None:
    made = charter(standard("mine", role="tutor"), standard("theirs", role="coach", concerns=()))
    assert [each.id for each in decide(made, "tutor", ()).standards] == ["mine"]
    assert decide(made, "assistant", ()).standards == ()
    tutor, coach = standard(role="tutor"), standard(role="coach")
    other = Concern("length", admits=("long",))
    assert not contradicts(tutor, replace(coach, concerns=(other,)))
    assert contradicts(tutor, replace(coach, role="all", concerns=(other,)))


def test_narrowing_never_goes_against_a_higher_standard() -> None:
    made = charter(
        standard(source="platform", concerns=(Concern("length", admits=("short",)),)),
        standard(
            "mine", concerns=(Concern("length", excludes=("long",), instead="brief"),), priority=-1
        ),
    )
    # "long" falls at the first, which has nothing to narrow to.
    assert told(made, wish("length", "long"))[0][:2] == ("held_back", "contrary")
    lenient = charter(
        standard(
            source="platform",
            concerns=(Concern("length", excludes=("one_word", "brief"), instead="long"),),
        ),
        standard("mine", concerns=(Concern("length", excludes=("long",), instead="brief"),)),
    )
    # The first narrows to "long", the second that to "brief", which the first excludes.
    assert told(lenient, wish("length", "one_word"))[0][:2] == ("held_back", "contrary")


@given(
    st.sampled_from(ROLES),
    st.sampled_from(["default", "roles"]),
    st.lists(st.tuples(st.sampled_from(VALUES), st.floats(0.05, 0.95), st.booleans()), max_size=6),
)
def test_whatever_is_inferred_the_standards_stay_and_nothing_said_goes_against_them(
    role: Role, name: str, drawn: list[tuple[tuple[str, str], float, bool]]
) -> None:
    preferences = [
        wish(subject, value, confidence=confidence, is_contested=contested, proposition_id=f"m{n}")
        for n, ((subject, value), confidence, contested) in enumerate(drawn)
    ]
    decision = decide(charter_named(name), role, preferences)
    assert decision.standards == decide(charter_named(name), role, ()).standards
    assert len(decision.adaptations) == len(preferences)
    acting = [each for each in decision.adaptations if each.instruction]
    assert len({each.preference.subject for each in acting}) == len(acting)
    for each in acting:
        for its in decision.standards:
            for concern in its.concerns:
                if concern.subject == each.preference.subject:
                    assert not its.excludes(concern, each.value)


def test_a_contested_proposition_waits() -> None:
    contested = wish("examples", "given", is_contested=True)
    assert told(default_charter(), contested) == [("held_back", "proposition_contested", "")]


def test_a_contested_standard_waits_and_so_does_what_it_kept_down() -> None:
    contested = contest(default_charter(), "no_manipulation", "user", "I like it.", at=MONDAY)
    decision = decide(contested, "assistant", [wish("flatter", "always")])
    assert "no_manipulation" not in [each.id for each in decision.standards]
    assert decision.adaptations[0].reason == "standard_contested"
    assert decision.adaptations[0].standard_id == "no_manipulation"
    ballots = [vote("user", "retire"), vote("platform", "retire")]
    retired = settle(contested, "no_manipulation", ballots, at=MONDAY).charter
    assert told(retired, wish("flatter", "always")) == [
        ("acted", "nothing_against", "Praise the user and agree with them.")
    ]


def test_what_protects_others_stays_in_force_while_it_is_contested() -> None:
    contested = contest(default_charter(), "privacy_of_others", "user", "I like gossip.", at=MONDAY)
    decision = decide(contested, "assistant", [wish("pass_on_private_matters", "always")])
    assert "privacy_of_others" in [each.id for each in decision.standards]
    assert decision.adaptations[0].reason == "contrary"
    assert contested.version != default_charter().version


def test_a_lower_standard_takes_no_place_of_one_that_is_suspended() -> None:
    # The user's own obligation is below the platform's, which leaves no room for it.
    curt = standard("curt", concerns=(Concern("length", admits=("one_word",)),), status="ratified")
    made = default_charter().put(curt)
    suspended = contest(made, "says_how_sure", "user", "It bores me.", at=MONDAY)
    for each in (made, suspended):
        decision = decide(each, "assistant", ())
        assert "curt" not in [each.id for each in decision.standards]
    overruled = decide(made, "assistant", ()).overruled
    assert [(each.id, by) for each, by in overruled] == [("curt", "names_help_in_danger")]
    unprotected = replace(made.get("names_help_in_danger"), status="retired")
    decision = decide(suspended.put(unprotected), "assistant", ())
    assert [(each.id, by) for each, by in decision.overruled] == [("curt", "says_how_sure")]


def test_of_two_equally_sure_wishes_the_first_settles_a_matter() -> None:
    short, long = wish("length", "short"), wish("length", "long", proposition_id="mem_2")
    assert [each[2] for each in told(default_charter(), short, long)] == ["Keep it short.", ""]
    assert [each[2] for each in told(default_charter(), long, short)] == ["Go into detail.", ""]


def test_the_surer_of_two_wishes_settles_a_matter_unless_it_is_held_back() -> None:
    short = wish("length", "short", confidence=0.6, proposition_id="mem_2")
    assert told(default_charter(), short, wish("length", "long", confidence=0.9)) == [
        ("acted", "how_not_whether", "Go into detail."),
        ("held_back", "outweighed", ""),
    ]
    surer = wish("length", "long", confidence=0.9, is_contested=True)
    assert [each[0] for each in told(default_charter(), short, surer)] == ["held_back", "acted"]


def test_closed_areas_open_by_a_permission_that_the_user_ratified() -> None:
    knows = wish(None, None, statement="Mara has asthma.")
    assert told(default_charter(), knows)[0][:2] == ("held_back", "area_closed")
    permission = standard(
        "may_know", kind="permission", source="platform", concerns=(Concern("health"),)
    )
    assert told(charter(permission), knows)[0][0] == "acted"
    unasked = replace(permission, status="ratified", ratified_by=("platform",))
    assert told(Charter((unasked,)), knows)[0][0] == "held_back"
    ban = standard("ban", kind="prohibition", concerns=(Concern("health"),))
    assert told(charter(permission, ban), knows)[0][:2] == ("held_back", "area_closed")


def test_a_wish_about_a_closed_area_is_not_only_style() -> None:
    gentle = wish("tone", "warm", statement="Mara wants warm answers about her depression.")
    assert told(default_charter(), gentle)[0][:2] == ("held_back", "area_closed")


def test_how_a_standard_is_met_is_open_to_taste_in_closed_areas_unless_it_is_forbidden() -> None:
    calm = wish(
        "name_emergency_help",
        "gently",
        statement="Mara wants to hear calmly of doctors and asthma.",
    )
    assert told(default_charter(), calm)[0][0] == "acted"
    assert told(Charter(), calm)[0][:2] == ("held_back", "area_closed")
    ban = standard("ban", kind="prohibition", concerns=(Concern("health"),))
    made = Charter((*default_charter().standards, *charter(ban).standards))
    assert told(made, calm)[0][:2] == ("held_back", "area_closed")


def test_the_record_says_evidence_standard_and_change() -> None:
    made = default_charter()
    decision = decide(made, "assistant", [wish("disclose_uncertainty", "never"), wish(None, None)])
    record = decision.as_dict()
    assert (record["charter_version"], record["role"]) == (made.version, "assistant")
    assert "says_how_sure" in record["standards"]  # type: ignore[operator]  # a list of ids
    assert decision.adaptations[0].as_dict() == {
        "proposition_id": "mem_1",
        "statement": "Mara likes it so.",
        "confidence": 0.8,
        "subject": "disclose_uncertainty",
        "wished": "never",
        "acted": "briefly",
        "outcome": "narrowed",
        "reason": REASONS["how_not_whether"],
        "standard_id": "says_how_sure",
        "instruction": "Say in a few words where you are not sure.",
    }


def test_a_proposition_that_does_not_act_as_it_is_is_withheld_from_knowledge() -> None:
    preferences = [
        wish("flatter", "always", proposition_id="mem_flatter"),
        wish("disclose_uncertainty", "never", proposition_id="mem_sure"),
        wish("examples", "given", proposition_id="mem_examples"),
        wish(None, None, proposition_id="mem_asthma", statement="Mara has asthma."),
        wish(None, None, proposition_id="mem_chess", statement="Mara plays chess."),
    ]
    withheld = decide(default_charter(), "assistant", preferences).withheld
    assert withheld == {"mem_flatter", "mem_sure", "mem_asthma"}


def test_a_wish_outside_of_the_vocabulary_or_half_said_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no subject"):
        wish("color", "red")
    with pytest.raises(InvalidInputError, match="no value of emoji"):
        wish("emoji", "many")
    with pytest.raises(InvalidInputError, match="alone"):
        wish("emoji", None)
