"""Robust and conservative DPO where a quarter of the labels is flipped.

Chowdhury et al. 2024, Provably robust DPO: the corrected loss is, in expectation over flips, the
loss on clean labels, so that the policy loses less of the reward; in their experiments robust DPO
is better than conservative DPO, and that better than DPO.

What shows here: flips make DPO timid, because its logits settle where the noisy labels are, and
the correction undoes that, so that the policy gets most of the reward that clean labels would
give. Conservative DPO is more timid still. What does not show: a better *order*. Flips that do
not depend on the pair shrink every logit alike and turn none of a log-linear policy's directions,
so DPO orders held-out pairs as well; and the corrected loss has the larger variance. The population
arm is DPO with beta times 1 - 2 * flip rate: whoever knows that much stretches all logits alike.
"""

from collections.abc import Callable

from idiolect.proofs.annotators import (
    BETA,
    MEAN_FLIP_RATE,
    Annotated,
    Learner,
    annotated_arms,
)
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial

_NOISY = {
    "dpo": {"preset": "dpo", "beta": BETA},
    "robust": {"preset": "robust", "beta": BETA, "flip_rate": MEAN_FLIP_RATE},
    "cdpo": {"preset": "cdpo", "beta": BETA, "flip_rate": MEAN_FLIP_RATE},
    "stretched": {"preset": "dpo", "beta": BETA * (1 - 2 * MEAN_FLIP_RATE)},
    "robust_at_0": {"preset": "robust", "beta": BETA, "flip_rate": 0.0},
}


def trial(
    draw: Callable[[int, float], Annotated[Learner]],
) -> Callable[[int, float, ArmDone], Trial]:
    """The proof's trial on whatever is annotated."""

    def run(seed: int, scale: float, arm_done: ArmDone) -> Trial:
        data = draw(seed, scale)
        measured = {}
        for arm, objective in _NOISY.items():
            measured[arm] = data.judged(objective, data.pairs)
            arm_done()
        measured["reference"] = data.untrained()
        arm_done()
        measured["clean"] = data.judged(_NOISY["dpo"], data.clean)
        arm_done()
        return Trial(measured)

    return run


PROOF = Proof(
    paper="Chowdhury et al. 2024, Provably robust DPO; Mitchell 2023, conservative DPO",
    claim=(
        "With one label in four flipped, robust DPO keeps more of the true reward than DPO and"
        " orders held-out pairs better; refuted where DPO does as well on either."
    ),
    measure="accuracy",
    arms={
        "robust": Arm("treatment", "robust DPO told the mean flip rate"),
        "cdpo": Arm("treatment", "conservative DPO told the same"),
        "dpo": Arm("control", "DPO on the flipped labels"),
        "reference": Arm("trivial", "no training"),
        "stretched": Arm("population", "DPO, beta less by what flips shrink logits on average"),
        "robust_at_0": Arm("sham", "robust DPO told that nothing is flipped"),
        "clean": Arm("oracle", "DPO on the labels before flips"),
    },
    checks=(
        Check("robust orders held-out pairs better than DPO", "accuracy", "robust", "dpo"),
        Check("robust keeps more of the true reward than DPO", "reward", "robust", "dpo"),
        Check("robust keeps more of it than conservative DPO", "reward", "robust", "cdpo"),
    ),
    trial=trial(annotated_arms),
)
