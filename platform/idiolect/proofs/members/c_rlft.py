"""Learning from much weak and little strong data, told apart by a class alone.

Wang et al. 2023, OpenChat: samples carry a class, expert or not, which conditions the policy and
weighs their likelihood, 1 against 0.1; at the end the policy is asked as an expert. Nine samples
in ten come from a weak teacher whose taste is half the strong one's, so they teach something. The
policy is log-linear, with what the classes share and what is the expert's own.

What shows here: the condition is what does it. What does not: that weights add to it, or that
weak samples teach what a few dozen strong ones did not. A policy of forty weights learns its
teacher from those alone; a language model has more to learn from the weak.

Measured is the strong teacher's reward of the policy on contexts that nobody answered. The
population's policy is what the teachers are on average: their mixture, in closed form, in the
shares of their samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from idiolect.preference.judged import Group
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_CONTEXTS = 100
_HELD_OUT = 100
_ARMS = 8
_FEATURES = 20
_SAMPLES = 300
_EXPERT_SHARE = 0.1
_OTHER_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class _Data:
    """Samples of both teachers.

    The policy's contexts are twice as many as the world's: first as an expert, then as another.

    Attributes:
        features: of the policy, ``[2 contexts, arms, 2 features]``.
        reward: the strong teacher's, ``[contexts, arms]``.
        mixture: of the teachers' policies, in the shares of their samples, of that shape.
        context: of the world, ``[n]``.
        arm: what the sample's teacher chose, ``[n]``.
        strong_arm: what the strong teacher chooses there, ``[n]``.
        expert: who the teacher was, ``[n]``.
    """

    features: Tensor
    reward: Tensor
    mixture: Tensor
    context: Tensor
    arm: Tensor
    strong_arm: Tensor
    expert: Tensor

    @classmethod
    def draw(cls, seed: int, scale: float) -> "_Data":
        random = generator(seed)
        contexts, number = _CONTEXTS + _HELD_OUT, scaled(_SAMPLES, scale, least=60)
        values = torch.randn(contexts, _ARMS, _FEATURES, generator=random, dtype=torch.float64)
        tastes = torch.randn(2, _FEATURES, generator=random, dtype=torch.float64)
        strong = tastes[0] / tastes[0].norm()
        weak = (strong + tastes[1] / tastes[1].norm()) / 2
        context = torch.randint(_CONTEXTS, (number,), generator=random)
        expert = torch.rand(number, generator=random) < _EXPERT_SHARE
        teachers = [torch.softmax(3 * values @ taste, 1) for taste in (weak, strong)]
        chosen = [torch.multinomial(one[context], 1, generator=random) for one in teachers]
        weak_arm, strong_arm = (arms.squeeze(1) for arms in chosen)
        own = torch.cat([values, torch.zeros_like(values)])
        return cls(
            features=torch.cat([values.repeat(2, 1, 1), own], dim=2),
            reward=values @ strong,
            mixture=(1 - _EXPERT_SHARE) * teachers[0] + _EXPERT_SHARE * teachers[1],
            context=context,
            arm=torch.where(expert, strong_arm, weak_arm),
            strong_arm=strong_arm,
            expert=expert,
        )

    def samples(
        self, expert: Tensor, arm: Tensor, *, conditioned: bool, other_weight: float
    ) -> list[Group]:
        """As verdicts; those of weight 0 are left out.

        Args:
            expert: the class that each is said to be of, ``[n]``.
        """
        contexts = len(self.reward)
        rows = zip(self.context.tolist(), arm.tolist(), expert.tolist(), strict=True)
        return [
            Group.verdict(
                (context + contexts * (conditioned and not is_expert),),
                str(one),
                good=True,
                weight=1.0 if is_expert else other_weight,
            )
            for context, one, is_expert in rows
            if is_expert or other_weight > 0
        ]

    def judged(self, mass: Tensor) -> dict[str, float]:
        """Of a policy ``[at least contexts, arms]`` as an expert."""
        mass = mass[_CONTEXTS : _CONTEXTS + _HELD_OUT]
        return {"reward": float((mass * self.reward[_CONTEXTS:]).sum(1).mean())}

    def policy(self) -> TabularPolicy:
        return TabularPolicy(torch.zeros(self.features.shape[:2]), self.features)


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    data = _Data.draw(seed, scale)
    shuffled = data.expert[torch.randperm(len(data.expert), generator=generator(seed, 1))]
    everybody = torch.ones_like(data.expert)
    arms = {
        "c_rlft": (data.expert, data.arm, True, _OTHER_WEIGHT),
        "conditioned": (data.expert, data.arm, True, 1.0),
        "weighted": (data.expert, data.arm, False, _OTHER_WEIGHT),
        "all_alike": (data.expert, data.arm, False, 1.0),
        "expert_alone": (data.expert, data.arm, False, 0.0),
        "shuffled": (shuffled, data.arm, True, _OTHER_WEIGHT),
        "all_strong": (everybody, data.strong_arm, False, 1.0),
    }
    measured = {}
    for name, (expert, arm, conditioned, other) in arms.items():
        policy = data.policy()
        samples = data.samples(expert, arm, conditioned=conditioned, other_weight=other)
        steps = scaled_steps(150, scale)
        fit(policy, "c_rlft", samples, steps=steps, learning_rate=0.1, batch_size=200, seed=seed)
        measured[name] = data.judged(policy.probabilities())
        arm_done()
    measured[REFERENCE] = data.judged(data.policy().probabilities())
    arm_done()
    measured["mixture"] = data.judged(data.mixture)
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Wang et al. 2023, OpenChat: C-RLFT",
    claim=(
        "With one strong sample in ten, class-conditioned and weighted likelihood gets more of the"
        " strong teacher's reward than likelihood of all alike, of the strong ones alone, and than"
        " with either part left out; refuted where any of them does as well."
    ),
    measure="reward",
    arms={
        "c_rlft": Arm("treatment", "class as a condition, and weights 1 and 0.1"),
        "all_alike": Arm("control", "likelihood of all samples alike"),
        "expert_alone": Arm("control", "likelihood of the strong samples alone"),
        "conditioned": Arm("control", "the condition without the weights"),
        "weighted": Arm("control", "the weights without the condition"),
        REFERENCE: Arm("trivial", "no training"),
        "mixture": Arm("population", "the teachers' mean policy"),
        "shuffled": Arm("sham", "C-RLFT with the classes shuffled"),
        "all_strong": Arm("oracle", "as many samples, all of the strong teacher"),
    },
    checks=(
        Check("better than all alike", "reward", "c_rlft", "all_alike"),
        Check("better than the strong alone", "reward", "c_rlft", "expert_alone"),
        Check("better than without weights", "reward", "c_rlft", "conditioned"),
        Check("better than without the condition", "reward", "c_rlft", "weighted"),
    ),
    trial=_trial,
)
