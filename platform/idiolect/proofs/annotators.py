"""Preferences of two annotators, a careful and a careless one, whose flips are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor

from idiolect.preference.language import Spec
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import (
    Comparisons,
    World,
    accuracy,
    compare,
    generator,
    scaled,
    scaled_steps,
)
from idiolect.proofs.training import fit

FLIP_RATES = {"careful": 0.1, "careless": 0.4}
MEAN_FLIP_RATE = 0.25
BETA = 1.0
_BANDIT_PAIRS = 1600
_HELD_OUT = 4000
_STEPS = 200

Learner = TypeVar("Learner")


class Subject(Protocol[Learner]):
    """What is learned, and how: arms of a bandit, or replies of a language model."""

    @property
    def reward(self) -> Tensor:
        """The true one of what pairs are made of, ``[contexts, arms]``."""
        ...

    def policy(self) -> Learner:
        """An untrained one."""
        ...

    def learned(self, objective: Spec, pairs: Sequence[Pair]) -> tuple[Learner, dict[str, Tensor]]:
        """A policy after training, and the objective's running estimates.

        Args:
            pairs: whose contexts and samples are the numbers of those in ``reward``.
        """
        ...

    def judged(self, policy: Learner) -> dict[str, float]:
        """Accuracy on held-out pairs in their true order, and the policy's mean true reward."""
        ...

    def implied_reward(self, policy: Learner) -> Tensor:
        """What the policy holds of everything in ``reward``, up to a constant in each context."""
        ...


@dataclass(frozen=True, slots=True)
class Bandit:
    """Arms with features, a log-linear policy, and held-out pairs of the same contexts."""

    world: World
    seed: int
    scale: float

    @property
    def reward(self) -> Tensor:
        return self.world.reward

    def policy(self) -> TabularPolicy:
        return self.world.policy()

    def learned(
        self, objective: Spec, pairs: Sequence[Pair]
    ) -> tuple[TabularPolicy, dict[str, Tensor]]:
        policy = self.policy()
        estimates = fit(
            policy,
            objective,
            pairs,
            steps=scaled_steps(_STEPS, self.scale),
            learning_rate=0.1,
            batch_size=400,
            seed=self.seed,
        )
        return policy, dict(estimates)

    def judged(self, policy: TabularPolicy) -> dict[str, float]:
        held_out = compare(self.reward, generator(self.seed, 3), number=_HELD_OUT)
        return {
            "accuracy": accuracy(policy, held_out),
            "reward": float((policy.probabilities() * self.reward).sum(1).mean()),
        }

    def implied_reward(self, policy: TabularPolicy) -> Tensor:
        return policy.log_probs().detach()  # the reference is uniform


@dataclass(frozen=True, slots=True)
class Annotated(Generic[Learner]):
    """A subject and what two annotators said of it.

    Choices are Bradley-Terry: an annotator who means it still prefers the worse arm sometimes,
    the more often the closer the two are. Flips come on top of that, whatever the arms.

    Attributes:
        subject: its arms and true rewards.
        drawn: what was compared, in its true order.
        pairs: as they were given.
        clean: the same choices before flips.
        flipped: which were, ``[pairs]``.
        disagrees: which pairs, as given, have the truly worse arm as chosen, ``[pairs]``.
        source: whose each pair is.
        seed: that all was drawn from.
    """

    subject: Subject[Learner]
    drawn: Comparisons
    pairs: list[Pair]
    clean: list[Pair]
    flipped: Tensor
    disagrees: Tensor
    source: list[str]
    seed: int

    @classmethod
    def draw(cls, subject: Subject[Learner], seed: int, number: int) -> "Annotated[Learner]":
        drawn = compare(subject.reward, generator(seed, 1), number=number)
        source = [list(FLIP_RATES)[place % 2] for place in range(number)]
        rate = torch.tensor([FLIP_RATES[one] for one in source])
        random = generator(seed, 2)
        flipped = torch.rand(number, generator=random) < rate
        erred = torch.rand(number, generator=random) > torch.sigmoid(drawn.gap(subject.reward))
        return cls(
            subject,
            drawn,
            drawn.pairs(flipped ^ erred, source=source),
            drawn.pairs(erred, source=source),
            flipped,
            flipped ^ erred,
            source,
            seed,
        )

    def rewarded(self, reward: Tensor) -> list[Pair]:
        """The pairs as they were given, with a reward model's scores, ``[contexts, arms]``."""
        return self.drawn.pairs(self.disagrees, source=self.source, rewards=reward)

    def judged(self, objective: Spec, pairs: Sequence[Pair]) -> dict[str, float]:
        """What a policy is worth that learned from these pairs."""
        return self.subject.judged(self.subject.learned(objective, pairs)[0])

    def untrained(self) -> dict[str, float]:
        """What the reference is worth."""
        return self.subject.judged(self.subject.policy())


def annotated_arms(seed: int, scale: float) -> Annotated[TabularPolicy]:
    """Pairs of a bandit's arms."""
    world = World.linear(seed, contexts=200, arms=4, features=20, spread=3.0)
    number = scaled(_BANDIT_PAIRS, scale, least=100)
    return Annotated.draw(Bandit(world, seed, scale), seed, number)
