"""Propositions about how to answer become instructions; no others do."""

import pytest

from idiolect.personalize.profile import RULES, style_of
from idiolect.usermodel.charter.subjects import sentence


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Mara prefers short answers.", {"length": "short"}),
        ("Mara likes detailed explanations.", {"length": "long"}),
        ("The user doesn't want long replies.", {"length": "brief"}),
        ("Mara does not like emoji.", {"emoji": "none"}),
        ("Mara asked for numbered steps.", {"format": "steps"}),
        ("Mara prefers prose over bullet points.", {"format": "prose"}),
        ("Mara prefers answers as lists.", {"format": "bullets"}),
        ("Mara prefers step-by-step answers.", {"format": "steps"}),
        ("Mara prefers answers without emoji.", {"emoji": "none"}),
        ("Mara prefers plain words to jargon.", {"words": "plain"}),
        ("Mara prefers a warm, friendly tone.", {"tone": "warm"}),
        ("Mara likes being asked a question at the end.", {"question": "asked"}),
        ("Mara prefers answers with examples.", {"examples": "given"}),
        (
            "Mara prefers short answers and dislikes emoji.",
            {"length": "short", "emoji": "none"},
        ),
        (
            "Mara likes replies without emoji, with bullet points.",
            {"emoji": "none", "format": "bullets"},
        ),
        (
            "Mara wants answers with no follow-up questions.",
            {"question": "none"},
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


def test_no_rule_tells_the_same_for_wanting_and_for_refusing():
    assert all(rule.wanted and rule.refused and rule.wanted != rule.refused for rule in RULES)


def test_the_sentences_are_those_that_the_bundled_model_was_trained_on():
    said = {
        (rule.subject, sentence(rule.subject, value))
        for rule in RULES
        for value in (rule.wanted, rule.refused)
    }

    assert said == {
        ("length", "Keep it short."),
        ("length", "Go into detail."),
        ("length", "Be brief."),
        ("format", "Use bullet points."),
        ("format", "Use no bullet points."),
        ("format", "Use numbered steps."),
        ("format", "Use no steps."),
        ("format", "Use flowing prose."),
        ("format", "Use a list."),
        ("tone", "Be warm and kind."),
        ("tone", "Use a neutral tone."),
        ("tone", "Be playful."),
        ("tone", "Be formal."),
        ("tone", "Use a friendly tone."),
        ("words", "Use plain words."),
        ("words", "Use technical terms."),
        ("examples", "Give an example."),
        ("examples", "Give no examples."),
        ("emoji", "Use emoji."),
        ("emoji", "Use no emoji."),
        ("question", "End with a question."),
        ("question", "Do not end with a question."),
    }
