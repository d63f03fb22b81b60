"""Simulated people as judges of openings: what eight tokens of a reply are truly worth to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.people import Person
from idiolect.simulation.population import PeopleGroup

OPENING_ATTRIBUTES = (
    *("length", "formality", "emoji", "hedging", "enthusiasm", "reading_level"),
    *("address", "simplicity", "directness"),
)
"""What openings differ in; they hold no list, example or closing question yet."""

_ANYBODY = PeopleGroup("anybody", concerns=len(OPENING_ATTRIBUTES))
"""People who have nothing in common, and care about all of it, so that few openings tie."""


def opening_features() -> FeatureMap:
    """Measures openings by what they differ in."""
    return FeatureMap({name: ATTRIBUTES[name] for name in OPENING_ATTRIBUTES})


@dataclass(frozen=True, slots=True)
class Judge:
    """A person's true utility of openings, with a mean of 0 over the reference's.

    Attributes:
        person: standardized over the reference's openings.
        features: measures openings.
        spread: the utility's standard deviation over them.
    """

    person: Person
    features: FeatureMap
    spread: float

    @classmethod
    def draw(
        cls, texts: Sequence[str], random: torch.Generator, spread: float, features: FeatureMap
    ) -> "Judge":
        """Anybody.

        Args:
            texts: the reference's openings.
            spread: the utility's standard deviation over them.
            features: shared by judges of the same openings, because it keeps what it measured.

        Raises:
            InvalidInputError: the openings are all worth the same to them.
        """
        seed = int(torch.randint(2**31, (), generator=random))
        person = _ANYBODY.member(f"anybody-{seed}", features.names, Random(seed))  # noqa: S311 - no secret
        return cls(person.standardized([features(text) for text in texts]), features, spread)

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """What each opening is worth, ``[n]``."""
        worth = [self.spread * self.person.worth(self.features(text)) for text in texts]
        return torch.tensor(worth, dtype=torch.float64)
