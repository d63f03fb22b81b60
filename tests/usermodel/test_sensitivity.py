"""Sensitive categories are told by words, and what only looks like them is not."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.errors import InvalidInputError
from idiolect.usermodel.sensitivity import Category, category_named, descriptions, sensitive
from tests.usermodel.wordings import HALVES, gold_propositions, half_of, statements

TEXTS = statements("sensitivity_texts")


def of_half(kind: str, half: int) -> list[tuple[str, str]]:
    return [
        (category, text)
        for category, texts in TEXTS[kind].items()
        for text in texts
        if half_of(text) == half
    ]


def test_there_are_examples_of_every_category() -> None:
    for kind in ("sensitive", "look_alikes"):
        assert list(TEXTS[kind]) == list(get_args(Category))
        assert sum(map(len, TEXTS[kind].values())) > 100


@pytest.mark.parametrize("half", HALVES)
def test_what_is_sensitive_is_told_with_its_category(half: int) -> None:
    missed = [
        (name, text) for name, text in of_half("sensitive", half) if name not in sensitive(text)
    ]
    assert missed == []


@pytest.mark.parametrize("half", HALVES)
def test_what_only_looks_sensitive_is_not(half: int) -> None:
    alarms = [text for _, text in of_half("look_alikes", half) if sensitive(text)]
    assert alarms == []


def test_few_of_a_careful_readers_propositions_are_sensitive() -> None:
    found = [bool(sensitive(text)) for _, text in gold_propositions()]
    assert 0 < sum(found) < 0.01 * len(found)  # a clinic, a knee, a shoulder, two children


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maya is planning a birthday party.", set()),
        ("Maya is a member of the Labour Party.", {"politics"}),
        ("Maya watches a depression over the Atlantic.", set()),
        ("Maya takes antidepressants for her depression.", {"mental_health"}),
        ("Maya lives on Church Street.", set()),
        ("Maya goes to church on Church Street.", {"religion"}),
        ("Maya measures the mass of a star.", set()),
        ("Maya walks straight on.", set()),
        ("Maya has tickets for the gay pride parade.", {"sexuality"}),
        ("Maya watches \u201cLosing My Religion\u201d.", set()),
        ("Maya searched for \u201cgender transition near me\u201d.", {"gender_identity"}),
        ("Maya\u2019s mother has Parkinson\u2019s.", {"health"}),
        ("Maya is Jewish.", {"religion", "ethnicity"}),
        ("Maya has a restraining order.", {"legal_proceedings", "abuse"}),
        ("Maya has a daughter called Ana.", set()),
        ("Maya has a daughter who is seven.", {"children"}),
        ("Maya's washing machine is seven years old.", set()),
        ("Maya is\nallergic   to nuts.", {"health"}),
        ("Maya follows a vegan diet.", set()),
        ("", set()),
    ],
)
def test_homographs(text: str, expected: set[Category]) -> None:
    assert sensitive(text) == expected


def test_each_category_has_one_line_for_the_settings_page() -> None:
    lines = descriptions()
    assert list(lines) == list(get_args(Category))
    for line in lines.values():
        assert line[0].isupper()
        assert 20 < len(line) < 100
        assert not line.endswith(".")
        assert "\n" not in line


def test_a_category_is_known_by_its_name() -> None:
    assert [category_named(name) for name in descriptions()] == list(get_args(Category))
    with pytest.raises(InvalidInputError, match="'helth'") as caught:
        category_named("helth")
    assert "mental_health" in caught.value.hint


words = st.sampled_from(
    [
        "Maya ",
        "is ",
        "gay ",
        "Gay Street ",
        "depress",
        "ed ",
        "party ",
        "Labour ",
        "'",
        "union ",
        ".",
    ]
)


@given(st.lists(words, max_size=10).map("".join))
def test_a_sensitive_text_stays_so_beside_another(text: str) -> None:
    assert sensitive(f"{text} Maya has diabetes.") >= {"health"}
