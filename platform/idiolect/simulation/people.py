"""People whose true preferences are known: the ground truth that evaluation needs."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from idiolect.errors import InvalidInputError
from idiolect.simulation.choosing import ChoiceModel, Outcome
from idiolect.simulation.features import Features
from idiolect.simulation.utility import Cycle, Utility


@dataclass(frozen=True, slots=True)
class Drift:
    """Where somebody's taste goes over time.

    On day t the utility is cos(a) u + sin(a) u', with a a quarter turn times t / days, and u'
    from that many days on. Two standardized utilities that have nothing in common keep their
    spread on the way, so choices become other ones without becoming noisier.

    Attributes:
        toward: u'.
        days: until then, above 0.

    Raises:
        InvalidInputError: the days are not above 0.
    """

    toward: Utility
    days: float

    def __post_init__(self) -> None:
        if not 0 < self.days < math.inf:
            raise InvalidInputError(f"a drift takes more than 0 days, not {self.days}")

    @property
    def turn(self) -> float:
        """The day on which both utilities weigh the same: cos(a) = sin(a) at half of the way."""
        return self.days / 2

    def parts(self, day: float) -> tuple[float, float]:
        """The weights of u and u' on a day."""
        angle = math.pi / 2 * min(1.0, max(0.0, day / self.days))
        return math.cos(angle), math.sin(angle)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who judges texts by their features and chooses between them with some noise.

    Attributes:
        id: names the person, and the source of their preferences.
        group: name of the group that they belong to.
        utility: the true one, on day 0.
        choice: how choices come out.
        cycles: parts of their preference that go round; none for most people.
        drift: where their taste goes; None if it stays.
    """

    id: str
    group: str
    utility: Utility
    choice: ChoiceModel = field(default_factory=ChoiceModel)
    cycles: Sequence[Cycle] = ()
    drift: Drift | None = None

    def worth(self, features: Features, *, day: float = 0.0) -> float:
        """The true utility of a text on a day."""
        if self.drift is None:
            return self.utility(features)
        now, later = self.drift.parts(day)
        return now * self.utility(features) + later * self.drift.toward(features)

    def advantage(self, one: Features, other: Features, *, day: float = 0.0) -> float:
        """By how much the one is truly preferred: the difference of worth and what goes round.

        Antisymmetric: the other's advantage over the one is minus this.
        """
        around = sum(cycle(one, other) for cycle in self.cycles)
        return self.worth(one, day=day) - self.worth(other, day=day) + around

    def choose(
        self,
        one: Features,
        other: Features,
        rng: random.Random,
        *,
        place: int = 0,
        day: float = 0.0,
    ) -> Outcome:
        """What the person says when shown two texts.

        Args:
            one: features of the first.
            other: features of the second.
            rng: where the noise comes from.
            place: how many choices came before in the session.
            day: since the person was first seen.
        """
        return self.choice.draw(self.advantage(one, other, day=day), rng, place)

    def standardized(self, reference: Sequence[Features]) -> "Person":
        """The same person with utilities of mean 0 and deviation 1 over reference texts.

        What goes round does so around their middle.

        Raises:
            InvalidInputError: the reference texts are all worth the same, or do not differ in a
                feature that goes round.
        """
        drift = self.drift and replace(self.drift, toward=self.drift.toward.standardized(reference))
        return replace(
            self,
            utility=self.utility.standardized(reference),
            cycles=tuple(cycle.standardized(reference) for cycle in self.cycles),
            drift=drift,
        )
