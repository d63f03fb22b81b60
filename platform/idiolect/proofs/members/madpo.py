"""MADPO's weights as a filter of flipped labels.

MADPO 2025 weights each pair by the margin that a reward model, fitted on the same pairs, gives
it. Read critically, its largest effect is on pairs that the reward model contradicts: those lose
nearly all their weight. So it should tell flipped pairs from others, which is measured as the
chance that a flipped pair weighs less than one that is not (the area under the curve), and the
policy should be better for it. The sham shuffles the reward model's margins among the pairs.

True rewards separate less well than the fitted model's: where the margin is below -6.9 the paper's
weight is 1 again, so the surest of all mistakes keep their full weight.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from idiolect.preference.columns import Rows, Side
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.weight import RewardAgreement
from idiolect.proofs.annotators import BETA, FLIP_RATES, Annotated, Learner, annotated_arms
from idiolect.proofs.bandits import generator
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial

_DPO = {"preset": "dpo", "beta": BETA}
_MADPO = {"preset": "madpo", "beta": BETA}


def trial(
    draw: Callable[[int, float], Annotated[Learner]],
) -> Callable[[int, float, ArmDone], Trial]:
    """The proof's trial on whatever is annotated."""

    def run(seed: int, scale: float, arm_done: ArmDone) -> Trial:
        data = draw(seed, scale)
        # With beta 1, DPO's log-ratio is a Bradley-Terry reward model, up to a constant in each
        # context; of a uniform reference and the same features it is the likeliest one.
        fitted, _ = data.subject.learned(_DPO, data.pairs)
        measured = {"dpo": data.subject.judged(fitted)}
        arm_done()
        judged = data.rewarded(data.subject.implied_reward(fitted))
        arms = {
            "madpo": judged,
            "shuffled": _shuffled(judged, seed),
            "true_rewards": data.rewarded(data.subject.reward),
        }
        for arm, pairs in arms.items():
            measured[arm] = data.judged(_MADPO, pairs)
            measured[arm]["separation"] = separation(_weights(pairs), data.flipped)
            arm_done()
        measured["by_annotator"] = data.judged(_DPO, _by_annotator(data, judged))
        arm_done()
        measured["reference"] = data.untrained()
        arm_done()
        measured["clean"] = data.judged(_DPO, data.clean)
        arm_done()
        return Trial(measured)

    return run


def _by_annotator(data: Annotated[Learner], judged: list[Pair]) -> list[Pair]:
    """Every pair with the mean of its annotator's weights."""
    weight = _weights(judged)
    mine = {name: torch.tensor([name == source for source in data.source]) for name in FLIP_RATES}
    mean = {name: float(weight[rows].mean()) for name, rows in mine.items()}
    return [replace(pair, weight=mean[pair.source]) for pair in judged]


def _shuffled(pairs: list[Pair], seed: int) -> list[Pair]:
    order = torch.randperm(len(pairs), generator=generator(seed, 9)).tolist()
    return [
        replace(pair, reward_w=pairs[other].reward_w, reward_l=pairs[other].reward_l)
        for pair, other in zip(pairs, order, strict=True)
    ]


def _weights(pairs: list[Pair]) -> Tensor:
    """The weight that the objective's own piece gives each pair, ``[pairs]``."""
    one = torch.ones(len(pairs))
    chosen, rejected = (
        Side(one.unsqueeze(1), {}, one, torch.tensor(rewards))
        for rewards in zip(*((pair.reward_w, pair.reward_l) for pair in pairs), strict=True)
    )
    rows = Rows(chosen, rejected, one, one, one, one.long())
    return RewardAgreement()(rows, {})


def separation(weight: Tensor, flipped: Tensor) -> float:
    """The chance that a flipped pair weighs less than one that is not; 0.5 is chance itself."""
    wrong, right = weight[flipped].unsqueeze(1), weight[~flipped].unsqueeze(0)
    return float((wrong < right).double().mean() + 0.5 * (wrong == right).double().mean())


PROOF = Proof(
    paper="MADPO: Margin-adaptive direct preference optimization 2025",
    claim=(
        "Weights from a reward model's margins tell flipped pairs from others (area above 0.7) and"
        " make the policy order held-out pairs better than DPO; refuted by an area near 0.5 or no"
        " gain."
    ),
    measure="accuracy",
    arms={
        "madpo": Arm("treatment", "MADPO with a reward model fitted on the same pairs"),
        "dpo": Arm("control", "DPO on the flipped labels"),
        "by_annotator": Arm("population", "DPO with the mean weight of each pair's annotator"),
        "reference": Arm("trivial", "no training"),
        "shuffled": Arm("sham", "MADPO with the margins shuffled among the pairs"),
        "true_rewards": Arm("oracle", "MADPO with the true rewards"),
        "clean": Arm("oracle", "DPO on the labels before flips"),
    },
    checks=(
        Check("orders held-out pairs better than DPO", "accuracy", "madpo", "dpo"),
        Check("better than with shuffled margins", "accuracy", "madpo", "shuffled"),
        Check("weights tell flipped pairs", "separation", "madpo", bound=0.7),
    ),
    trial=trial(annotated_arms),
)
