"""What is held out is held out whole, and again the same."""

import random

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.choices import Sitting
from idiolect.simulation.people import Person
from idiolect.simulation.population import PeopleGroup, Population
from idiolect.simulation.splits import (
    is_held_out,
    split_pairs,
    split_people,
    taste_combination,
    text_combination,
)
from idiolect.simulation.utility import Liking, Utility
from tests.simulation.replies import CANDIDATES, CHEERFUL, FEATURES, LIST, person

NAMES = ("length", "bullets", "emoji")


def test_a_text_has_a_combination_of_bands() -> None:
    assert text_combination(LIST, NAMES) == ("short", "bullets", "none")
    assert text_combination(CHEERFUL, NAMES) == ("short", "prose", "some")
    with pytest.raises(InvalidInputError, match="hedging has no bands"):
        text_combination(LIST, ("length", "hedging"))


def test_a_person_has_a_combination_of_leanings() -> None:
    likings = {"length": Liking(-1.0), "emoji": Liking(2.0), "humor": Liking(1.0, 0.5)}
    someone = Person("p", "all", Utility(likings))
    names = ("length", "emoji", "humor", "bullets")
    assert taste_combination(someone, names) == ("less", "more", "ideal", "any")


def test_about_the_share_is_held_out_and_seeds_differ() -> None:
    combinations = [(str(number), "x") for number in range(2000)]
    held = [is_held_out(combination, 0.2, 0) for combination in combinations]
    assert sum(held) / 2000 == pytest.approx(0.2, abs=0.03)
    assert held != [is_held_out(combination, 0.2, 1) for combination in combinations]
    assert not any(is_held_out(combination, 0.0, 0) for combination in combinations)
    assert all(is_held_out(combination, 1.0, 0) for combination in combinations)
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        is_held_out(("a",), 1.1, 0)


def test_people_are_on_one_side_and_stay_there() -> None:
    people = Population.draw(60, [PeopleGroup("all")], 0).people
    seen, held_out = split_people(people, 0.3, 0)
    assert len(seen) + len(held_out) == 60
    assert 8 <= len(held_out) <= 28  # 18 on average, deviation 3.5
    fewer = split_people(people[:30], 0.3, 0)[1]
    assert [p for p in held_out if p in people[:30]] == fewer


def test_held_out_tastes_are_nobodys_to_learn_from() -> None:
    people = Population.draw(80, [PeopleGroup("all")], 0).people
    names = ("length", "emoji")
    seen, held_out = split_people(people, 0.4, 0, by=names)
    assert seen
    assert held_out
    of_seen = {taste_combination(person, names) for person in seen}
    assert not of_seen & {taste_combination(person, names) for person in held_out}


def test_held_out_combinations_occur_in_no_pair_to_learn_from() -> None:
    pairs = Sitting(person(length=1.0), FEATURES).pairs(CANDIDATES, 60, random.Random(0))
    seed = next(  # one that holds out some combination of the replies, but not all
        seed for seed in range(50) if all(split_pairs(pairs, NAMES, 0.3, seed))
    )
    seen, held_out = split_pairs(pairs, NAMES, 0.3, seed)
    assert len(seen) + len(held_out) == 60

    def held(text: str) -> bool:
        return is_held_out(text_combination(text, NAMES), 0.3, seed)

    assert not any(held(pair.sample_w) or held(pair.sample_l) for pair in seen)
    assert all(held(pair.sample_w) or held(pair.sample_l) for pair in held_out)
