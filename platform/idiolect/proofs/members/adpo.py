"""ADPO where rewards are seen through heavy-tailed noise.

ADPO 2025: soft targets, pairwise or list-wise, anchored at the reference, hold against noise that
makes hard pairwise labels wrong; the measure is WinMass, the policy's mass on the truly best item.
Here each context has a few items, each seen in several small groups with a reward whose noise is
Student's with 1.5 degrees of freedom, so without a variance.

DPO has the same temperature as ADPO. Still WinMass is a matter of sharpness as well as of order:
``dpo_sharp``, DPO at the usual beta of 0.1, beats everybody on it. So the mass is also measured
with every policy brought to the same KL from its reference, which leaves the order alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from idiolect.preference.batches import Example
from idiolect.preference.judged import Group
from idiolect.preference.language import Spec
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_CONTEXTS = 30
_ITEMS = 6
SEEN_TOGETHER = 4
_GROUPS_PER_CONTEXT = 8
_DEGREES = 1.5
TEMPERATURE = 0.8

LISTWISE = {"preset": "adpo_listwise", "temperature": TEMPERATURE}
PAIRWISE = {"preset": "adpo", "temperature": TEMPERATURE}


@dataclass(frozen=True, slots=True)
class _Data:
    """True rewards ``[contexts, items]`` and noisy groups of them; all items are common taste in
    one half and the context's own in the other.
    """

    reward: Tensor
    groups: list[Group]
    clean: list[Group]
    shuffled: list[Group]

    @classmethod
    def draw(cls, seed: int, scale: float) -> "_Data":
        random = generator(seed)
        common = torch.randn(1, _ITEMS, generator=random, dtype=torch.float64)
        own = torch.randn(_CONTEXTS, _ITEMS, generator=random, dtype=torch.float64)
        reward = (common + own) / 2**0.5
        clean, noisy, shuffled = [], [], []
        for context in range(_CONTEXTS):
            for number in range(scaled(_GROUPS_PER_CONTEXT, scale, least=2)):
                items = torch.randperm(_ITEMS, generator=random)[:SEEN_TOGETHER]
                group = Group(
                    samples=tuple(str(int(item)) for item in items),
                    context=(context,),
                    rewards=tuple(reward[context, items].tolist()),
                    id=f"{context}-{number}",
                )
                seen = reward[context, items] + heavy_noise(random)
                order = torch.randperm(SEEN_TOGETHER, generator=random)
                clean.append(group)
                noisy.append(replace(group, rewards=tuple(seen.tolist())))
                shuffled.append(replace(group, rewards=tuple(seen[order].tolist())))
        return cls(reward, noisy, clean, shuffled)

    def win_mass(self, policy: TabularPolicy) -> dict[str, float]:
        """Mean mass on each context's best item, and how often that is the policy's first."""
        mass, best = policy.probabilities(), self.reward.argmax(1)
        return {
            "win mass": float(mass.gather(1, best.unsqueeze(1)).mean()),
            "win mass at 0.5 nats": float(
                at_divergence(policy.log_probs(REFERENCE), policy.log_probs().detach(), 0.5)
                .gather(1, best.unsqueeze(1))
                .mean()
            ),
            "best first": float((mass.argmax(1) == best).double().mean()),
        }


def at_divergence(reference: Tensor, log_probs: Tensor, nats: float) -> Tensor:
    """A policy with its log-ratios scaled to a mean KL from its reference.

    A policy that has not moved at all stays where it is.

    Args:
        reference: logits, ``[contexts, arms]``.
        log_probs: of the policy.

    Returns:
        Probabilities.
    """
    reference = torch.log_softmax(reference, dim=1)
    ratio = log_probs - reference
    low, high = 0.0, 1e4
    for _ in range(60):
        middle = (low + high) / 2
        moved = torch.log_softmax(reference + middle * ratio, dim=1)
        near = (moved.exp() * (moved - reference)).sum(1).mean() < nats
        low, high = (middle, high) if near else (low, middle)
    return torch.softmax(reference + low * ratio, dim=1)


def heavy_noise(random: torch.Generator) -> Tensor:
    """Student's: a normal over the root of a scaled chi-squared, here a gamma of its own."""
    normal = torch.randn(SEEN_TOGETHER, generator=random, dtype=torch.float64)
    shape = torch.full((SEEN_TOGETHER,), _DEGREES / 2, dtype=torch.float64)
    chi_squared = 2 * torch._standard_gamma(shape, generator=random)
    return normal / (chi_squared / _DEGREES).sqrt()


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    data = _Data.draw(seed, scale)
    pairs = [pair for group in data.groups for pair in group.pairs()]
    table = torch.zeros_like(data.reward)
    blind = torch.eye(_ITEMS).expand(_CONTEXTS, -1, -1)
    arms: dict[str, tuple[Spec, Sequence[Example], Tensor | None]] = {
        "listwise": (LISTWISE, data.groups, None),
        "pairwise": (PAIRWISE, pairs, None),
        "dpo": ({"preset": "dpo", "beta": 1 / TEMPERATURE}, pairs, None),
        "dpo_sharp": ({"preset": "dpo", "beta": 0.1}, pairs, None),
        "one_for_all": (LISTWISE, data.groups, blind),
        "shuffled": (LISTWISE, data.shuffled, None),
        "noise_free": (LISTWISE, data.clean, None),
    }
    measured = {}
    for arm, (objective, examples, features) in arms.items():
        policy = TabularPolicy(table, features)
        fit(
            policy,
            objective,
            examples,
            steps=scaled_steps(150, scale),
            learning_rate=0.3,
            batch_size=240,
            seed=seed,
        )
        measured[arm] = data.win_mass(policy)
        arm_done()
    measured[REFERENCE] = data.win_mass(TabularPolicy(table))
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="ADPO: Anchored direct preference optimization 2025",
    claim=(
        "Under heavy-tailed reward noise, list-wise and pairwise ADPO put more mass on the truly"
        " best item than DPO of the same temperature; refuted where DPO puts as much there."
    ),
    measure="win mass",
    arms={
        "listwise": Arm("treatment", "list-wise ADPO"),
        "pairwise": Arm("treatment", "pairwise ADPO with soft labels"),
        "dpo": Arm("control", "DPO on all pairs, same temperature"),
        "dpo_sharp": Arm("control", "DPO on all pairs, beta 0.1"),
        REFERENCE: Arm("trivial", "no training"),
        "one_for_all": Arm("population", "list-wise ADPO that does not see the context"),
        "shuffled": Arm("sham", "list-wise ADPO on shuffled rewards"),
        "noise_free": Arm("oracle", "list-wise ADPO on true rewards"),
    },
    checks=(
        Check("list-wise above DPO", "win mass", "listwise", "dpo"),
        Check("pairwise above DPO", "win mass", "pairwise", "dpo"),
        Check("list-wise above DPO at equal KL", "win mass at 0.5 nats", "listwise", "dpo"),
        Check("pairwise above DPO at equal KL", "win mass at 0.5 nats", "pairwise", "dpo"),
    ),
    trial=_trial,
)
