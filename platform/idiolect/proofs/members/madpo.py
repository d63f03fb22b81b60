"""MADPO's weights as a filter of flipped labels.

MADPO 2025 weights each pair by the margin that a reward model, fitted on the same pairs, gives
it. Read critically, its largest effect is on pairs that the reward model contradicts: those lose
nearly all their weight. So it should tell flipped pairs from others, which is measured as the
chance that a flipped pair weighs less than one that is not (the area under the curve), and the
policy should be better for it. The sham shuffles the reward model's margins among the pairs.

True rewards separate less well than the fitted model's: where the margin is below -6.9 the paper's
weight is 1 again, so the surest of all mistakes keep their full weight.
"""

from dataclasses import replace

import torch
from torch import Tensor

from idiolect.preference.columns import Rows, Side
from idiolect.preference.pairs import Pair
from idiolect.preference.pieces.weight import RewardAgreement
from idiolect.proofs.annotators import BETA, Annotated
from idiolect.proofs.bandits import generator
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial

_DPO = {"preset": "dpo", "beta": BETA}
_MADPO = {"preset": "madpo", "beta": BETA}


def _trial(seed: int, scale: float, arm_done: ArmDone) -> Trial:
    data = Annotated.draw(seed, scale)
    # With a uniform reference, beta 1 and the same features, DPO's log-ratio is the
    # Bradley-Terry reward model's maximum likelihood fit, up to a constant in each context.
    fitted, _ = data.policy_fitted(_DPO, data.pairs, scale)
    measured = {"dpo": data.judged(fitted)}
    arm_done()
    reward_model = fitted.log_probs().detach()
    judged = {
        "madpo": data.rewarded(reward_model),
        "shuffled": _shuffled(data.rewarded(reward_model), seed),
        "true_rewards": data.rewarded(data.world.reward),
    }
    for arm, pairs in judged.items():
        measured[arm] = data.judged(data.policy_fitted(_MADPO, pairs, scale)[0])
        measured[arm]["separation"] = separation(_weights(pairs), data.flipped)
        arm_done()
    measured["reference"] = data.judged(data.world.policy())
    arm_done()
    measured["clean"] = data.judged(data.policy_fitted(_DPO, data.clean, scale)[0])
    arm_done()
    return Trial(measured)


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
    trial=_trial,
)
