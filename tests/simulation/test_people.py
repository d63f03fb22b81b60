"""People judge by what they are made of, drift as stated, and are drawn alike from a seed."""

import random
from collections import Counter
from itertools import product
from statistics import fmean, pstdev

import pytest

from idiolect.errors import InvalidInputError
from idiolect.simulation.attributes import ATTRIBUTES, Measured
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Drift, Person
from idiolect.simulation.population import PeopleGroup, Population, apportion
from idiolect.simulation.utility import Cycle, Liking, Utility

LIKES_A = Utility({"a": Liking(1.0)})
LIKES_B = Utility({"b": Liking(1.0)})
A, B = {"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0}

RNG = random.Random(7)
TEXTS = [{name: RNG.random() for name in ATTRIBUTES} for _ in range(60)]


def test_worth_is_the_utility_and_the_advantage_its_difference() -> None:
    person = Person("p", "all", LIKES_A)
    assert (person.worth(A), person.worth(B)) == (1.0, -1.0)
    assert person.advantage(A, B) == 2.0
    assert person.advantage(B, A) == -2.0


def test_what_goes_round_is_added_to_the_advantage_only() -> None:
    person = Person("p", "all", LIKES_A, cycles=(Cycle("a", "b", 0.5),))
    # centered A = (1, -1), B = (-1, 1): 1 * 1 - (-1)(-1) = 0; against (1, 1): 1 * 1 + 1 * 1 = 2.
    assert person.advantage(A, B) == 2.0
    assert person.advantage(A, {"a": 1.0, "b": 1.0}) == 0.5 * 2
    assert person.worth(A) == 1.0


def test_a_taste_drifts_by_a_quarter_turn() -> None:
    person = Person("p", "all", LIKES_A, drift=Drift(LIKES_B, days=10))
    assert person.worth(A) == 1.0
    assert person.worth(A, day=5) == pytest.approx(0.0)  # cos 45 - sin 45
    assert person.worth(A, day=10) == pytest.approx(-1.0)
    assert person.worth(A, day=99) == pytest.approx(-1.0)
    assert person.drift is not None
    assert sum(part**2 for part in person.drift.parts(3)) == pytest.approx(1.0)


def test_a_drift_takes_time() -> None:
    with pytest.raises(InvalidInputError, match="more than 0 days"):
        Drift(LIKES_B, days=0)


def test_a_person_chooses_by_advantage_place_and_day() -> None:
    choice = ChoiceModel(temperature=1.0, fatigue=1.0)
    person = Person("p", "all", LIKES_A, choice, drift=Drift(LIKES_B, days=10))

    def share(**when: float) -> float:
        rng = random.Random(0)
        place, day = int(when.get("place", 0)), when.get("day", 0.0)
        picks = [person.choose(A, B, rng, place=place, day=day) for _ in range(4000)]
        return picks.count("first") / 4000

    assert share() == pytest.approx(0.881, abs=0.02)  # sigmoid(2)
    assert share(place=3) == pytest.approx(0.622, abs=0.02)  # T = 4: sigmoid(1/2)
    assert share(day=10) == pytest.approx(0.119, abs=0.02)  # sigmoid(-2)


def test_the_same_seed_gives_the_same_people() -> None:
    groups = [
        PeopleGroup("many", 0.8, drifting_share=0.5, cyclic_share=0.5),
        PeopleGroup("few", 0.2),
    ]
    drawn = Population.draw(20, groups, 3)
    assert drawn == Population.draw(20, groups, 3)
    assert drawn != Population.draw(20, groups, 4)
    random.seed(1)
    assert drawn == Population.draw(20, groups, 3)  # no global state has a part


def test_members_stay_the_same_when_the_population_grows() -> None:
    many, few = PeopleGroup("many", 0.8), PeopleGroup("few", 0.2)
    small, large = Population.draw(10, [many, few], 0), Population.draw(50, [many], 0)
    assert large.people[:8] == small.of_group("many")


def test_raising_a_share_changes_nobodys_other_traits() -> None:
    still = Population.draw(5, [PeopleGroup("all")], 0)
    moving = Population.draw(5, [PeopleGroup("all", drifting_share=1.0, cyclic_share=1.0)], 0)
    assert [p.utility for p in still.people] == [p.utility for p in moving.people]
    assert all(p.drift and p.cycles for p in moving.people)
    assert not any(p.drift or p.cycles for p in still.people)


def test_groups_have_their_shares_and_something_in_common() -> None:
    minority = PeopleGroup("minority", 0.1, {"length": Liking(-5.0)}, individuality=0.5)
    population = Population.draw(200, [PeopleGroup("majority", 0.9), minority], 0)
    assert Counter(p.group for p in population.people) == {"majority": 180, "minority": 20}
    weights = [p.utility.likings["length"].weight for p in population.of_group("minority")]
    assert fmean(weights) == pytest.approx(-5, abs=0.4)
    assert pstdev(weights) == pytest.approx(0.5, abs=0.25)


def test_people_care_about_as_many_features_as_stated() -> None:
    (person,) = Population.draw(1, [PeopleGroup("all", concerns=4, interactions=2)], 0).people
    assert len(person.utility.likings) == 4
    assert len(person.utility.interactions) == 2


def test_standardized_people_are_alike_in_spread() -> None:
    groups = [PeopleGroup("all", drifting_share=1.0)]
    for person in Population.draw(10, groups, 0).standardized(TEXTS).people:
        for day in (0.0, 30.0):
            worths = [person.worth(text, day=day) for text in TEXTS]
            assert fmean(worths) == pytest.approx(0, abs=1e-9)
            assert pstdev(worths) == pytest.approx(1)


def test_people_differ_and_no_line_explains_them() -> None:
    people = Population.draw(30, [PeopleGroup("all")], 1).standardized(TEXTS).people
    agreement = [
        fmean(one.worth(text) * other.worth(text) for text in TEXTS)
        for one, other in product(people, people)
        if one is not other
    ]
    assert fmean(agreement) == pytest.approx(0, abs=0.1)  # nothing in common, as no group says so
    (person,) = Population.draw(1, [PeopleGroup("all", interactions=8)], 1).people
    corners = [dict.fromkeys(ATTRIBUTES, 0.5) for _ in range(4)]
    pair = person.utility.interactions[0]
    for corner, (x, y) in zip(corners, product((0.0, 1.0), repeat=2), strict=True):
        corner[pair.one], corner[pair.other] = x, y
    worths = [person.worth(corner) for corner in corners]
    assert worths[0] + worths[3] != pytest.approx(worths[1] + worths[2])


def test_topics_are_features_like_any_other() -> None:
    names = ("topic:garden", "topic:music", "length")
    group = PeopleGroup("gardeners", common={"topic:garden": Liking(3.0)}, concerns=1)
    (person,) = Population.draw(1, [group], 0, names=names).people
    about = person.worth({"topic:garden": 1.0, "topic:music": 0.0, "length": 0.5})
    other = person.worth({"topic:garden": 0.0, "topic:music": 0.0, "length": 0.5})
    assert about > other


def test_topics_are_liked_besides_manners_and_through_a_drift() -> None:
    names = ("topic:garden", "topic:music", "topic:cars")
    group = PeopleGroup("all", topics=2, drifting_share=1.0, cyclic_share=1.0)
    plain = Population.draw(6, [group], 0).people
    with_topics = Population.draw(6, [group], 0, topics=names).people
    chosen = set()
    for person, same in zip(plain, with_topics, strict=True):
        liked = {name: same.utility.likings[name] for name in names if name in same.utility.names}
        assert len(liked) == 2
        assert all(liking.weight > 0 and liking.ideal is None for liking in liked.values())
        assert same.utility.likings == {**person.utility.likings, **liked}
        assert person.drift
        assert same.drift
        assert same.drift.toward.likings == {**person.drift.toward.likings, **liked}
        assert same.cycles == person.cycles
        chosen |= set(liked)
    assert chosen == set(names)


@pytest.mark.parametrize(
    ("number", "shares", "sizes"),
    [
        (10, [0.8, 0.2], [8, 2]),
        (10, [1, 1, 1], [4, 3, 3]),  # 3.33 each: the first remainder takes the last seat
        (7, [0.5, 0.3, 0.2], [4, 2, 1]),  # 3.5, 2.1, 1.4
        (1, [0.4, 0.6], [0, 1]),
    ],
)
def test_seats_go_by_the_largest_remainder(
    number: int, shares: list[float], sizes: list[int]
) -> None:
    assert apportion(number, shares) == sizes


@pytest.mark.parametrize(
    "fault",
    [
        {"share": 0.0},
        {"ideal_share": 1.5},
        {"drifting_share": -0.1},
        {"individuality": -1.0},
        {"concerns": -1},
        {"topics": -1},
        {"concerns": 0},
    ],
)
def test_impossible_groups_are_refused(fault: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError, match="group all"):
        PeopleGroup("all", **fault)  # type: ignore[arg-type] # names of numbers


def test_impossible_populations_are_refused() -> None:
    group = PeopleGroup("all")
    with pytest.raises(InvalidInputError, match="needs people"):
        Population.draw(0, [group], 0)
    with pytest.raises(InvalidInputError, match="needs people"):
        Population.draw(1, [], 0)
    with pytest.raises(InvalidInputError, match="same name"):
        Population.draw(2, [group, group], 0)
    with pytest.raises(InvalidInputError, match="not enough"):
        Population.draw(1, [group], 0, names=("length", "emoji"))


def test_a_feature_map_measures_a_text_once() -> None:
    calls = []

    class Counting:
        name, unit, range = "a", "calls", (0.0, 1.0)

        def __call__(self, text: str) -> Measured:
            calls.append(text)
            return ATTRIBUTES["length"](text)

        def scaled(self, value: float) -> float:
            return min(1.0, value)

    features = FeatureMap({"a": Counting()})
    assert features("one two") is features("one two")
    assert calls == ["one two"]
    assert features.names == ("a",)
    assert FeatureMap().names == tuple(ATTRIBUTES)
