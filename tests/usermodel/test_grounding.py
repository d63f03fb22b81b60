"""Which passages carry a statement."""

import pytest

from idiolect.usermodel.grounding import content_words, grounds

PASSAGES = ["Hi Rolf,", "I am in Bergen until Monday.", "My brother asks for you.", "Yours, Mara"]


def test_content_words_are_stems_of_what_is_said() -> None:
    assert content_words("Mara is learning the pianos") == content_words("the piano Mara learns")
    assert content_words("She will have been to it.") == frozenset()


def test_the_fewest_passages_are_taken_in_their_order() -> None:
    assert grounds("Mara is in Bergen until Monday.", PASSAGES, "Mara") == (PASSAGES[1],)
    assert grounds("Mara's brother is in Bergen.", PASSAGES, "Mara") == tuple(PASSAGES[1:3])


@pytest.mark.parametrize(
    ("statement", "is_carried"),
    [
        ("Mara has a brother.", True),
        ("Mara has a brother and a sister.", True),  # one word of two
        ("Mara has a brother, a sister and a cat.", False),  # one of three
        ("Mara is in Bergen until Friday.", False),  # a name that is not there
        ("Mara is in Bergen until Monday the 5th.", False),  # a number that is not there
        ("Mara has it.", False),  # nothing is said
    ],
)
def test_half_of_the_words_and_every_name_and_number(statement: str, is_carried: bool) -> None:
    assert bool(grounds(statement, PASSAGES, "Mara")) == is_carried


def test_nothing_carries_anything() -> None:
    assert grounds("Mara has a brother.", [], "Mara") == ()
