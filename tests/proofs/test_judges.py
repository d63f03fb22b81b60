"""Judges are simulated people whose utility has a stated width over the reference's openings."""

import pytest
import torch

from idiolect.errors import InvalidInputError
from idiolect.proofs.bandits import generator
from idiolect.proofs.judges import OPENING_ATTRIBUTES, Judge, opening_features
from idiolect.simulation.people import Person
from idiolect.simulation.utility import Liking, Utility

TEXTS = ("Ooh, fun! Here are", "Certainly. Ideas for", "You can read this", "I like lists: one")


def test_worth_is_centered_and_as_wide_as_it_is_said_to_be() -> None:
    worth = Judge.draw(TEXTS, generator(0), 3.0, opening_features())(TEXTS)
    assert float(worth.mean()) == pytest.approx(0.0, abs=1e-9)
    assert float(worth.std(correction=0)) == pytest.approx(3.0)


def test_worth_is_the_persons_utility_times_the_spread() -> None:
    features = opening_features()
    smiles = Person("ada", "all", Utility({"emoji": Liking(2.0)}))
    # One emoji is in the middle of the scale, where 2 (2x - 1) is 0; none is at its end.
    worth = Judge(smiles, features, 3.0)(["Sure 🙂", "Sure"])
    assert worth.tolist() == pytest.approx([0.0, -6.0])


def test_the_same_random_numbers_draw_the_same_judge_and_the_next_ones_another() -> None:
    random, features = generator(1), opening_features()
    first, second = (Judge.draw(TEXTS, random, 1.0, features) for _ in range(2))
    again = Judge.draw(TEXTS, generator(1), 1.0, features)
    assert again.person == first.person
    assert not torch.equal(first(TEXTS), second(TEXTS))
    assert first.person.utility.names <= set(OPENING_ATTRIBUTES)


def test_openings_that_are_all_alike_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="worth the same"):
        Judge.draw(["OK."] * 4, generator(0), 3.0, opening_features())
