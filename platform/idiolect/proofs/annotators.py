"""Preferences of two annotators, a careful and a careless one, whose flips are known."""

from dataclasses import dataclass

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
PAIRS = 1600
HELD_OUT = 4000
STEPS = 200
BETA = 1.0


@dataclass(frozen=True, slots=True)
class Annotated:
    """A world and what two annotators said of it.

    Choices are Bradley-Terry: an annotator who means it still prefers the worse arm sometimes,
    the more often the closer the two are. Flips come on top of that, whatever the arms.

    Attributes:
        world: its arms and true rewards.
        drawn: what was compared, in its true order.
        pairs: as they were given.
        clean: the same choices before flips.
        flipped: which were, ``[pairs]``.
        disagrees: which pairs, as given, have the truly worse arm as chosen, ``[pairs]``.
        source: whose each pair is.
        seed: that all was drawn from.
    """

    world: World
    drawn: Comparisons
    pairs: list[Pair]
    clean: list[Pair]
    flipped: Tensor
    disagrees: Tensor
    source: list[str]
    seed: int

    @classmethod
    def draw(cls, seed: int, scale: float) -> "Annotated":
        world = World.linear(seed, contexts=200, arms=4, features=20, spread=3.0)
        number = scaled(PAIRS, scale, least=100)
        drawn = compare(world.reward, generator(seed, 1), number=number)
        source = [list(FLIP_RATES)[place % 2] for place in range(number)]
        rate = torch.tensor([FLIP_RATES[one] for one in source])
        random = generator(seed, 2)
        flipped = torch.rand(number, generator=random) < rate
        erred = torch.rand(number, generator=random) > torch.sigmoid(drawn.gap(world.reward))
        return cls(
            world,
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

    def policy_fitted(
        self, objective: Spec, pairs: list[Pair], scale: float
    ) -> tuple[TabularPolicy, dict[str, Tensor]]:
        """A fresh policy after training, and the objective's running estimates."""
        policy = self.world.policy()
        estimates = fit(
            policy,
            objective,
            pairs,
            steps=scaled_steps(STEPS, scale),
            learning_rate=0.1,
            batch_size=400,
            seed=self.seed,
        )
        return policy, dict(estimates)

    def judged(self, policy: TabularPolicy) -> dict[str, float]:
        """Accuracy on held-out pairs in their true order, and the policy's mean true reward."""
        reward = self.world.reward
        held_out = compare(reward, generator(self.seed, 3), number=HELD_OUT)
        return {
            "accuracy": accuracy(policy, held_out),
            "reward": float((policy.probabilities() * reward).sum(1).mean()),
        }
