"""The estimate of tokens: what counts as one, and that it is seldom too low."""

import pytest

from idiolect.lm.tokens import estimated_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \n\t ", 0),
        ("Mara sails", 2),  # 4 and 5 letters
        ("counterpoint", 2),  # 12 letters, 6 a token
        ("counterpoints", 3),
        ("2026-03-02", 10),  # 8 digits and 2 dashes
        ('"Mara."', 4),
        ("玛拉", 3),  # 2 characters of 3 bytes, 2 bytes a token
        ("дюйж", 4),  # 4 letters of 2 bytes
        ("é", 1),
    ],
)
def test_counts_words_marks_and_what_is_not_ascii(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


def test_a_text_takes_no_more_than_its_parts() -> None:
    parts = ["Mara likes 二 things", ", and ", "é", "é", " more."]

    assert estimated_tokens("".join(parts)) <= sum(map(estimated_tokens, parts))
