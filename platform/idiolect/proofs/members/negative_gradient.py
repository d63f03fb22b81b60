"""On-policy sampling and negative gradients: when each helps.

Tajwar et al. 2024, Preference fine-tuning of LLMs should leverage suboptimal, on-policy data, its
bandit. Arms lie on a line, the reward is a peak. Where the peak lies in a region that the
reference hardly visits, drawing afresh from the present policy and pushing bad samples down each
help, and help together; where the reference visits it often, imitating its best samples is enough.

Two by two: samples from the reference once, or from the policy in rounds, as many in all; and
either the likelihood of the best, or DPO of the best against the worst. All of it with the best of
ten, which is a strong teacher by itself, and with the better of two, as preference data has it.
Every arm takes the same number of gradient steps, few enough that the best of them are not done.

What shows here: drawing afresh is what matters where good samples are rare, and imitation is
enough where they are common. With the better of two a negative gradient helps, offline and
on-policy, as the paper says. With the best of ten it does not: such a teacher shows by itself
what to do, and DPO is held back by its reference.

The sham is the online pair whose rewards are shuffled. The population's policy knows both peaks and
not which it is, so it puts half on each.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from idiolect.preference.batches import Example
from idiolect.preference.judged import Group
from idiolect.preference.language import Spec
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.score import REFERENCE
from idiolect.preference.policies.tabular import TabularPolicy
from idiolect.proofs.bandits import generator, scaled, scaled_steps
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial
from idiolect.proofs.training import fit

_ARMS = 30
_FEATURES = 12
_SAMPLES = 2000
_ROUNDS = 10
_STEPS = 100
_PEAKS = {"rare": 22.0, "common": 11.0}
"""Where the reward's peak is; the reference is centered at 8 with a deviation of 4."""

_LIKELIHOOD, _PAIRS = "c_rlft", "dpo"


@dataclass(frozen=True, slots=True)
class _Way:
    """How samples are drawn and what is made of them.

    Attributes:
        kind: the likelihood of the best of a group, or its pair with the worst.
        rounds: how often the present policy is drawn from; 1 draws from the reference alone.
        best_of: samples in a group.
    """

    kind: str
    rounds: int
    best_of: int


_WAYS = {
    f"{when}_{what}{suffix}": _Way(kind, rounds, best_of)
    for suffix, best_of in (("", 10), ("_of_two", 2))
    for when, rounds in (("online", _ROUNDS), ("offline", 1))
    for what, kind in (("pairs", _PAIRS), ("likelihood", _LIKELIHOOD))
}


def _reward(peak: float, seed: int) -> Tensor:
    """A peak of height 1, moved a little by the seed, ``[arms]``."""
    moved = peak + float(torch.rand(1, generator=generator(seed))) - 0.5
    return torch.exp(-((torch.arange(_ARMS, dtype=torch.float64) - moved) / 3).square())


def _policy() -> TabularPolicy:
    """Log-linear in smooth bumps along the line, so that neighbors learn from each other."""
    place = torch.arange(_ARMS, dtype=torch.float64)
    centers = torch.linspace(0, _ARMS - 1, _FEATURES, dtype=torch.float64)
    bumps = torch.exp(-((place.unsqueeze(1) - centers) / 2.5).square())
    return TabularPolicy(-((place - 8) / 4).square().unsqueeze(0) / 2, bumps.unsqueeze(0))


def _examples(
    policy: TabularPolicy, reward: Tensor, way: _Way, samples: int, random: torch.Generator
) -> list[Example]:
    """The best of each group of the policy's samples, alone or against the worst."""
    mass, groups = policy.probabilities()[0], max(1, samples // way.best_of)
    drawn = torch.multinomial(mass, groups * way.best_of, replacement=True, generator=random)
    drawn = drawn.view(groups, way.best_of)
    judged = reward[drawn]
    best = drawn.gather(1, judged.argmax(1, keepdim=True)).squeeze(1)
    worst = drawn.gather(1, judged.argmin(1, keepdim=True)).squeeze(1)
    if way.kind == _LIKELIHOOD:
        counts = torch.bincount(best, minlength=_ARMS)
        return [
            Group.verdict((0,), str(arm), good=True, weight=float(counts[arm]) / groups)
            for arm in counts.nonzero().flatten().tolist()
        ]
    counts = torch.bincount(best * _ARMS + worst, minlength=_ARMS**2).view(_ARMS, _ARMS)
    return [
        Pair.under((0,), str(i), str(j), weight=float(counts[i, j]) / groups)
        for i, j in counts.nonzero().tolist()
        if i != j
    ]


def _trained(way: _Way, reward: Tensor, asked: Tensor, seed: int, scale: float) -> float:
    """The policy's mean reward in the end.

    Args:
        asked: the reward that samples are judged by, ``[arms]``.
    """
    random = generator(seed, 1)
    policy = _policy()
    objective: Spec = {"preset": "dpo", "beta": 0.1} if way.kind == _PAIRS else way.kind
    samples, steps = scaled(_SAMPLES, scale, least=200), scaled_steps(_STEPS, scale)
    for _ in range(way.rounds):
        examples = _examples(policy, asked, way, samples // way.rounds, random)
        if examples:
            steps_each = max(1, steps // way.rounds)
            fit(policy, objective, examples, steps=steps_each, learning_rate=0.1)
    return float(policy.probabilities()[0] @ reward)


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    rewards = {peak: _reward(place, seed) for peak, place in _PEAKS.items()}
    shuffle = torch.randperm(_ARMS, generator=generator(seed, 2))
    measured = {}
    for arm, way in _WAYS.items():
        measured[arm] = {
            peak: _trained(way, reward, reward, seed, scale) for peak, reward in rewards.items()
        }
        arm_done()
    both = _WAYS["online_pairs"]
    measured["shuffled"] = {
        peak: _trained(both, reward, reward[shuffle], seed, scale)
        for peak, reward in rewards.items()
    }
    arm_done()
    reference = _policy().probabilities()[0]
    peaks = [int(reward.argmax()) for reward in rewards.values()]
    measured[REFERENCE] = {peak: float(reference @ reward) for peak, reward in rewards.items()}
    measured["both_peaks"] = {peak: float(reward[peaks].mean()) for peak, reward in rewards.items()}
    measured["best_arm"] = {peak: float(reward.max()) for peak, reward in rewards.items()}
    for _ in range(3):
        arm_done()
    return Trial(measured)


def _checks(suffix: str, prefix: str) -> tuple[Check, ...]:
    """That either helps, and both together more, among the arms with this suffix."""
    both, alone, pushed, neither = (
        f"{name}{suffix}"
        for name in ("online_pairs", "online_likelihood", "offline_pairs", "offline_likelihood")
    )
    return (
        Check(f"{prefix}on-policy helps", "rare", alone, neither),
        Check(f"{prefix}a negative gradient helps", "rare", pushed, neither),
        Check(f"{prefix}both beat on-policy alone", "rare", both, alone),
        Check(f"{prefix}both beat a negative gradient alone", "rare", both, pushed),
    )


PROOF = Proof(
    paper="Tajwar et al. 2024, Preference fine-tuning should leverage suboptimal, on-policy data",
    claim=(
        "Where good samples are rare, on-policy sampling and a negative gradient each raise the"
        " reward and do so together, with the better of two and with the best of ten; where they"
        " are common, offline likelihood comes within 0.15 of both together. Refuted if one of them"
        " does not help, or if it is not near."
    ),
    measure="rare",
    arms={
        "online_pairs": Arm("treatment", "both: pairs of the policy's own samples"),
        "online_likelihood": Arm("treatment", "on-policy: the likelihood of its own best samples"),
        "offline_pairs": Arm("treatment", "negative gradient: pairs of the reference's samples"),
        "offline_likelihood": Arm("control", "neither: likelihood of the reference's best samples"),
        "online_pairs_of_two": Arm("treatment", "both, the better of two"),
        "online_likelihood_of_two": Arm("treatment", "on-policy, the better of two"),
        "offline_pairs_of_two": Arm("treatment", "negative gradient, the better of two"),
        "offline_likelihood_of_two": Arm("control", "neither, the better of two"),
        REFERENCE: Arm("trivial", "no training"),
        "both_peaks": Arm("population", "half of the mass on the best arm of each reward"),
        "shuffled": Arm("sham", "both, with the arms' rewards shuffled"),
        "best_arm": Arm("oracle", "always the best arm"),
    },
    checks=(
        *_checks("_of_two", "of two: "),
        *_checks("", "of ten: "),
        Check(
            "offline likelihood is enough where good samples are common",
            "common",
            "offline_likelihood",
            "online_pairs",
            -0.15,
        ),
    ),
    trial=_trial,
)
