"""Patterns are filed under what they begin with, and found as if each were looked for alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idiolect.usermodel.lexicon import HEAD, Lexicon, Listed, alternatives, heads


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\bdepress(?:ed|ion)", {"depres"}),
        (r"(?<!\w)(?:be|is) ill\b", {"be ill", "is ill"}),
        (r"\b(?:be|is) an? ill", {"be a i", "be an ", "is a i", "is an "}),
        (r"\bHIV", {"hiv"}),  # small letters; the pattern itself minds the case
        (r"\b(?:is )?ill", {"is ill", "ill"}),
        (r"\bana?emia", {"anaemi", "anemia"}),  # the letter before a mark may be missing
        (r"\bco+l", {"c"}),
        (r"\b(?:a|b)+c", {""}),
        (r"\b(?:(?:go|run)s|be) on", {"gos on", "runs o", "be on"}),
        (r"\b(?<!that )(?:was|is) in", {"was in", "is in"}),
        (r"\bgo|\bbe|[0-9]+", {"go", "be", ""}),
        (r"\b[a-z]+ing", {""}),
        (r"\ba\.?i\. ", {"a.i. ", "ai. "}),
        (r"\ba&e", {"a&e"}),
        ("ill", {""}),  # may begin within a word
    ],
)
def test_heads_are_what_every_match_begins_with(pattern: str, expected: set[str]) -> None:
    assert HEAD == 6
    assert heads(pattern) == expected


def test_alternatives_stand_between_bars_outside_of_brackets() -> None:
    assert list(alternatives(r"a(?:b|c)|[|)]d|\|e")) == ["a(?:b|c)", "[|)]d", r"\|e"]
    assert list(alternatives("")) == [""]


PATTERNS = (
    r"\b(?:is|was) (?:ill|sick)(?! of)\b",
    r"\bill\b",
    r"(?<!\w)(?<!not )(?:very )?sick(?!\w)",
    r"\b[a-z]ll\b",
    r"\bis? ?ill",
    r"ick",
    r"\bMS\b",
)
LEXICON = Lexicon([Listed(number, pattern) for number, pattern in enumerate(PATTERNS)])
PIECES = st.sampled_from(["is", "was", "ill", "sick", "not", "very", "MS", " ", "of", "st", "."])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_is_found_is_what_each_pattern_finds_alone(text: str) -> None:
    alone = {place for place, pattern in enumerate(PATTERNS) if re.search(pattern, text)}
    assert LEXICON.labels(text) == alone


def test_letters_of_any_case_count_where_the_pattern_says_so() -> None:
    lexicon = Lexicon([Listed("ill", r"\bill\b", re.IGNORECASE), Listed("ms", r"\bMS\b")])
    assert lexicon.labels("ILL with ms") == {"ill"}
