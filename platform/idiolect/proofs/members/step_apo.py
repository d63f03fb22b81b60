"""Steps that decide the outcome, learned from a tree of plans.

CPL 2024, Step-APO: alternative steps are compared by the values of what they lead to, and the
difference is the margin by which the better one must win, so that steps that decide much are
pushed apart more than such as hardly matter. Here each problem is a tree of three steps with
three alternatives each; features tell, through a linear taste, how good a step is, and an answer
succeeds the more surely the better its steps. Values are estimated by rolling the reference out
from each node a few times, so pairs of nearly equal steps are often the wrong way round.

What shows here: nothing of it. Step-DPO orders critical steps as well, since a step that decides
much is the right way round in most of its pairs anyway; what is missing to the true values is the
rollouts' noise, which a margin of at most 1 in the logit does not mend.

Step-DPO is the same without margins. The sham gives the pairs each other's margins, the
population's arm gives all of them the mean margin. Measured on problems that nobody saw: the order
of critical steps, whose true values differ by over 0.2, and how often the policy's answers succeed.
"""

from dataclasses import dataclass, replace
from statistics import fmean

import torch
from torch import Tensor

from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_DEPTH = 3
_BRANCHES = 3
_NODES = (_BRANCHES**_DEPTH - 1) // (_BRANCHES - 1)
"""Inner nodes of a tree: 1 + 3 + 9; node n's children are 3n + 1 to 3n + 3."""
_FEATURES = 16
_PROBLEMS = 8
_HELD_OUT = 60
_ROLLOUTS = 2
_CRITICAL = 0.2


@dataclass(frozen=True, slots=True)
class _Trees:
    """p problems; a context of the policy is an inner node, problem after problem.

    Attributes:
        features: of each step, ``[p * nodes, branches, features]``.
        quality: how good each step is, ``[p, nodes, branches]``.
    """

    features: Tensor
    quality: Tensor

    @classmethod
    def draw(cls, random: torch.Generator, taste: Tensor, problems: int) -> "_Trees":
        shape = (problems * _NODES, _BRANCHES, _FEATURES)
        features = torch.randn(*shape, generator=random, dtype=torch.float64)
        return cls(features, (features @ taste).view(problems, _NODES, _BRANCHES))

    def policy(self) -> TabularPolicy:
        return TabularPolicy(torch.zeros(self.features.shape[:2]), self.features)

    def success(self) -> Tensor:
        """The chance of success of each leaf, ``[p, leaves]``."""
        total = torch.zeros(len(self.quality), 1, dtype=torch.float64)
        for first, width in _levels():
            total = (total.unsqueeze(2) + self.quality[:, first : first + width]).flatten(1)
        return torch.sigmoid(2 * total)

    def values(self, leaves: Tensor, mass: Tensor) -> Tensor:
        """The value of each step, ``[p, nodes, branches]``, under a policy of that shape.

        Args:
            leaves: the success of each leaf, true or as rolled out, ``[p, leaves]``.
        """
        values, below = torch.zeros_like(self.quality), leaves
        for first, width in reversed(_levels()):
            of_steps = below.view(len(leaves), width, _BRANCHES)
            values[:, first : first + width] = of_steps
            below = (of_steps * mass[:, first : first + width]).sum(2)
        return values


def _levels() -> list[tuple[int, int]]:
    """The first node and the number of nodes of each level."""
    return [
        ((_BRANCHES**depth - 1) // (_BRANCHES - 1), _BRANCHES**depth) for depth in range(_DEPTH)
    ]


def _estimated(true: Tensor, random: torch.Generator) -> Tensor:
    """Values from a few rollouts each, of which every one succeeds or does not."""
    wins = torch.rand(_ROLLOUTS, *true.shape, generator=random) < true
    return wins.double().mean(0)


def _pairs(values: Tensor) -> list[Pair]:
    """Every two alternatives whose estimated values differ, with the difference as margin."""
    pairs = []
    for context, of_steps in enumerate(values.flatten(0, 1).tolist()):
        ranked = sorted(range(_BRANCHES), key=lambda step: -of_steps[step])
        for place, better in enumerate(ranked):
            for worse in ranked[place + 1 :]:
                margin = of_steps[better] - of_steps[worse]
                if margin > 0:
                    name = f"{context}/{better}-{worse}"
                    pairs.append(
                        Pair.under((context,), str(better), str(worse), margin=margin, id=name)
                    )
    return pairs


def _judged(policy: TabularPolicy, trees: _Trees) -> dict[str, float]:
    """Order of critical steps, and success of the policy's own answers."""
    even = torch.full_like(trees.quality, 1 / _BRANCHES)
    true = trees.values(trees.success(), even).flatten(0, 1)
    ratio = policy.log_probs().detach() - policy.log_probs(REFERENCE)
    gap, learned = (of.unsqueeze(2) - of.unsqueeze(1) for of in (true, ratio))
    said = learned[gap > _CRITICAL]
    mass = policy.probabilities().view_as(trees.quality)
    root = (trees.values(trees.success(), mass)[:, 0] * mass[:, 0]).sum(1)
    return {
        "critical steps": float((said > 0).double().mean() + 0.5 * (said == 0).double().mean()),
        "success": float(root.mean()),
    }


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    random = generator(seed)
    taste = torch.randn(_FEATURES, generator=random, dtype=torch.float64)
    taste = taste / taste.norm()
    seen = _Trees.draw(random, taste, scaled(_PROBLEMS, scale, least=4))
    held_out = _Trees.draw(random, taste, _HELD_OUT)
    even = torch.full_like(seen.quality, 1 / _BRANCHES)
    true = seen.values(seen.success(), even)
    pairs = _pairs(_estimated(true, random))
    order = torch.randperm(len(pairs), generator=random).tolist()
    mean = fmean(pair.margin for pair in pairs)
    arms = {
        "step_apo": pairs,
        "step_dpo": [replace(pair, margin=0.0) for pair in pairs],
        "mean_margin": [replace(pair, margin=mean) for pair in pairs],
        "shuffled": [
            replace(pair, margin=pairs[other].margin)
            for pair, other in zip(pairs, order, strict=True)
        ],
        "true_values": _pairs(true),
    }
    measured = {}
    for arm, given in arms.items():
        policy = seen.policy()
        steps = scaled_steps(120, scale)
        fit(policy, "step_apo", given, steps=steps, learning_rate=0.3, batch_size=256, seed=seed)
        learned = held_out.policy()
        learned.load_state_dict(policy.state_dict())
        measured[arm] = _judged(learned, held_out)
        arm_done()
    measured[REFERENCE] = _judged(held_out.policy(), held_out)
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="CPL 2024, Critical plan step learning (Step-APO)",
    claim=(
        "Margins from a tree's values make the policy order critical steps better than step-DPO"
        " does, and succeed more often; refuted where step-DPO does as well."
    ),
    measure="critical steps",
    arms={
        "step_apo": Arm("treatment", "margins are differences of rolled-out values"),
        "step_dpo": Arm("control", "the same pairs without margins"),
        REFERENCE: Arm("trivial", "no training"),
        "mean_margin": Arm("population", "all pairs have the mean margin"),
        "shuffled": Arm("sham", "the pairs have each other's margins"),
        "true_values": Arm("oracle", "pairs and margins from true values"),
    },
    checks=(
        Check("better at critical steps than step-DPO", "critical steps", "step_apo", "step_dpo"),
        Check("better than with others' margins", "critical steps", "step_apo", "shuffled"),
        Check("more success than step-DPO", "success", "step_apo", "step_dpo"),
    ),
    trial=_trial,
)
