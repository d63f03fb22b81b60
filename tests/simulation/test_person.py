"""The demo's person chooses by the stated utility and noise."""

import math
import random

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.person import MARKS, SimulatedPerson, Taste

LIST = "Try this:\n- Bread\n- Soup"
PROSE = "You could try bread or soup today! 😊 Shall I go on?"


def test_marks_are_what_a_reader_counts() -> None:
    assert {name: mark(LIST) for name, mark in MARKS.items()} == {
        "brevity": 1 / (1 + 4 / 40),  # Try this Bread Soup
        "lists": 1.0,
        "emoji": 0.0,
        "closing_question": 0.0,
        "enthusiasm": 0.0,
    }
    assert {name: mark(PROSE) for name, mark in MARKS.items()} == {
        "brevity": 1 / (1 + 11 / 40),
        "lists": 0.0,
        "emoji": 1.0,
        "closing_question": 1.0,
        "enthusiasm": 1 / 3,
    }


def test_one_dash_is_not_a_list() -> None:
    assert MARKS["lists"]("- Bread") == 0.0


def test_utility_is_the_weighted_sum() -> None:
    taste = Taste({"lists": 2.0, "emoji": -1.0})
    assert taste.utility(LIST) == 2.0
    assert taste.utility(PROSE) == -1.0


def test_choices_have_the_frequency_that_the_choice_model_states() -> None:
    # Utility 1 against 0 at temperature 1: the first is chosen with sigmoid(1) = 0.731.
    person = SimulatedPerson("Ada", Taste({"lists": 1.0}), temperature=1.0)
    rng = random.Random(0)
    picks = [person.choose((LIST, PROSE), rng) for _ in range(4000)]
    share = picks.count(0) / len(picks)
    assert share == pytest.approx(1 / (1 + math.exp(-1)), abs=0.02)
    # Order does not matter: shown the other way round, the list wins as often.
    swapped = [person.choose((PROSE, LIST), rng) for _ in range(4000)]
    assert swapped.count(1) / len(swapped) == pytest.approx(share, abs=0.03)


def test_what_makes_no_difference_is_a_tie() -> None:
    person = SimulatedPerson("Ada", Taste({"emoji": 1.0}))
    assert person.choose((LIST, "Bread"), random.Random(0)) is None


def test_an_unknown_mark_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="sparkle"):
        Taste({"sparkle": 1.0})
