"""On-policy sampling and negative gradients: when each helps.

Tajwar et al. 2024, Preference fine-tuning of LLMs should leverage suboptimal, on-policy data, its
bandit. Arms lie on a line, the reward is a peak. Where the peak lies in a region that the
reference hardly visits, drawing afresh from the present policy and pushing bad samples down each
help, and help together; where the reference visits it often, imitating its best samples is enough.

Two by two: samples from the reference once, or from the policy in rounds, as many in all; and
either the likelihood of the best of ten, or DPO of the best against the worst. Every arm takes the
same number of gradient steps, few enough that the best of them are not done.

What shows here: drawing afresh is what matters where good samples are rare, and imitation is
enough where they are common. What does not: that a negative gradient helps. Choosing the best of
ten is a strong teacher by itself, and DPO is held back by its reference; with the best of two,
as preference data has it, this may differ. It was not tried.

The sham is the online pair whose rewards are shuffled.
"""

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
_GROUPS = 200
_SAMPLES = 10
_ROUNDS = 10
_STEPS = 100
_PEAKS = {"rare": 22.0, "common": 11.0}
"""Where the reward's peak is; the reference is centered at 8 with a deviation of 4."""

_LIKELIHOOD, _PAIRS = "c_rlft", "dpo"


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
    policy: TabularPolicy, reward: Tensor, kind: str, groups: int, random: torch.Generator
) -> list[Example]:
    """The best of each group of the policy's samples, alone or against the worst."""
    mass = policy.probabilities()[0]
    drawn = torch.multinomial(mass, groups * _SAMPLES, replacement=True, generator=random)
    drawn = drawn.view(groups, _SAMPLES)
    judged = reward[drawn]
    best = drawn.gather(1, judged.argmax(1, keepdim=True)).squeeze(1)
    worst = drawn.gather(1, judged.argmin(1, keepdim=True)).squeeze(1)
    if kind == _LIKELIHOOD:
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


def _trained(
    kind: str, reward: Tensor, asked: Tensor, rounds: int, seed: int, scale: float
) -> float:
    """The policy's mean reward in the end.

    Args:
        asked: the reward that samples are judged by, ``[arms]``.
    """
    random = generator(seed, 1)
    policy = _policy()
    objective: Spec = {"preset": "dpo", "beta": 0.1} if kind == _PAIRS else kind
    groups, steps = scaled(_GROUPS, scale, least=20), scaled_steps(_STEPS, scale)
    for _ in range(rounds):
        examples = _examples(policy, asked, kind, groups // rounds, random)
        if examples:
            fit(policy, objective, examples, steps=max(1, steps // rounds), learning_rate=0.1)
    return float(policy.probabilities()[0] @ reward)


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    arms = {
        "offline_likelihood": (_LIKELIHOOD, 1),
        "offline_pairs": (_PAIRS, 1),
        "online_likelihood": (_LIKELIHOOD, _ROUNDS),
        "online_pairs": (_PAIRS, _ROUNDS),
        "shuffled": (_PAIRS, _ROUNDS),
    }
    measured: dict[str, dict[str, float]] = {arm: {} for arm in PROOF.arms}
    shuffle = torch.randperm(_ARMS, generator=generator(seed, 2))
    for arm, (kind, rounds) in arms.items():
        for peak, place in _PEAKS.items():
            reward = _reward(place, seed)
            asked = reward[shuffle] if arm == "shuffled" else reward
            measured[arm][peak] = _trained(kind, reward, asked, rounds, seed, scale)
        arm_done()
    for peak, place in _PEAKS.items():
        reward = _reward(place, seed)
        measured[REFERENCE][peak] = float(_policy().probabilities()[0] @ reward)
        measured["best_arm"][peak] = float(reward.max())
    arm_done()
    arm_done()
    return Trial(measured)


PROOF = Proof(
    paper="Tajwar et al. 2024, Preference fine-tuning should leverage suboptimal, on-policy data",
    claim=(
        "Where good samples are rare, on-policy sampling and a negative gradient each raise the"
        " reward and do so together; where they are common, offline likelihood comes within 0.15"
        " of both together. Refuted if one of them does not help, or if it is not near."
    ),
    measure="rare",
    arms={
        "online_pairs": Arm("treatment", "both: pairs of the policy's own samples"),
        "online_likelihood": Arm("treatment", "on-policy: the likelihood of its own best samples"),
        "offline_pairs": Arm("treatment", "negative gradient: pairs of the reference's samples"),
        "offline_likelihood": Arm("control", "neither: likelihood of the reference's best samples"),
        REFERENCE: Arm("trivial", "no training"),
        "shuffled": Arm("sham", "both, with the arms' rewards shuffled"),
        "best_arm": Arm("oracle", "always the best arm"),
    },
    checks=(
        Check("on-policy helps", "rare", "online_likelihood", "offline_likelihood"),
        Check("a negative gradient helps", "rare", "offline_pairs", "offline_likelihood"),
        Check("both beat on-policy alone", "rare", "online_pairs", "online_likelihood"),
        Check("both beat a negative gradient alone", "rare", "online_pairs", "offline_pairs"),
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
