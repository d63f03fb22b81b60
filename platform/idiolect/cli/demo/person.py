"""Who chooses in the demo: one of the simulated people, in the recorded person's place."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from idiolect.simulation.choices import Sitting
from idiolect.simulation.contest import win_shares
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.groups import default_groups
from idiolect.simulation.population import Population

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from idiolect.simulation.choosing import Outcome
    from idiolect.simulation.people import Person

PEOPLE_SEED = 7
"""Of the simulated people, of whom the demo's person is the first, ``brisk-0``: whoever is of that
group mostly likes replies that are short, as lists and calm. Only the choices know of it, never the
platform."""


@dataclass(frozen=True)
class TrueWinRate:
    """How often a person truly prefers the adapter's replies to the base's.

    Attributes:
        share: over all pairs of a reply of each, ties being half.
        interval: 95 %, by a bootstrap over the questions.
        questions: that were asked; none of them was trained on.
    """

    share: float
    interval: tuple[float, float]
    questions: int


@dataclass(frozen=True)
class Chooser:
    """A simulated person who reads replies.

    Attributes:
        person: whose utility decides.
        features: measures replies.
    """

    person: Person
    features: FeatureMap

    @classmethod
    def draw(cls) -> Chooser:
        """The demo's person.

        Raises:
            NotReadyError: a package by which replies are measured is not installed.
        """
        features = FeatureMap()
        features("It is there!")  # measured with every package that is needed
        return cls(Population.draw(1, default_groups(), PEOPLE_SEED).people[0], features)

    def used_to(self, texts: Sequence[str]) -> Chooser:
        """The same person with their noise in proportion to how far such texts differ for them.

        Raises:
            InvalidInputError: the texts are all worth the same to them.
        """
        reference = [self.features(text) for text in texts]
        return Chooser(self.person.standardized(reference), self.features)

    def choose(self, drafts: Sequence[str], place: int, rng: random.Random) -> Outcome:
        """What they say of two drafts.

        Args:
            drafts: the two.
            place: how many choices came before.
            rng: where the noise comes from.
        """
        one, other = drafts
        return Sitting(self.person, self.features).choose(one, other, rng, place)

    def truly_prefers(
        self, after: Sequence[Sequence[str]], before: Sequence[Sequence[str]]
    ) -> TrueWinRate:
        """The win rate of what was answered after training, without noise.

        Args:
            after: with the adapter, to each question.
            before: by the base.
        """
        from idiolect.preference.diagnostics.intervals import bootstrap_interval

        shares = win_shares(self.person, self.features, after, before)
        interval = bootstrap_interval(shares, seed=PEOPLE_SEED)
        return TrueWinRate(fmean(shares), interval, len(shares))
