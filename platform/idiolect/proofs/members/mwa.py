"""Checkpoints averaged by how good they were.

Metrics-weighted averaging 2025 (Choi and Yu): the weighted mean of a run's checkpoints, by their
training loss or their step, beats the last one and the uniform mean. Here DPO runs on few noisy
pairs with small batches and a rate that does not fall, so that single checkpoints scatter, and
the first ones are not trained yet. For a log-linear policy the mean of weights is exact. How
sharply the metric counts is chosen for each arm on validation pairs, never on the test's.

What shows here: averaging is worth much more than the last checkpoint. What does not: that the
metric adds to it: the uniform mean does as well, and so do weights from shuffled losses.

The sham gives the checkpoints each other's losses. The oracle is the checkpoint that is best on
the test's own pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from idiolect.preference.merging import Power, Uniform, WeightRule
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import Comparisons, World, accuracy, compare, generator, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_PAIRS = 600
_VALIDATION = 300
_HELD_OUT = 4000
_FLIPS = 0.2
_CHECKPOINTS = 10
_STEPS_BETWEEN = 15
_PENALTIES = (1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class _Noisy:
    """Comparisons and where the wrong arm was chosen."""

    drawn: Comparisons
    flipped: Tensor

    @classmethod
    def draw(cls, world: World, random: torch.Generator, number: int) -> "_Noisy":
        drawn = compare(world.reward, random, number=number)
        chance = torch.sigmoid(drawn.gap(world.reward)) * (1 - 2 * _FLIPS) + _FLIPS
        return cls(drawn, torch.rand(number, generator=random) > chance)

    def pairs(self) -> list[Pair]:
        return self.drawn.pairs(self.flipped)

    def loss(self, policy: TabularPolicy) -> float:
        """DPO's with beta 1, over all of them."""
        gap = self.drawn.gap(policy.log_probs().detach() - policy.log_probs(REFERENCE))
        return float(functional.softplus(torch.where(self.flipped, gap, -gap)).mean())


def _trained(world: World, data: _Noisy, scale: float, seed: int) -> list[Tensor]:
    """The weights at each checkpoint of one run."""
    policy, checkpoints = world.policy(), []
    for number in range(_CHECKPOINTS):
        fit(
            policy,
            {"preset": "dpo", "beta": 1.0},
            data.pairs(),
            steps=scaled_steps(_STEPS_BETWEEN, scale),
            learning_rate=0.1,
            batch_size=16,
            schedule="constant",
            seed=seed * _CHECKPOINTS + number,
        )
        checkpoints.append(policy.weights.detach().clone())
    return checkpoints


@dataclass(frozen=True, slots=True)
class _Run:
    """A run's checkpoints, and what they are judged by."""

    world: World
    checkpoints: list[Tensor]
    validation: _Noisy
    held_out: Comparisons

    def policy(self, weights: Sequence[float]) -> TabularPolicy:
        """The weighted mean of the checkpoints."""
        policy = self.world.policy()
        pairs = zip(weights, self.checkpoints, strict=True)
        mean = sum((weight * one for weight, one in pairs), torch.zeros_like(policy.weights))
        policy.load_state_dict({"weights": mean.detach()})
        return policy

    def validated(self, rules: Sequence[WeightRule], metrics: Sequence[float]) -> TabularPolicy:
        """The mean by whichever rule has the least loss on the validation pairs."""
        policies = [self.policy(rule(metrics)) for rule in rules]
        return min(policies, key=self.validation.loss)

    def judged(self, policy: TabularPolicy) -> dict[str, float]:
        return {"accuracy": accuracy(policy, self.held_out)}


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    world = World.linear(seed, contexts=200, arms=4, features=20, spread=3.0)
    random = generator(seed, 1)
    data = _Noisy.draw(world, random, _PAIRS)
    validation = _Noisy.draw(world, random, _VALIDATION)
    held_out = compare(world.reward, random, number=_HELD_OUT)
    run = _Run(world, _trained(world, data, scale, seed), validation, held_out)
    single = [run.policy([float(i == j) for j in range(_CHECKPOINTS)]) for i in range(_CHECKPOINTS)]
    losses = [data.loss(policy) for policy in single]
    others = [losses[place] for place in torch.randperm(_CHECKPOINTS, generator=random).tolist()]
    by_loss = [Power(penalty, "lower") for penalty in _PENALTIES]
    by_step = [Power(penalty, "higher") for penalty in _PENALTIES]
    steps = [float(number) for number in range(1, _CHECKPOINTS + 1)]
    policies = {
        "by_loss": run.validated(by_loss, losses),
        "by_step": run.validated(by_step, steps),
        "last": single[-1],
        "uniform": run.policy(Uniform()(losses)),
        "others_losses": run.validated(by_loss, others),
        REFERENCE: world.policy(),
        "best_on_test": max(single, key=lambda policy: accuracy(policy, held_out)),
    }
    measured = {}
    for arm, policy in policies.items():
        measured[arm] = run.judged(policy)
        arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Choi and Yu 2025, Metrics-weighted averaging of checkpoints",
    claim=(
        "A run's checkpoints averaged by their training loss, or by their step, order held-out"
        " pairs better than the last one and than their uniform mean; refuted where either does as"
        " well."
    ),
    measure="accuracy",
    arms={
        "by_loss": Arm("treatment", "weights from the training loss"),
        "by_step": Arm("treatment", "weights from the step"),
        "last": Arm("control", "the last checkpoint"),
        "uniform": Arm(
            "population", "the uniform mean, which knows of no checkpoint in particular"
        ),
        REFERENCE: Arm("trivial", "no training"),
        "others_losses": Arm("sham", "weights from shuffled losses"),
        "best_on_test": Arm("oracle", "the one checkpoint that is best on the test pairs"),
    },
    checks=(
        Check("by loss better than the last", "accuracy", "by_loss", "last"),
        Check("by loss better than the uniform mean", "accuracy", "by_loss", "uniform"),
        Check("by step better than the last", "accuracy", "by_step", "last"),
        Check("by step better than the uniform mean", "accuracy", "by_step", "uniform"),
    ),
    trial=_trial,
)
