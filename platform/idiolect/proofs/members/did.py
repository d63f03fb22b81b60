"""What the rejected samples must be like for DPO to reach a target.

Differential information 2025: preferences whose chosen samples come from the reference and whose
rejected ones from pi_l carry just what is needed to get from the reference to a target pi* if

    pi_l(y)  prop.  ref(y) ( ref(y) / pi*(y) )^beta

and then DPO with this beta ends at pi* itself. The measure is the KL of the trained policy from
the target, in nats. The information's entropy, that of q prop. pi / ref, must be higher for a
flatter target; a policy trained towards each must show it.

The control draws rejected samples evenly. The sham's sampler is that of a target whose arms'
names are shuffled. The population's is that of the mean of all targets, which is the even policy.
"""

import torch
from torch import Tensor

from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_ARMS = 6
_BETA = 0.5
_PAIRS = 20_000


def _trained(
    reference: Tensor, rejected: Tensor, random: torch.Generator, scale: float
) -> TabularPolicy:
    """DPO on chosen samples of the reference and rejected ones of another policy.

    Args:
        reference: probabilities, ``[arms]``.
        rejected: those of the rejected samples.
    """
    number = scaled(_PAIRS, scale, least=2000)
    won = torch.multinomial(reference, number, replacement=True, generator=random)
    lost = torch.multinomial(rejected, number, replacement=True, generator=random)
    times = torch.bincount(won * _ARMS + lost, minlength=_ARMS**2).view(_ARMS, _ARMS)
    pairs = [
        Pair.under((0,), str(i), str(j), weight=float(times[i, j]) * _ARMS**2 / number)
        for i, j in times.nonzero().tolist()
        if i != j  # a sample against itself says nothing
    ]
    policy = TabularPolicy(reference.log().unsqueeze(0))
    fit(
        policy,
        {"preset": "dpo", "beta": _BETA},
        pairs,
        steps=scaled_steps(300, scale),
        learning_rate=0.1,
    )
    return policy


def _rejected_for(target: Tensor, reference: Tensor) -> Tensor:
    """The optimal sampler of rejected samples, ``[arms]``."""
    return torch.softmax((1 + _BETA) * reference.log() - _BETA * target.log(), dim=0)


def _entropy(policy: Tensor, reference: Tensor) -> float:
    """Of the differential information, q prop. policy / reference, in nats."""
    ratio = policy / reference
    information = ratio / ratio.sum()
    return float(-torch.special.xlogy(information, information).sum())


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    random = generator(seed)
    logits = torch.randn(2, _ARMS, generator=random, dtype=torch.float64)
    reference, target = torch.softmax(0.5 * logits[0], dim=0), torch.softmax(logits[1], dim=0)
    flat = torch.softmax(logits[1] / 3, dim=0)
    even = torch.full_like(target, 1 / _ARMS)
    names = torch.arange(_ARMS).roll(1)
    arms = {
        "optimal": (_rejected_for(target, reference), target),
        "optimal_flat": (_rejected_for(flat, reference), flat),
        "even": (even, target),
        "mean_target": (_rejected_for(even, reference), target),
        "renamed": (_rejected_for(target[names], reference), target),
    }
    measured = {}
    for arm, (rejected, aim) in arms.items():
        trained = _trained(reference, rejected, random, scale).probabilities()[0]
        measured[arm] = {
            "kl": float((aim * (aim / trained).log()).sum()),
            "entropy": _entropy(trained, reference),
        }
        arm_done()
    measured[REFERENCE] = {
        "kl": float((target * (target / reference).log()).sum()),
        "entropy": _entropy(reference, reference),
    }
    arm_done()
    measured["target"] = {"kl": 0.0, "entropy": _entropy(target, reference)}
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Differential information distribution 2025, a Bayesian view of DPO",
    claim=(
        "With rejected samples from the optimal sampler DPO ends within 0.02 nats of its target,"
        " nearer than with even ones, and a flatter target gives information of more entropy;"
        " refuted by a larger distance or a lower entropy."
    ),
    measure="kl",
    arms={
        "optimal": Arm("treatment", "rejected samples from the optimal sampler"),
        "optimal_flat": Arm("treatment", "the same for a flatter target"),
        "even": Arm("control", "rejected samples drawn evenly"),
        REFERENCE: Arm("trivial", "no training"),
        "mean_target": Arm("population", "the optimal sampler of the mean target"),
        "renamed": Arm("sham", "the sampler of a target with other names"),
        "target": Arm("oracle", "the target itself"),
    },
    checks=(
        Check("within 0.02 nats of the target", "kl", "optimal", bound=0.02, lower=True),
        Check("nearer than with even rejected samples", "kl", "optimal", "even", lower=True),
        Check("a flatter target is reached too", "kl", "optimal_flat", bound=0.02, lower=True),
        Check("and has more entropy", "entropy", "optimal_flat", "optimal"),
    ),
    trial=_trial,
)
