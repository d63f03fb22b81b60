"""Groups of people with something in common, drawn in given shares."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from idiolect.errors import InvalidInputError
from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.features import Features
from idiolect.simulation.people import Drift, Person
from idiolect.simulation.utility import Cycle, Interaction, Liking, Utility


@dataclass(frozen=True, slots=True)
class PeopleGroup:
    """What the members of a group share, and how much they differ.

    Attributes:
        name: of the group.
        share: of the population, above 0.
        common: likings that all members have, each with a weight of their own around this one.
        individuality: standard deviation of weights from member to member.
        concerns: how many features each member cares about besides the common ones.
        topics: how many topics each member likes, where there are any.
        interactions: how many pairs of features each member judges together.
        ideal_share: chance that a concern is about an ideal, not about more or less.
        drifting_share: chance that a member's taste moves to another one.
        drift_days: how long that takes.
        cyclic_share: chance that a member's taste goes round.
        cycle_strength: in units of the utility.
        choice: how members choose.

    Raises:
        InvalidInputError: a share is out of its range, or a count or deviation is negative.
    """

    name: str
    share: float = 1.0
    common: Mapping[str, Liking] = field(default_factory=dict)
    individuality: float = 1.0
    concerns: int = 5
    topics: int = 2
    interactions: int = 3
    ideal_share: float = 0.3
    drifting_share: float = 0.0
    drift_days: float = 30.0
    cyclic_share: float = 0.0
    cycle_strength: float = 2.0
    choice: ChoiceModel = field(default_factory=ChoiceModel)

    def __post_init__(self) -> None:
        chances = (self.ideal_share, self.drifting_share, self.cyclic_share)
        if not 0 < self.share < math.inf or any(not 0 <= chance <= 1 for chance in chances):
            raise InvalidInputError(f"group {self.name}: a share is out of its range")
        if min(self.individuality, self.concerns, self.topics, self.interactions) < 0:
            raise InvalidInputError(f"group {self.name}: a count or deviation is below 0")
        if not (self.common or self.concerns):
            raise InvalidInputError(f"group {self.name}: its members care about nothing")

    def member(self, id: str, names: Sequence[str], rng: random.Random) -> Person:
        """Draws a member who judges by these features.

        Raises:
            InvalidInputError: there are fewer features than a member needs.
        """
        utility = self._utility(names, rng)
        # All are drawn for everyone, so that changing a share changes nobody's other traits.
        toward, drifts = self._utility(names, rng), rng.random() < self.drifting_share
        (first, second), cyclic = rng.sample(names, 2), rng.random() < self.cyclic_share
        return Person(
            id=id,
            group=self.name,
            utility=utility,
            choice=self.choice,
            cycles=(Cycle(first, second, self.cycle_strength),) if cyclic else (),
            drift=Drift(toward, self.drift_days) if drifts else None,
        )

    def interested(self, person: Person, topics: Sequence[str], rng: random.Random) -> Person:
        """The same member, who also likes some of these topics, now and wherever their taste goes.

        Args:
            person: whose manner stays as it is.
            topics: names of their features.
            rng: chooses.
        """
        liked = rng.sample(topics, min(self.topics, len(topics)))
        likings = {name: Liking(abs(rng.gauss(0.0, self.individuality))) for name in liked}
        drift = person.drift and replace(person.drift, toward=_with(person.drift.toward, likings))
        return replace(person, utility=_with(person.utility, likings), drift=drift)

    def _utility(self, names: Sequence[str], rng: random.Random) -> Utility:
        others = [name for name in names if name not in self.common]
        if len(others) < self.concerns or len(names) < 2 or not self.common.keys() <= set(names):
            raise InvalidInputError(
                f"group {self.name}: {len(names)} features are not enough for its likings",
                hint="Add features, or lower the number of concerns.",
            )
        likings = {
            name: Liking(rng.gauss(liking.weight, self.individuality), liking.ideal)
            for name, liking in self.common.items()
        }
        for name in rng.sample(others, self.concerns):
            ideal = rng.uniform(0.1, 0.9) if rng.random() < self.ideal_share else None
            weight = rng.gauss(0.0, self.individuality)
            # Nobody likes everything but one amount, so an ideal is always a liking.
            likings[name] = Liking(weight if ideal is None else abs(weight), ideal)
        pairs = [rng.sample(names, 2) for _ in range(self.interactions)]
        return Utility(
            likings,
            [Interaction(a, b, rng.gauss(0.0, self.individuality)) for a, b in pairs],
        )


@dataclass(frozen=True, slots=True)
class Population:
    """People of several groups.

    Attributes:
        people: group by group.
        seed: that they were drawn from.
    """

    people: tuple[Person, ...]
    seed: int

    @classmethod
    def draw(
        cls,
        people: int,
        groups: Sequence[PeopleGroup],
        seed: int,
        *,
        names: Sequence[str] = tuple(ATTRIBUTES),
        topics: Sequence[str] = (),
    ) -> "Population":
        """Draws so many people; the groups' sizes are as near to their shares as can be.

        A member is drawn from the seed, the group's name and the place in the group, so they stay
        the same when the population grows or another group is added.

        Args:
            people: how many in all.
            groups: their shares count by their sum.
            seed: the same one gives the same people.
            names: of the features by which they judge.
            topics: names of further features, what texts are about; they change nobody's judgement
                of manners.

        Raises:
            InvalidInputError: no people or groups, or two groups of one name.
        """
        if people < 1 or not groups:
            raise InvalidInputError("a population needs people, and groups that they belong to")
        if len({group.name for group in groups}) < len(groups):
            raise InvalidInputError("two groups have the same name")
        drawn = []
        sizes = apportion(people, [group.share for group in groups])
        for group, size in zip(groups, sizes, strict=True):
            for place in range(size):
                id = f"{group.name}-{place}"
                rng = random.Random(f"{seed}/{id}")  # noqa: S311 - simulated people are no secret
                drawn.append(group.interested(group.member(id, names, rng), topics, rng))
        return cls(tuple(drawn), seed)

    def of_group(self, name: str) -> tuple[Person, ...]:
        """The members of a group."""
        return tuple(person for person in self.people if person.group == name)

    def standardized(self, reference: Sequence[Features]) -> "Population":
        """Everyone with utilities of mean 0 and deviation 1 over reference texts.

        Raises:
            InvalidInputError: to somebody the reference texts are all worth the same.
        """
        return Population(tuple(p.standardized(reference) for p in self.people), self.seed)


def _with(utility: Utility, likings: Mapping[str, Liking]) -> Utility:
    return replace(utility, likings={**utility.likings, **likings})


def apportion(number: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers in given shares that sum to ``number``, by the largest remainder (Hamilton).

    Args:
        shares: above 0; only their ratios count.
    """
    quotas = [number * share / math.fsum(shares) for share in shares]
    sizes = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(shares)), key=lambda place: sizes[place] - quotas[place])
    for place in by_remainder[: number - sum(sizes)]:
        sizes[place] += 1
    return sizes
