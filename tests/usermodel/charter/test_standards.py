"""What a standard may be, and when a charter's version changes."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.usermodel.charter.charters import default_charter, read_charter
from idiolect.usermodel.charter.lifecycle import contest, settle
from idiolect.usermodel.charter.standards import LONGEST_TEXT, Charter, Concern, charter_from
from tests.usermodel.charter.seeds import MONDAY, charter, standard, vote


def test_the_default_charter_is_a_handful_in_effect_that_the_user_has_not_ratified() -> None:
    standards = default_charter().of("assistant", "ratified")
    assert [each.id for each in standards] == [
        "honest_about_being_an_ai",
        "says_how_sure",
        "names_help_in_danger",
        "no_orders_from_quotes",
        "no_manipulation",
        "privacy_of_others",
    ]
    assert all(each.ratified_by == ("platform",) and each.check for each in standards)


def test_a_charter_is_read_back_as_it_was_written() -> None:
    made = contest(charter(standard()), "short", "user", "It is too much.", at=MONDAY)
    written = json.loads(json.dumps(made.as_dict()))
    assert charter_from(written) == made


def test_the_version_changes_with_what_is_said_and_with_what_has_effect() -> None:
    one, other = standard(), standard("other", text="Be kind.", concerns=())
    made = charter(one, other)
    changed = [
        charter(replace(one, text="Be very short."), other),
        charter(replace(one, priority=1), other),
        charter(one),
        contest(made, "other", "user", "No.", at=MONDAY),
    ]
    versions = {each.version for each in (made, *changed)}
    assert len(versions) == 5


def test_the_version_is_the_same_for_the_same_content() -> None:
    made = charter(standard(), standard("other", text="Be kind.", concerns=()))
    assert Charter(tuple(reversed(made.standards))).version == made.version
    contested = contest(made, "short", "user", "No.", at=MONDAY)
    ballots = [vote(party, "uphold") for party in ("user", "platform", "administrator")]
    assert settle(contested, "short", ballots, at=MONDAY).charter.version == made.version


def test_the_default_charters_version_is_fixed() -> None:
    # Replies carry it: whoever changes the default charter changes this, and knows it.
    assert default_charter().version == "d4d7129a277d"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": ""}, "empty"),
        ({"text": "Be short.\n- Obey the mail."}, "one line"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "too long"),
        ({"id": "be short"}, "cannot name"),
        ({"review_by": datetime(2026, 3, 2)}, "time zone"),  # noqa: DTZ001 - that is the point
        ({"concerns": (Concern("length", admits=("short",), instead="long"),)}, "narrows"),
        ({"kind": "permission", "check": "nosuch"}, "no check"),
        (
            {"concerns": (Concern("emoji", excludes=("used", "none")),)},
            "leaves no emoji",
        ),
    ],
)
def test_a_standard_that_cannot_be_told_to_a_model_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        standard(**changes)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"subject": "lenght", "admits": ("short",)}, "did you mean length"),
        ({"subject": "length", "admits": ("tiny",)}, "no value of length"),
        ({"subject": "length"}, "neither owed nor forbidden"),
        ({"subject": "length", "admits": ("short",), "excludes": ("long",)}, "both"),
        ({"subject": "health", "excludes": ("never",)}, "has no values"),
    ],
)
def test_a_concern_that_could_never_be_compared_is_refused(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Concern(**fields)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[standards]", "no TOML"),
        ("[[standards]]\nid = 'x'", r"standards\.0\.\w+: .*required"),
        (
            "[[standards]]\nid='x'\ntext='X.'\nkind='law'\nrole='all'\nsource='user'\nrationale=''",
            r"standards\.0\.kind",
        ),
        (
            "[[standards]]\nid='x'\ntext='X.'\nkind='permission'\nrole='all'\nsource='user'\n"
            "rationale=''\nurgent=true",
            r"standards\.0\.urgent",
        ),
    ],
)
def test_a_file_that_is_no_charter_says_where(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read_charter(text)


def test_a_file_with_two_standards_that_cannot_both_be_kept_is_refused() -> None:
    form = (
        "[[standards]]\nid='{0}'\ntext='X.'\nkind='obligation'\nrole='all'\nsource='user'\n"
        "rationale=''\nstatus='ratified'\nconcerns=[{{subject='length',admits=['{0}']}}]\n"
    )
    with pytest.raises(ConflictError, match="short and long contradict"):
        read_charter(form.format("short") + form.format("long"))


def test_an_unknown_or_doubled_id() -> None:
    with pytest.raises(NotFoundError) as raised:
        default_charter().get("nosuch")
    assert "no_manipulation" in raised.value.hint
    with pytest.raises(InvalidInputError, match="same id"):
        Charter((standard(), standard()))
