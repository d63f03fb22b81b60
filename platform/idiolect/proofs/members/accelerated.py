"""Momentum over rounds: the same policy in fewer of them.

Accelerated preference optimization 2024: after each round of training on the present policy's
own pairs, the weights go on in the direction of the round by a share alpha,

    theta_{t+1} = hat_{t+1} + alpha (hat_{t+1} - hat_t)

For a softmax policy and exactly fitted rounds, T rounds multiply the reward's share of the
log-ratio by sum_{j <= T} (1 - alpha^j) / (1 - alpha) instead of T: for T = 5, 6.5321 at alpha 0.3
and 9.0416 at 0.6. Pairs are drawn and their winners tossed by Bradley-Terry, so the fitted
exponent must lie near these figures and not on them. The measure is the rounds until the policy
has 90 % of what there is to gain over the reference.

The sham goes back by the same share instead of forward. The oracle knows the reward. There is no
population arm: the arms' names mean nothing, so on average over rewards no arm is better than
another, and whoever knows that average alone stays with the even reference.
"""

from itertools import combinations

import torch
from torch import Tensor

from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_ARMS = 5
_ROUNDS = 16
_TIMES_COMPARED = 400
_ETA = 4.0
_SHARE_OF_GAIN = 0.9
_EXPONENT_AT = 5
_ALPHAS = {"alpha_0.3": 0.3, "alpha_0.6": 0.6, "plain": 0.0, "backwards": -0.3}
_EXPONENTS = {"alpha_0.3": 6.5321, "alpha_0.6": 9.0416, "plain": 5.0}


def _rounds(alpha: float, reward: Tensor, seed: int, scale: float) -> list[Tensor]:
    """The log-ratios to the uniform reference after each round's fit, each ``[arms]``."""
    random = generator(seed, 1)
    policy = TabularPolicy(torch.zeros(1, _ARMS))
    before, ratios = policy.weights.detach().clone(), []
    for _ in range(scaled(_ROUNDS, scale, least=_EXPONENT_AT)):
        fit(
            policy,
            {"preset": "dno_prct", "eta": _ETA},
            _compared(reward, random),
            steps=scaled_steps(80, scale),
            learning_rate=0.1,
        )
        fitted = policy.weights.detach().clone()
        ratios.append(fitted[0])
        policy.load_state_dict({"weights": fitted + alpha * (fitted - before)})
        before = fitted
    return ratios


def _compared(reward: Tensor, random: torch.Generator) -> list[Pair]:
    """Every two arms with the share of comparisons that the first won; never quite 0 or 1."""
    pairs = []
    for one, other in combinations(range(_ARMS), 2):
        chance = torch.sigmoid(reward[one] - reward[other])
        wins = (torch.rand(_TIMES_COMPARED, generator=random) < chance).sum().item()
        share = (wins + 0.5) / (_TIMES_COMPARED + 1)
        pairs.append(Pair.under((0,), str(one), str(other), probability=share, id=f"{one}-{other}"))
    return pairs


def _judged(ratios: list[Tensor], reward: Tensor) -> tuple[dict[str, float], list[float]]:
    gains = [_share_of_gain(torch.softmax(ratio, dim=0), reward) for ratio in ratios]
    there = [place for place, gain in enumerate(gains, start=1) if gain >= _SHARE_OF_GAIN]
    measured = {
        "rounds": float(there[0] if there else _ROUNDS + 1),
        "exponent": _exponent(ratios[_EXPONENT_AT - 1], reward),
    }
    return measured, gains


def _share_of_gain(mass: Tensor, reward: Tensor) -> float:
    floor = reward.mean()
    return float((mass @ reward - floor) / (reward.max() - floor))


def _exponent(ratio: Tensor, reward: Tensor) -> float:
    """How many times r / eta the log-ratio is: the slope of a least squares line."""
    centered = (reward - reward.mean()) / _ETA
    return float(centered @ ratio / (centered @ centered))


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    reward = torch.randn(_ARMS, generator=generator(seed), dtype=torch.float64)
    reward = (reward - reward.mean()) / reward.std()
    measured, curves = {}, {}
    for arm, alpha in _ALPHAS.items():
        measured[arm], curves[arm] = _judged(_rounds(alpha, reward, seed, scale), reward)
        if arm in _EXPONENTS:
            measured[arm]["exponent error"] = abs(measured[arm]["exponent"] - _EXPONENTS[arm])
        arm_done()
    measured[REFERENCE] = {"rounds": _ROUNDS + 1.0, "exponent": 0.0}
    arm_done()
    measured["best_arm"] = {"rounds": 1.0}
    arm_done()
    return Trial(measured, curves)


def _near_closed_form(arm: str) -> Check:
    return Check(
        f"{arm}: within 0.3 of its closed form, {_EXPONENTS[arm]:g}",
        "exponent error",
        arm,
        bound=0.3,
        lower=True,
    )


PROOF = Proof(
    paper="Accelerated preference optimization 2024 (momentum over iterates)",
    claim=(
        "Going on by alpha 0.3 or 0.6 after every round reaches 90 % of the gain in fewer rounds,"
        " as many as the closed form says; refuted by as many rounds as without, or another"
        " exponent."
    ),
    measure="rounds",
    arms={
        "alpha_0.3": Arm("treatment", "rounds of DNO, each gone on by 0.3"),
        "alpha_0.6": Arm("treatment", "gone on by 0.6"),
        "plain": Arm("control", "rounds of DNO as they are"),
        REFERENCE: Arm("trivial", "no training, so never there"),
        "backwards": Arm("sham", "each round taken back by 0.3"),
        "best_arm": Arm("oracle", "all mass on the best arm at once"),
    },
    checks=(
        Check("alpha 0.3 needs fewer rounds", "rounds", "alpha_0.3", "plain", lower=True),
        Check("alpha 0.6 needs fewer still", "rounds", "alpha_0.6", "alpha_0.3", lower=True),
        *(_near_closed_form(arm) for arm in _EXPONENTS),
    ),
    trial=_trial,
    curve=("round", "share of the gain"),
)
