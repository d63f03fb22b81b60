"""A whole simulated set: people, their lives, what they choose, and what of it is held out."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from idiolect.errors import InvalidInputError
from idiolect.preference.pairs import Pair
from idiolect.simulation.choices import Candidates, Sitting
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.groups import CHOICE, default_groups
from idiolect.simulation.lives import START, Life, draw_life
from idiolect.simulation.people import Person
from idiolect.simulation.population import Population, apportion
from idiolect.simulation.splits import split_pairs, split_people
from idiolect.simulation.writing import write_candidates

REPLIES = 6
"""How many replies there are to each question."""

COMBINED = ("length", "bullets", "emoji")
"""The attributes whose combinations are held out."""


@dataclass(frozen=True, slots=True)
class Design:
    """What is to be simulated.

    Attributes:
        people: how many.
        days: of each life.
        choices: of each person, pairs that are no ties and ties together.
        questions: of the handbook that are asked, each of another topic.
        seed: the same one gives the same bytes.
        start: the first day of all lives.
        choice: how people choose.
        held_out_people: share of the people, of whose choices nothing is learned.
        held_out_combinations: share of the combinations of ``COMBINED`` that are held out.

    Raises:
        InvalidInputError: a number is out of its range.
    """

    people: int = 50
    days: int = 7
    choices: int = 100
    questions: int = 60
    seed: int = 1
    start: date = START
    choice: ChoiceModel = CHOICE
    held_out_people: float = 0.2
    held_out_combinations: float = 0.1

    def __post_init__(self) -> None:
        if self.people < 1 or self.days < 1 or self.choices < 0:
            raise InvalidInputError(
                f"{self.people} people, {self.days} days and {self.choices} choices cannot be",
                hint="Take at least one person and one day.",
            )
        shares = (self.held_out_people, self.held_out_combinations)
        if not all(0 <= share < 1 for share in shares):
            raise InvalidInputError("a share to hold out is at least 0 and below 1")


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the set.

    Attributes:
        person: with their true preferences, standardized over the candidates.
        life: what was seen of them.
        is_held_out: whether nothing is to be learned from their choices.
        train: their choices between replies of combinations that are learned from.
        held_out: their choices of which a reply has a held-out combination.
    """

    person: Person
    life: Life
    is_held_out: bool
    train: Sequence[Pair]
    held_out: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class Society:
    """People who are all asked the same.

    Attributes:
        design: of what they were made.
        candidates: the replies that they choose from.
        people: with their true preferences, standardized over the candidates.
        held_out: ids of those of whose choices nothing is learned.
    """

    design: Design
    candidates: tuple[Candidates, ...]
    people: tuple[Person, ...]
    held_out: frozenset[str]
    features: FeatureMap = field(repr=False, compare=False)

    @classmethod
    def draw(cls, design: Design) -> "Society":
        """The people of a design, and what they are asked.

        Raises:
            NotReadyError: a package by which replies are measured is not installed.
            InvalidInputError: there are not so many questions.
        """
        candidates = write_candidates(design.questions, REPLIES, design.seed)
        features = FeatureMap()
        reference = [features(reply) for offered in candidates for reply in offered.replies]
        drawn = Population.draw(design.people, default_groups(design.choice), design.seed)
        people = drawn.standardized(reference).people
        _, held_out = split_people(people, design.held_out_people, design.seed)
        return cls(
            design, candidates, people, frozenset(person.id for person in held_out), features
        )

    def members(self) -> Iterator[Member]:
        """Each person with their life and choices, one after the other."""
        for person in self.people:
            train, held_out = split_pairs(
                self._pairs(person), COMBINED, self.design.held_out_combinations, self.design.seed
            )
            yield Member(
                person=person,
                life=draw_life(
                    person, self.design.seed, days=self.design.days, start=self.design.start
                ),
                is_held_out=person.id in self.held_out,
                train=train,
                held_out=held_out,
            )

    def _pairs(self, person: Person) -> list[Pair]:
        """A person's choices, spread over the days, since tastes may drift."""
        design = self.design
        rng = random.Random(f"{design.seed}/{person.id}/choices")  # noqa: S311 - no secret
        pairs: list[Pair] = []
        for day, number in enumerate(apportion(design.choices, [1.0] * design.days)):
            sitting = Sitting(person, self.features, day=float(day))
            pairs += sitting.pairs(self.candidates, number, rng)
        return [replace(pair, id=f"{person.id}/pair-{place}") for place, pair in enumerate(pairs)]
