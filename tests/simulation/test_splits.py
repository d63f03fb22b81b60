"""What is held out is held out whole, and again the same."""

import random
from collections import Counter
from collections.abc import Mapping

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.choices import Sitting
from idiolect.simulation.people import Person
from idiolect.simulation.population import PeopleGroup, Population
from idiolect.simulation.splits import (
    Bands,
    Combination,
    hold_out,
    split_examples,
    split_people,
    taste_combination,
)
from idiolect.simulation.utility import Liking, Utility
from idiolect.simulation.writing import write_candidates
from tests.simulation.replies import CANDIDATES, CHEERFUL, FEATURES, LIST, person

BANDS = Bands(("length", "bullets", "emoji"))


def test_a_text_has_a_combination_of_bands() -> None:
    assert BANDS(LIST) == ("short", "bullets", "none")
    assert BANDS(CHEERFUL) == ("short", "prose", "some")
    with pytest.raises(InvalidInputError, match="hedging has no bands"):
        Bands(("length", "hedging"))(LIST)


def test_a_person_has_a_combination_of_leanings() -> None:
    likings = {"length": Liking(-1.0), "emoji": Liking(2.0), "humor": Liking(1.0, 0.5)}
    someone = Person("p", "all", Utility(likings))
    names = ("length", "emoji", "humor", "bullets")
    assert taste_combination(someone, names) == ("less", "more", "ideal", "any")


WEIGHTS: Mapping[Combination, int] = {
    **{("long", "prose"): 50, ("long", "steps"): 30},
    **{("short", "prose"): 15, ("short", "x"): 5},
}


def test_what_is_held_out_weighs_as_much_of_the_share_as_fits() -> None:
    # Up to 45 of 100: 15 and 5 with 30 is too much, so what comes first by hash decides.
    chosen = {hold_out(WEIGHTS, 0.45, seed) for seed in range(50)}
    assert {sum(WEIGHTS[one] for one in held_out) for held_out in chosen} == {30 + 15, 30 + 5, 20}


def test_at_least_one_is_held_out_and_never_all() -> None:
    for seed in range(20):
        assert hold_out(WEIGHTS, 0.001, seed) == {("short", "x")}  # the lightest: 5 of 100
        assert len(hold_out(WEIGHTS, 1.0, seed)) == 3
        assert hold_out(WEIGHTS, 0.0, seed) == frozenset()
        assert hold_out({("only",): 9}, 0.5, seed) == frozenset()
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        hold_out(WEIGHTS, 1.1, 0)


def test_no_seed_holds_out_nothing_or_most_of_the_replies() -> None:
    for seed in range(40):
        replies = [reply for offered in write_candidates(60, 6, seed) for reply in offered.replies]
        bands = list(map(BANDS, replies))
        held_out = hold_out(Counter(bands), 0.1, seed)
        share = sum(one in held_out for one in bands) / 360
        assert 0.06 < share <= 0.1, seed


@pytest.mark.parametrize(
    ("number", "share", "expected"), [(60, 0.3, 18), (100, 0.29, 29), (3, 0.2, 1), (1, 0.2, 0)]
)
def test_exactly_the_share_of_the_people_is_held_out(
    number: int, share: float, expected: int
) -> None:
    people = Population.draw(number, [PeopleGroup("all")], 0).people
    for seed in range(20):
        seen, held_out = split_people(people, share, seed)
        assert (len(seen), len(held_out)) == (number - expected, expected)
        again = split_people(people[::-1], share, seed)[1]
        assert again == held_out[::-1]  # whatever their order
    if number == 60:
        assert split_people(people, share, 0) != split_people(people, share, 1)


def test_held_out_tastes_are_nobodys_to_learn_from() -> None:
    people = Population.draw(80, [PeopleGroup("all")], 0).people
    names = ("length", "emoji")
    seen, held_out = split_people(people, 0.4, 0, by=names)
    assert seen
    assert held_out
    of_seen = {taste_combination(person, names) for person in seen}
    assert not of_seen & {taste_combination(person, names) for person in held_out}


def test_held_out_combinations_occur_in_no_example_to_learn_from() -> None:
    sitting = Sitting(person(length=1.0), FEATURES)
    held_out = {BANDS(CHEERFUL)}
    pairs = sitting.pairs(CANDIDATES, 60, random.Random(0))
    seen, kept = split_examples(pairs, BANDS, held_out)
    assert len(seen) + len(kept) == 60
    assert seen
    assert kept
    # Of the four replies, only the cheerful one has an emoji.
    assert not any(CHEERFUL in (pair.sample_w, pair.sample_l) for pair in seen)
    assert all(CHEERFUL in (pair.sample_w, pair.sample_l) for pair in kept)
    thumbs = sitting.thumbs(CANDIDATES, 20, random.Random(0))
    liked, unseen = split_examples(thumbs, BANDS, held_out)
    assert {thumb.samples for thumb in unseen} == {(CHEERFUL,)}
    assert len(liked) + len(unseen) == 20
    rankings = sitting.rankings(CANDIDATES, 5, random.Random(0))
    assert split_examples(rankings, BANDS, held_out) == ([], rankings)  # each ranks all four
