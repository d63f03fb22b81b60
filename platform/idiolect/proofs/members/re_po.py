"""RE-PO finds out which annotator to trust, and learns more for it.

Cao et al. 2025, RE-PO (first LCPO): an expectation-maximization over whether each label is right
recovers the annotators' reliabilities and beats losses that trust everybody alike. The sham has
the labels' annotators shuffled: it can still doubt single labels, but not their makers.
"""

from collections.abc import Callable
from dataclasses import replace

import torch

from idiolect.preference.pairs import Pair
from idiolect.proofs.annotators import (
    BETA,
    FLIP_RATES,
    MEAN_FLIP_RATE,
    Annotated,
    Learner,
    annotated_arms,
)
from idiolect.proofs.bandits import generator
from idiolect.proofs.parts import Arm, ArmDone, Check, Proof, Trial

_DPO = {"preset": "dpo", "beta": BETA}
_CDPO = {"preset": "cdpo", "beta": BETA, "flip_rate": MEAN_FLIP_RATE}


def trial(
    draw: Callable[[int, float], Annotated[Learner]], *, rate: float
) -> Callable[[int, float, ArmDone], Trial]:
    """The proof's trial on whatever is annotated.

    Args:
        rate: how fast reliabilities move in a step.
    """
    re_po = {"preset": "re_po", "beta": BETA, "sources": len(FLIP_RATES), "rate": rate}

    def run(seed: int, scale: float, arm_done: ArmDone) -> Trial:
        data = draw(seed, scale)
        policy, estimates = data.subject.learned(re_po, data.pairs)
        reliability = dict(zip(FLIP_RATES, estimates["reliability"].tolist(), strict=True))
        measured = {"re_po": data.subject.judged(policy) | _recovered(data, reliability)}
        arm_done()
        arms = {
            "dpo": (_DPO, data.pairs),
            "cdpo": (_CDPO, data.pairs),
            "shuffled": (re_po, _shuffled(data)),
            "told_rates": (_DPO, _told(data)),
            "clean": (_DPO, data.clean),
        }
        for arm, (objective, pairs) in arms.items():
            measured[arm] = data.judged(objective, pairs)
            arm_done()
        measured["reference"] = data.untrained()
        arm_done()
        return Trial(measured)

    return run


def _recovered(data: Annotated[Learner], reliability: dict[str, float]) -> dict[str, float]:
    """Distance of each flip rate from the share that was really flipped; the first is "careful",
    since sources count in the order of their first pair.
    """
    mine = {name: torch.tensor([source == name for source in data.source]) for name in FLIP_RATES}
    return {
        f"rate error, {name}": abs(
            1 - reliability[name] - float(data.flipped[rows].double().mean())
        )
        for name, rows in mine.items()
    }


def _told(data: Annotated[Learner]) -> list[Pair]:
    """Each pair with the probability that its annotator is right."""
    return [replace(pair, probability=1 - FLIP_RATES[pair.source]) for pair in data.pairs]


def _shuffled(data: Annotated[Learner]) -> list[Pair]:
    order = torch.randperm(len(data.pairs), generator=generator(data.seed, 9)).tolist()
    return [
        replace(pair, source=data.source[other])
        for pair, other in zip(data.pairs, order, strict=True)
    ]


PROOF = Proof(
    paper="Cao et al. 2025, RE-PO: Robust enhanced policy optimization",
    claim=(
        "Of two annotators with 10 % and 40 % flips, RE-PO recovers both rates within 0.03 and"
        " orders held-out pairs better than DPO and label smoothing; refuted by a rate that is"
        " farther off, or by no gain."
    ),
    measure="accuracy",
    arms={
        "re_po": Arm("treatment", "RE-PO with a reliability for each annotator"),
        "dpo": Arm("control", "DPO, which trusts both alike"),
        "cdpo": Arm("population", "DPO smoothed by the mean flip rate"),
        "reference": Arm("trivial", "no training"),
        "shuffled": Arm("sham", "RE-PO with the annotators' names shuffled"),
        "told_rates": Arm("population", "DPO smoothed by each annotator's true rate"),
        "clean": Arm("oracle", "DPO on the labels before flips"),
    },
    checks=(
        Check("orders held-out pairs better than DPO", "accuracy", "re_po", "dpo"),
        Check("better than label smoothing", "accuracy", "re_po", "cdpo"),
        Check("better than with shuffled names", "accuracy", "re_po", "shuffled"),
        Check(
            "the careful annotator's rate is off by less than 0.03",
            "rate error, careful",
            "re_po",
            bound=0.03,
            lower=True,
        ),
        Check(
            "the careless annotator's rate is off by less than 0.03",
            "rate error, careless",
            "re_po",
            bound=0.03,
            lower=True,
        ),
    ),
    trial=trial(annotated_arms, rate=0.1),
)
