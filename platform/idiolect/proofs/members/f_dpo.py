"""Divergences between seeking one mode and keeping both.

Wang et al. 2023, Beyond reverse KL (f-DPO): with the reverse KL a policy gets the most reward,
with the forward KL it stays the most diverse, and Jensen-Shannon lies between. Arms lie on a line
whose reward has two peaks, the second a little lower; preferences are Bradley-Terry.

What shows here: the forward KL keeps more entropy and gets less reward than Jensen-Shannon. What
shows the other way round is that Jensen-Shannon lies between the two KLs at the same beta. It is
no accident of training: with x = exp(r / beta - c) the optima are reference * x for the reverse
KL and reference * x / (1 - x) for Jensen-Shannon, which amplifies the best arms. Near the
reference its curvature is half of the reverse KL's, so the same beta holds it half as fast.

The oracle is the reverse KL's optimum in closed form. The sham shuffles the arms' names. The
population's policy is the optimum for the mean of all rewards that a seed can draw.
"""

from itertools import product

import torch
from torch import Tensor

from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import compare, generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_ARMS = 20
_BETA = 0.3
_HEIGHT = 2.0
_PAIRS = 2000
_SHIFTS = 3


def _reward(seed: int) -> Tensor:
    """The reward of a seed, ``[1, arms]``."""
    return _peaks(*torch.randint(_SHIFTS, (2,), generator=generator(seed)).tolist())


def _peaks(first_shift: int, second_shift: int) -> Tensor:
    """Two peaks, the second at 80 % of the first, ``[1, arms]``."""
    place = torch.arange(_ARMS, dtype=torch.float64)
    first = torch.exp(-((place - 4 - first_shift) / 1.5).square())
    second = torch.exp(-((place - 13 - second_shift) / 1.5).square())
    return _HEIGHT * (first + 0.8 * second).unsqueeze(0)


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    reward = _reward(seed)
    drawn = compare(reward, generator(seed, 1), number=scaled(_PAIRS, scale, least=200))
    chance = torch.sigmoid(drawn.gap(reward))
    pairs = drawn.pairs(torch.rand(len(chance), generator=generator(seed, 2)) > chance)
    names = torch.randperm(_ARMS, generator=generator(seed, 3))
    measured = {}
    for arm in ("reverse_kl", "js", "forward_kl", "renamed"):
        policy = TabularPolicy(torch.zeros(1, _ARMS))
        divergence = "reverse_kl" if arm == "renamed" else arm
        fit(
            policy,
            {"preset": "f_dpo", "beta": _BETA, "divergence": divergence},
            pairs,
            steps=scaled_steps(400, scale),
            learning_rate=0.1,
            batch_size=250,
            seed=seed,
        )
        mass = policy.probabilities()
        measured[arm] = _judged(mass[:, names] if arm == "renamed" else mass, reward)
        arm_done()
    measured[REFERENCE] = _judged(torch.full_like(reward, 1 / _ARMS), reward)
    arm_done()
    mean = torch.stack([_peaks(*shifts) for shifts in product(range(_SHIFTS), repeat=2)]).mean(0)
    measured["mean_reward"] = _judged(torch.softmax(mean / _BETA, dim=1), reward)
    arm_done()
    measured["best_there_is"] = _judged(torch.softmax(reward / _BETA, dim=1), reward)
    arm_done()
    return Trial(measured)


def _judged(mass: Tensor, reward: Tensor) -> dict[str, float]:
    """Mean reward, entropy in nats, and the mass around the lower of the two peaks."""
    return {
        "entropy": float(-torch.special.xlogy(mass, mass).sum()),
        "reward": float((mass * reward).sum()),
        "mass on the lower peak": float(mass[:, _ARMS // 2 :].sum()),
    }


PROOF = Proof(
    paper="Wang et al. 2023, Beyond reverse KL (f-DPO)",
    claim=(
        "The entropy of the policy rises and its reward falls from reverse KL over Jensen-Shannon"
        " to forward KL; refuted by any two in another order."
    ),
    measure="entropy",
    arms={
        "forward_kl": Arm("treatment", "f-DPO with the forward KL"),
        "js": Arm("treatment", "f-DPO with Jensen-Shannon"),
        "reverse_kl": Arm("control", "f-DPO with the reverse KL, which is DPO"),
        REFERENCE: Arm("trivial", "no training"),
        "mean_reward": Arm("population", "the best policy for the mean reward, in closed form"),
        "renamed": Arm("sham", "DPO whose arms' names are shuffled"),
        "best_there_is": Arm("oracle", "the best reverse-KL policy, in closed form"),
    },
    checks=(
        Check("Jensen-Shannon more diverse than reverse KL", "entropy", "js", "reverse_kl"),
        Check("forward KL more diverse than Jensen-Shannon", "entropy", "forward_kl", "js"),
        Check("reverse KL more reward than Jensen-Shannon", "reward", "reverse_kl", "js"),
        Check("Jensen-Shannon more reward than forward KL", "reward", "js", "forward_kl"),
    ),
    trial=_trial,
)
