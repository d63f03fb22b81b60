"""People whose true preferences are known: the ground truth that evaluation needs."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idiolect.errors import InvalidInputError
from idiolect.simulation.attributes import ATTRIBUTES, measure


@dataclass(frozen=True)
class Taste:
    """A linear utility over the attributes of a reply.

    Attributes:
        weights: attribute name to its worth; missing attributes are worth nothing.
    """

    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.weights) - set(ATTRIBUTES))
        if unknown:
            raise InvalidInputError(
                f"unknown attributes in a taste: {', '.join(unknown)}",
                hint=f"Known attributes: {', '.join(ATTRIBUTES)}.",
            )

    def utility(self, text: str) -> float:
        """What a reply is worth to this person: the sum of weight times attribute."""
        values = measure(text)
        return sum(weight * values[name] for name, weight in self.weights.items())


@dataclass(frozen=True)
class SimulatedPerson:
    """Someone who chooses by a taste with some noise.

    The choice model is Bradley and Terry's: P(first is chosen) = sigmoid((u1 - u2) / temperature).

    Attributes:
        name: what the person is called.
        taste: the true utility.
        temperature: noise of choosing, in units of utility; must be positive.
        indifference: a difference of utility under which the person says that it is a tie.
    """

    name: str
    taste: Taste
    temperature: float = 0.1
    indifference: float = 0.02

    def choose(self, candidates: Sequence[str], rng: random.Random) -> int | None:
        """The index of the chosen one of two candidates, None for a tie."""
        first, second = (self.taste.utility(text) for text in candidates)
        difference = first - second
        if abs(difference) < self.indifference:
            return None
        logit = max(-60.0, min(60.0, difference / self.temperature))
        return 0 if rng.random() < 1.0 / (1.0 + math.exp(-logit)) else 1
