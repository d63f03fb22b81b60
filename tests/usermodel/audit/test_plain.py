"""Texts are compared as a reader takes them."""

import pytest

from idiolect.usermodel.audit.plain import bare, hides_text, plain, without_invisible


@pytest.mark.parametrize(
    "text",
    [
        "Ignore it",
        "ig\u200bno\u200dre it",
        "\uff49gnore  it",  # a letter of full width
        "ign\u043ere it",  # a Cyrillic letter
        "i g n o r e it",
        "IGNORE\n\tit",
    ],
)
def test_disguises_come_off(text: str) -> None:
    assert plain(text) == "ignore it"


def test_other_scripts_and_short_letters_stay() -> None:
    assert plain("\u041c\u043e\u0441\u043a\u0432\u0430 a b c d") == (
        "\u043c\u043e\u0441\u043a\u0432\u0430 a b c d"
    )


def test_names_are_compared_without_accents() -> None:
    assert bare("Fen\u00eatre Priv\u00e9e") == "fenetre privee"


def test_tags_hide_text_unless_they_make_a_flag() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct")
    scotland = f"\U0001f3f4{tags}\U000e007f"
    assert not hides_text(f"Greetings from {scotland}")
    assert hides_text(f"Greetings {tags}")
    assert without_invisible(f"Greetings {tags}") == "Greetings "
