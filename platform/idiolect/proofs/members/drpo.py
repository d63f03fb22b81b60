"""Shorter answers that are as often right.

Li et al. 2025, DRPO: among the right answers of a group, shorter ones are drawn up more, and the
wrong ones are pushed down together; since the length weighs right answers against each other
alone, a long right answer is never pushed below a wrong one, as a penalty on the reward can do.
Arms are answers with a length; longer ones are right more often. Each round draws groups from the
present policy.

DisCO is the same without the length. The penalty is Dr. GRPO whose reward falls with the length,
at a rate at which a right answer still earns more than any wrong one. With a table of a few arms it
is shorter still than DRPO and as often right: that long right answers suffer needs a policy that
confuses them with wrong ones. The sham's lengths are another arm's. The population's policy knows
that longer answers are right more often and not which are: it gives the longest.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from idiolect.preference.judged import Group
from idiolect.preference.language import Spec
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_CONTEXTS = 20
_ARMS = 12
_LONGEST = 40
_GROUPS = 4
_SAMPLES = 8
_ROUNDS = 15
_STEPS = 8
_PENALTY = 0.5
_FORGETFUL = 1e9

_DRPO = {"preset": "drpo", "longest": float(_LONGEST), "length_temperature": 0.1, "kl": 0.0}


@dataclass(frozen=True, slots=True)
class _Answers:
    """Lengths in tokens and whether each is right, both ``[contexts, arms]``."""

    tokens: Tensor
    right: Tensor

    @classmethod
    def draw(cls, seed: int) -> "_Answers":
        random = generator(seed)
        tokens = torch.randint(2, _LONGEST + 1, (_CONTEXTS, _ARMS), generator=random)
        chance = 0.2 + 0.5 * tokens / _LONGEST
        right = torch.rand(_CONTEXTS, _ARMS, generator=random) < chance
        right[:, 0], right[:, 1] = True, False  # every context has an answer of either kind
        return cls(tokens, right)

    def groups(self, policy: TabularPolicy, random: torch.Generator, penalty: float) -> list[Group]:
        """Samples of the policy; right ones earn 1 less the penalty's share of their length."""
        drawn = torch.multinomial(
            policy.probabilities(), _GROUPS * _SAMPLES, replacement=True, generator=random
        )
        brevity = 1 - penalty * self.tokens / _LONGEST
        reward = torch.where(self.right, brevity, -penalty * self.tokens / _LONGEST)
        groups = []
        for context, arms in enumerate(drawn.tolist()):
            for start in range(0, len(arms), _SAMPLES):
                part = arms[start : start + _SAMPLES]
                groups.append(
                    Group(
                        samples=tuple(map(str, part)),
                        context=(context,),
                        rewards=tuple(reward[context, part].tolist()),
                        id=f"{context}-{start}",
                    )
                )
        return groups

    def judged(self, mass: Tensor) -> dict[str, float]:
        """Mean length and accuracy of a policy, ``[contexts, arms]``."""
        return {
            "tokens": float((mass * self.tokens).sum(1).mean()),
            "accuracy": float((mass * self.right).sum(1).mean()),
        }


def _trained(
    objective: Spec, answers: _Answers, told: Tensor, penalty: float, seed: int, scale: float
) -> Tensor:
    """The trained policy's probabilities; ``told`` is the lengths that the objective sees."""
    random = generator(seed, 1)
    policy = TabularPolicy(torch.zeros(_CONTEXTS, _ARMS), tokens=told)
    for _ in range(scaled(_ROUNDS, scale, least=2)):
        groups = answers.groups(policy, random, penalty)
        fit(policy, objective, groups, steps=_STEPS, learning_rate=0.2, seed=seed)
    return policy.probabilities()


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    answers = _Answers.draw(seed)
    other = answers.tokens[:, torch.randperm(_ARMS, generator=generator(seed, 2))]
    disco = {**_DRPO, "length_temperature": _FORGETFUL}
    grpo = {"preset": "dr_grpo", "longest": float(_LONGEST)}
    arms: dict[str, tuple[Spec, Tensor, float]] = {
        "drpo": (_DRPO, answers.tokens, 0.0),
        "disco": (disco, answers.tokens, 0.0),
        "penalty": (grpo, answers.tokens, _PENALTY),
        "other_lengths": (_DRPO, other, 0.0),
    }
    measured = {}
    for arm, (objective, told, penalty) in arms.items():
        measured[arm] = answers.judged(_trained(objective, answers, told, penalty, seed, scale))
        arm_done()
    even = torch.full(answers.tokens.shape, 1 / _ARMS, dtype=torch.float64)
    measured[REFERENCE] = answers.judged(even)
    arm_done()
    shortest = torch.where(answers.right, answers.tokens, _LONGEST + 1).argmin(1)
    best = torch.zeros_like(even).scatter(1, shortest.unsqueeze(1), 1.0)
    measured["shortest_right"] = answers.judged(best)
    arm_done()
    longest = torch.zeros_like(even).scatter(1, answers.tokens.argmax(1, keepdim=True), 1.0)
    measured["longest"] = answers.judged(longest)
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Li et al. 2025, DRPO: Decoupled reward policy optimization",
    claim=(
        "DRPO answers in at least 3 of 40 tokens less than DisCO, which does not see lengths, and"
        " is right at most two points less often; refuted by longer answers or a larger loss."
    ),
    measure="tokens",
    arms={
        "drpo": Arm("treatment", "DRPO"),
        "disco": Arm("control", "DisCO: DRPO without the length"),
        "penalty": Arm("control", "Dr. GRPO with a length penalty in the reward"),
        REFERENCE: Arm("trivial", "no training"),
        "longest": Arm("population", "always the longest answer"),
        "other_lengths": Arm("sham", "DRPO told other arms' lengths"),
        "shortest_right": Arm("oracle", "always the shortest right answer"),
    },
    checks=(
        Check("3 tokens shorter than DisCO", "tokens", "drpo", "disco", -3.0, lower=True),
        Check("as often right as DisCO", "accuracy", "drpo", "disco", -0.02),
        Check("as often right as with a penalty", "accuracy", "drpo", "penalty", -0.02),
    ),
    trial=_trial,
)
