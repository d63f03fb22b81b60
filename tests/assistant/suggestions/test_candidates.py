"""What is the same offer again."""

from datetime import datetime

import pytest

from idiolect.assistant.suggestions.candidates import Candidate, distinct, same
from idiolect.errors import InvalidInputError
from tests.assistant.suggestions.offers import MONDAY, STAKES, offer

PLAN = "Shall we plan the trip to Porto?"


def test_words_in_common_make_two_offers_the_same() -> None:
    # shall, plan, trip, Porto, and "together" in one of them: 4 of 5 content words.
    assert same(PLAN, "Shall we plan your trip to Porto together?")
    assert not same(PLAN, "Shall we book a table in Porto?")  # shall, Porto of 6


def test_other_numbers_are_another_matter() -> None:
    assert not same("Prepare for the review at 10:00?", "Prepare for the review at 11:00?")


def test_vectors_find_what_words_do_not() -> None:
    left, right = "Answer Ana's mail?", "Reply to the message from her?"
    assert not same(left, right)
    assert same(left, right, {left: [1.0, 0.0], right: [0.9, 0.43589]})  # cosine 0.9
    assert not same(left, right, {left: [1.0, 0.0], right: [0.6, 0.8]})
    assert not same(left, right, {left: [1.0, 0.0]})
    # And they decide: the same words in another matter are another offer.
    again = "Shall we plan your trip to Porto together?"
    assert not same(PLAN, again, {PLAN: [1.0, 0.0], again: [0.6, 0.8]})


def test_of_two_the_better_is_kept_and_what_was_shown_is_not_shown_again() -> None:
    best, again, other = offer(PLAN), offer("Plan the trip to Porto?"), offer("Water the plants?")
    kept, repeated = distinct([best, again, other], shown=["Water the plants now?"])
    assert kept == [best]
    assert repeated == [(again, PLAN), (other, "Water the plants now?")]


def test_texts_without_content_words_are_compared_by_no_words() -> None:
    assert not same("Shall it?", "?")
    assert not same("", "")


@pytest.mark.parametrize(("text", "until"), [(" ", MONDAY), ("Offer", datetime(2026, 3, 2))])  # noqa: DTZ001 - the time without a zone is what is refused
def test_an_offer_needs_a_text_and_a_zone(text: str, until: datetime) -> None:
    with pytest.raises(InvalidInputError):
        Candidate(text, "event", (), STAKES, until)
