"""The demo's person: a linear taste over five marks of a reply, which needs no other package.

``people`` has people with tastes that are not linear, ties, fatigue and drift.
"""

import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from idiolect.errors import InvalidInputError
from idiolect.simulation.attributes.words import list_marks, words

_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")

MARKS: Mapping[str, Callable[[str], float]] = {
    "brevity": lambda text: 1.0 / (1.0 + len(words(text)) / 40.0),
    "lists": lambda text: float(len(list_marks(text)) >= 2),
    "emoji": lambda text: float(_EMOJI.search(text) is not None),
    "closing_question": lambda text: float(text.rstrip().endswith("?")),
    "enthusiasm": lambda text: min(text.count("!"), 3) / 3.0,
}
"""Each in [0, 1]. Brevity is 1/(1 + words/40): 1/2 at forty words."""


@dataclass(frozen=True)
class Taste:
    """A linear utility over the marks of a reply.

    Attributes:
        weights: name of a mark to its worth; missing ones are worth nothing.

    Raises:
        InvalidInputError: there is no such mark.
    """

    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.weights) - set(MARKS))
        if unknown:
            raise InvalidInputError(
                f"unknown marks in a taste: {', '.join(unknown)}",
                hint=f"Known marks: {', '.join(MARKS)}.",
            )

    def utility(self, text: str) -> float:
        """What a reply is worth to this person: the sum of weight times mark."""
        return sum(weight * MARKS[name](text) for name, weight in self.weights.items())


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
