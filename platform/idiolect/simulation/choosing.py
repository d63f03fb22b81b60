"""How a choice comes out, given how much better one of two texts is to somebody."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from idiolect.errors import InvalidInputError

Outcome = Literal["first", "tie", "second"]
OUTCOMES: tuple[Outcome, ...] = ("first", "tie", "second")


@dataclass(frozen=True, slots=True)
class ChoiceModel:
    """Bradley and Terry's model with ties, slips and fatigue.

    Davidson 1970, "On extending the Bradley-Terry model to accommodate ties in paired comparison
    experiments": with worths pi = exp(u / T), the chances of first : tie : second
    are pi_1 : nu sqrt(pi_1 pi_2) : pi_2. At nu = 0 this is Bradley and Terry 1952,
    P(first) = sigmoid((u_1 - u_2) / T); for equal texts a tie has the chance nu / (2 + nu).
    Preferred over Rao and Kupper 1967, since the odds of first against second stay those of
    Bradley and Terry whatever the ties, so dropping ties from the data does not bias a fit.

    Attributes:
        temperature: T, in units of the utility, above 0.
        ties: Davidson's nu, at least 0.
        slips: chance that a choice is noted the wrong way round, in [0, 1]; ties stay.
        fatigue: growth of T with each choice before this one in a session, as a share, at least 0.

    Raises:
        InvalidInputError: a number out of its range.
    """

    temperature: float = 0.3
    ties: float = 0.0
    slips: float = 0.0
    fatigue: float = 0.0

    def __post_init__(self) -> None:
        faults = {
            "the temperature is not above 0": not 0 < self.temperature < math.inf,
            "the ties are below 0": not 0 <= self.ties < math.inf,
            "the slips are no probability": not 0 <= self.slips <= 1,
            "the fatigue is below 0": not 0 <= self.fatigue < math.inf,
        }
        fault = next((fault for fault, present in faults.items() if present), "")
        if fault:
            raise InvalidInputError(f"choice model: {fault}")

    def temperature_at(self, place: int) -> float:
        """T after so many choices in the session: T (1 + fatigue place)."""
        return self.temperature * (1 + self.fatigue * place)

    def probabilities(self, difference: float, place: int = 0) -> tuple[float, float, float]:
        """The chances of first, tie and second, which sum to 1.

        Args:
            difference: by how much the first is better, in units of the utility.
            place: how many choices came before in the session.
        """
        half = difference / self.temperature_at(place) / 2
        # Divided by the greatest of the three, so that no exponential overflows.
        greatest = abs(half)
        first, second = math.exp(half - greatest), math.exp(-half - greatest)
        tie = self.ties * math.exp(-greatest)
        total = first + tie + second
        kept, slipped = (1 - self.slips) / total, self.slips / total
        return kept * first + slipped * second, tie / total, kept * second + slipped * first

    def draw(self, difference: float, rng: random.Random, place: int = 0) -> Outcome:
        """One outcome; takes one number from ``rng``."""
        (outcome,) = rng.choices(OUTCOMES, weights=self.probabilities(difference, place))
        return outcome

    def pick(self, worths: Sequence[float], rng: random.Random, place: int = 0) -> int:
        """The place of the best of several; takes two numbers from ``rng``.

        Luce 1959: P(i) = exp(u_i / T) / sum_j exp(u_j / T), so of two it is Bradley and Terry's.
        By a slip the worst is taken for the best: the same with all signs turned. There are no
        ties, since one must be named.

        Args:
            worths: in units of the utility, one or more.
            rng: where the noise comes from.
            place: how many choices came before in the session.
        """
        sign = -1 if rng.random() < self.slips else 1
        logits = [sign * worth / self.temperature_at(place) for worth in worths]
        greatest = max(logits)
        weights = [math.exp(logit - greatest) for logit in logits]
        return rng.choices(range(len(worths)), weights)[0]
