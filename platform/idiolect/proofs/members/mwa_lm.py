"""A language model's checkpoints averaged by how good they were.

As ``mwa``, with an adapter of the bundled model that learns from few noisy comparisons of its own
openings, in small batches and at a rate that does not fall. What is averaged is what the
checkpoints add to each layer, cut to the adapter's own rank, as a run of the platform does it.

What shows here is less than on a table: no mean surely orders better than the last checkpoint, and
the metric adds nothing to the uniform mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from idiolect.preference.merging import Lora, Power, Uniform, WeightRule, average_checkpoints
from idiolect.preference.pieces.score import REFERENCE
from idiolect.proofs.bandits import Comparisons, compare, generator, scaled
from idiolect.proofs.chats import RANK, SCALE, Chats
from idiolect.proofs.members import mwa
from idiolect.proofs.parts import LANGUAGE_MODEL_SEEDS, ArmDone, Proof, Trial
from idiolect.proofs.training import fit

if TYPE_CHECKING:
    from idiolect.preference.policies.causal_lm import CausalLmPolicy

_PAIRS = 160
_VALIDATION = 160
_FLIPS = 0.2
_CHECKPOINTS = 8
_STEPS_BETWEEN = 20
"""An epoch of so many pairs."""
_BATCH = 8
_LEARNING_RATE = 0.002
"""Less than where the rate falls: at 0.005 a run of small batches leaves the language."""
_PENALTIES = (1.0, 4.0, 16.0)


@dataclass(frozen=True, slots=True)
class _Noisy:
    """Comparisons and where the wrong reply was chosen."""

    drawn: Comparisons
    flipped: Tensor

    @classmethod
    def draw(cls, chats: Chats, random: torch.Generator, number: int) -> _Noisy:
        drawn = compare(chats.reward, random, number=number)
        chance = torch.sigmoid(drawn.gap(chats.reward)) * (1 - 2 * _FLIPS) + _FLIPS
        return cls(drawn, torch.rand(number, generator=random) > chance)

    def loss(self, ratio: Tensor) -> float:
        """DPO's with beta 1, from the log-ratios of all replies, ``[contexts, replies]``."""
        gap = self.drawn.gap(ratio)
        return float(functional.softplus(torch.where(self.flipped, gap, -gap)).mean())


@dataclass(frozen=True, slots=True)
class _Run:
    """A run's checkpoints, and what they are judged by."""

    chats: Chats
    policy: CausalLmPolicy
    checkpoints: list[Lora]
    validation: _Noisy

    @classmethod
    def trained(cls, chats: Chats, data: _Noisy, validation: _Noisy) -> _Run:
        policy, checkpoints = chats.policy(), []
        for number in range(scaled(_CHECKPOINTS, chats.scale, least=2)):
            fit(
                policy,
                {"preset": "dpo", "beta": 1.0},
                chats.worded(data.drawn.pairs(data.flipped)),
                steps=_STEPS_BETWEEN,
                learning_rate=_LEARNING_RATE,
                batch_size=_BATCH,
                schedule="constant",
                seed=chats.seed * _CHECKPOINTS + number,
            )
            state = {name: tensor.clone() for name, tensor in policy.state_dict().items()}
            checkpoints.append(Lora.read(state, SCALE))
        return cls(chats, policy, checkpoints, validation)

    def put(self, adapter: Lora) -> CausalLmPolicy:
        """The one policy with this adapter on."""
        self.policy.load_state_dict(adapter.tensors())
        return self.policy

    def ratio(self, adapter: Lora) -> Tensor:
        return self.chats.implied_reward(self.put(adapter))

    def average(self, weights: Sequence[float]) -> Lora:
        return average_checkpoints(self.checkpoints, weights, rank=RANK).adapter

    def validated(self, better: str, metrics: Sequence[float]) -> Lora:
        """The mean by whichever penalty has the least loss on the validation pairs."""
        rules: list[WeightRule] = [
            Power(penalty, "lower" if better == "lower" else "higher") for penalty in _PENALTIES
        ]
        averages = [self.average(rule(metrics)) for rule in rules]
        return min(averages, key=lambda adapter: self.validation.loss(self.ratio(adapter)))


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    chats, random = Chats.draw(seed, scale), generator(seed, 1)
    data, validation = (
        _Noisy.draw(chats, random, scaled(number, scale, least=8))
        for number in (_PAIRS, _VALIDATION)
    )
    run = _Run.trained(chats, data, validation)
    losses = [data.loss(run.ratio(adapter)) for adapter in run.checkpoints]
    others = [losses[place] for place in torch.randperm(len(losses), generator=random).tolist()]
    steps = [float(number) for number in range(1, len(losses) + 1)]
    adapters = {
        "by_loss": run.validated("lower", losses),
        "by_step": run.validated("higher", steps),
        "last": run.checkpoints[-1],
        "uniform": run.average(Uniform()(losses)),
        "others_losses": run.validated("lower", others),
        "best_on_test": max(run.checkpoints, key=lambda one: chats.accuracy(run.put(one))),
    }
    measured = {}
    for arm, adapter in adapters.items():
        measured[arm] = chats.judged(run.put(adapter))
        arm_done()
    measured[REFERENCE] = chats.judged(chats.policy())
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper=mwa.PROOF.paper,
    claim=mwa.PROOF.claim,
    measure=mwa.PROOF.measure,
    arms=mwa.PROOF.arms,
    checks=mwa.PROOF.checks,
    trial=_trial,
    seeds=LANGUAGE_MODEL_SEEDS,
)
