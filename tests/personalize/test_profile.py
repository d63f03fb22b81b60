"""Propositions about how to answer become instructions; no others do."""

import pytest

from idiolect.personalize.profile import RULES, style_of, style_paragraph


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Mara prefers short answers.", {"length": "Keep it short."}),
        ("Mara likes detailed explanations.", {"length": "Go into detail."}),
        ("The user doesn't want long replies.", {"length": "Be brief."}),
        ("Mara does not like emoji.", {"emoji": "Use no emoji."}),
        ("Mara asked for numbered steps.", {"format": "Use numbered steps."}),
        ("Mara prefers prose over bullet points.", {"format": "Use flowing prose."}),
        ("Mara prefers answers as lists.", {"format": "Use bullet points."}),
        ("Mara prefers step-by-step answers.", {"format": "Use numbered steps."}),
        ("Mara prefers answers without emoji.", {"emoji": "Use no emoji."}),
        ("Mara prefers plain words to jargon.", {"words": "Use plain words."}),
        ("Mara prefers a warm, friendly tone.", {"tone": "Be warm and kind."}),
        ("Mara likes being asked a question at the end.", {"question": "End with a question."}),
        ("Mara prefers answers with examples.", {"examples": "Give an example."}),
        (
            "Mara prefers short answers and dislikes emoji.",
            {"length": "Keep it short.", "emoji": "Use no emoji."},
        ),
        (
            "Mara likes replies without emoji, with bullet points.",
            {"emoji": "Use no emoji.", "format": "Use bullet points."},
        ),
        (
            "Mara wants answers with no follow-up questions.",
            {"question": "Do not end with a question."},
        ),
    ],
)
def test_says_how_to_answer(statement, expected):
    assert style_of(statement) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "Mara likes long walks.",
        "Mara enjoys playful dogs.",
        "Mara loves the warm tone of her cello.",
        "Mara dislikes formal dinners.",
        "Mara is learning the piano.",
        "Mara answers mail in the morning.",
        "",
    ],
)
def test_other_likes_say_nothing_about_answers(statement):
    assert style_of(statement) == {}


def test_the_first_statement_settles_a_dimension():
    paragraph = style_paragraph(
        ["Mara prefers short answers.", "Mara likes long answers and bullet points."]
    )

    assert paragraph == "Keep it short. Use bullet points."


def test_no_rule_tells_the_same_for_wanting_and_for_refusing():
    assert all(rule.wanted and rule.refused and rule.wanted != rule.refused for rule in RULES)
