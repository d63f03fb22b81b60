"""A whole simulated set: people, their lives, what they choose, and what of it is held out."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from idiolect.errors import InvalidInputError
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Pair
from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.attributes.areas import areas
from idiolect.simulation.choices import Candidates, Sitting
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.groups import CHOICE, default_groups
from idiolect.simulation.lives import START, Life, draw_life
from idiolect.simulation.people import Person
from idiolect.simulation.population import Population, apportion
from idiolect.simulation.splits import (
    Bands,
    Combination,
    Example,
    hold_out,
    split_examples,
    split_people,
)
from idiolect.simulation.writing import write_candidates

REPLIES = 6
"""How many replies there are to each question."""

COMBINED = ("length", "bullets", "emoji")
"""The attributes whose combinations are held out."""

FORMS: Mapping[str, float] = {"pairs": 1.0, "rankings": 0.1, "thumbs": 0.5, "edits": 0.1}
"""The forms of preferences, and how many there are of each for one pair."""

Saying = Callable[[Sitting, Sequence[Candidates], int, random.Random], list[Example]]
"""A method of ``Sitting``."""


@dataclass(frozen=True, slots=True)
class Design:
    """What is to be simulated.

    Attributes:
        people: how many.
        days: of each life.
        choices: of each person, pairs that are no ties and ties together; the other forms of
            preferences are in proportion to them, see ``FORMS``.
        questions: of the handbook that are asked, each of another topic.
        seed: the same one gives the same bytes.
        start: the first day of all lives.
        choice: how people choose.
        held_out_people: share of the people, from whom nothing is learned.
        held_out_combinations: share of the replies, whose combinations of ``COMBINED`` are held
            out.

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

    @property
    def numbers(self) -> Mapping[str, int]:
        """How many examples of each form a person is asked for; of edits there may be fewer."""
        return {name: round(share * self.choices) for name, share in FORMS.items()}

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
class Preferences:
    """What somebody says of replies, in four forms; see ``Sitting``.

    Attributes:
        pairs: choices between two replies, ties among them.
        rankings: orders of all replies to a question.
        thumbs: up or down, on single replies.
        edits: replies as they edited them, better than what was shown.
    """

    pairs: Sequence[Pair]
    rankings: Sequence[Group]
    thumbs: Sequence[Group]
    edits: Sequence[Pair]


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the set.

    Attributes:
        person: with their true preferences, standardized over the candidates.
        life: what was seen of them.
        is_held_out: whether nothing is to be learned from what they say.
        train: what they say of replies of combinations that are learned from.
        held_out: what they say where a reply has a held-out combination.
    """

    person: Person
    life: Life
    is_held_out: bool
    train: Preferences
    held_out: Preferences


@dataclass(frozen=True, slots=True)
class Society:
    """People who are all asked the same.

    Attributes:
        design: of what they were made.
        candidates: the replies that they choose from.
        people: with their true preferences, standardized over the candidates.
        held_out: ids of those from whom nothing is learned.
        bands: tells which combination of ``COMBINED`` a reply has.
        held_out_combinations: that are not learned from.
        features: measures replies, as everybody judges them.
    """

    design: Design
    candidates: tuple[Candidates, ...]
    people: tuple[Person, ...]
    held_out: frozenset[str]
    bands: Bands
    held_out_combinations: frozenset[Combination]
    features: FeatureMap = field(repr=False, compare=False)

    @classmethod
    def draw(cls, design: Design) -> "Society":
        """The people of a design, and what they are asked.

        Raises:
            NotReadyError: a package by which replies are measured is not installed.
            InvalidInputError: there are not so many questions.
        """
        candidates = write_candidates(design.questions, REPLIES, design.seed)
        replies = [reply for offered in candidates for reply in offered.replies]
        features, bands = FeatureMap({**ATTRIBUTES, **areas()}), Bands(COMBINED)
        drawn = Population.draw(
            design.people, default_groups(design.choice), design.seed, topics=tuple(areas())
        )
        people = drawn.standardized([features(reply) for reply in replies]).people
        _, held_out = split_people(people, design.held_out_people, design.seed)
        return cls(
            design=design,
            candidates=candidates,
            people=people,
            held_out=frozenset(person.id for person in held_out),
            bands=bands,
            held_out_combinations=hold_out(
                Counter(map(bands, replies)), design.held_out_combinations, design.seed
            ),
            features=features,
        )

    def members(self) -> Iterator[Member]:
        """Each person with their life and preferences, one after the other."""
        design = self.design
        for person in self.people:
            train, held_out = self._preferences(person)
            yield Member(
                person=person,
                life=draw_life(person, design.seed, days=design.days, start=design.start),
                is_held_out=person.id in self.held_out,
                train=train,
                held_out=held_out,
            )

    def _preferences(self, person: Person) -> tuple[Preferences, Preferences]:
        """To learn from, and held out."""
        numbers = self.design.numbers
        pairs = self._said(person, "pair", Sitting.pairs, numbers["pairs"])
        rankings = self._said(person, "ranking", Sitting.rankings, numbers["rankings"])
        thumbs = self._said(person, "thumb", Sitting.thumbs, numbers["thumbs"])
        edits = self._said(person, "edit", Sitting.edits, numbers["edits"])
        return (
            Preferences(pairs[0], rankings[0], thumbs[0], edits[0]),
            Preferences(pairs[1], rankings[1], thumbs[1], edits[1]),
        )

    def _said(
        self, person: Person, name: str, say: Saying[Example], number: int
    ) -> tuple[list[Example], list[Example]]:
        """A person's examples of one form, spread over the days, since tastes may drift.

        Each form has a generator of its own, so that one more of it changes no other.
        """
        rng = random.Random(f"{self.design.seed}/{person.id}/{name}")  # noqa: S311 - no secret
        days = apportion(number, [1.0] * self.design.days)
        said = [
            example
            for day, of_day in enumerate(days)
            for example in say(
                Sitting(person, self.features, day=float(day)), self.candidates, of_day, rng
            )
        ]
        named = [replace(one, id=f"{person.id}/{name}-{place}") for place, one in enumerate(said)]
        return split_examples(named, self.bands, self.held_out_combinations)
