"""An edit does what its name says, and a person makes those that are worth it."""

import pytest

from idiolect.simulation.edits import EDITS, edited
from tests.simulation.replies import CHEERFUL, FEATURES, LIST, SHORT, person


@pytest.mark.parametrize(
    ("name", "text", "after"),
    [
        ("drop_emoji", "Walk 😊 and rest.", "Walk and rest."),
        ("drop_emoji", "Walk more 🫖 Who comes along?", "Walk more. Who comes along?"),
        ("drop_emoji", "Rest well 😊.", "Rest well."),
        ("drop_emoji", "None", "None"),
        ("calm_down", "Wow! Great!", "Wow. Great."),
        ("drop_closing_question", "Walk. Do you like it?", "Walk."),
        ("drop_closing_question", "Do you like it? Walk.", "Do you like it? Walk."),
        ("drop_closing_question", "Do you like it?", "Do you like it?"),
        ("drop_last_sentence", "One. Two. Three.", "One. Two."),
        ("drop_last_sentence", "Try:\n- Bread\n- Soup", "Try:\n- Bread"),
        ("drop_last_sentence", "One.", "One."),
        ("drop_last_sentence", "One. It\u2019s two.", "One."),
        ("drop_closing_question", "That\u2019s it. Isn\u2019t it?", "That\u2019s it."),
        ("as_bullets", "One. Two.", "- One.\n- Two."),
        ("as_bullets", "One.", "One."),
        ("as_prose", "Try:\n- Bread\n- Soup", "Try: Bread. Soup."),
        ("as_prose", "One. Two.", "One. Two."),
    ],
)
def test_an_edit_does_what_it_says(name: str, text: str, after: str) -> None:
    assert EDITS[name](text) == after


@pytest.mark.parametrize(
    "name", sorted(EDITS.keys() - {"drop_last_sentence", "drop_closing_question"})
)
@pytest.mark.parametrize("text", ["", "...", "😊", SHORT, LIST, CHEERFUL])
def test_what_was_edited_needs_no_such_edit_again(name: str, text: str) -> None:
    once = EDITS[name](text)
    assert EDITS[name](once) == once


def test_edits_go_on_until_they_are_not_worth_it() -> None:
    sober = person(emoji=-1.0, enthusiasm=-1.0, questions=-1.0)
    draft = edited(CHEERFUL, sober, FEATURES)
    assert draft == "Great question. You could take a lovely walk today."
    assert edited(draft, sober, FEATURES, least_gain=1.0) == draft
    assert edited(CHEERFUL, sober, FEATURES, most=0) == CHEERFUL


def test_of_nothing_nothing_is_left() -> None:
    assert edited("", person(length=-1.0), FEATURES) == ""


def test_who_likes_it_as_it_is_leaves_it() -> None:
    assert edited(LIST, person(bullets=1.0, length=0.5), FEATURES) == LIST
