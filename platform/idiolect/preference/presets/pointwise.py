"""Objectives that judge each sample by itself; most take verdicts without a pair as well."""

from collections.abc import Mapping

from idiolect.preference.objective import PairObjective
from idiolect.preference.pieces.link import Logistic, Nothing, Sigmoid, Square
from idiolect.preference.pieces.logit import Logit
from idiolect.preference.pieces.pointwise import At, AtEstimate, AtReward, Pointwise
from idiolect.preference.pieces.score import PREVIOUS, REFERENCE_FREE, Score
from idiolect.preference.presets.preset import Preset
from idiolect.preference.state import ReferencePoint, RewardShift

_PREVIOUS = Score(((PREVIOUS, 1.0),))

POINTWISE: Mapping[str, Preset] = {
    "kto": Preset(
        "Ethayarajh et al. 2024, KTO, equation 7",
        {"beta": 0.1, "desirable": 1.0, "undesirable": 1.0, "momentum": 0.0},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Nothing(),
            pointwise=(
                Pointwise(
                    "chosen",
                    Sigmoid(),
                    scale=p.beta,
                    shift=AtEstimate("reference_point", p.beta),
                    coefficient=p.desirable,
                ),
                Pointwise(
                    "rejected",
                    Sigmoid(),
                    sign=-1,
                    scale=p.beta,
                    shift=AtEstimate("reference_point", p.beta),
                    coefficient=p.undesirable,
                ),
            ),
            running=ReferencePoint(p.momentum),
        ),
    ),
    "bco": Preset(
        "Jung et al. 2024, Binary classifier optimization (BCO)",
        {"beta": 0.1},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Nothing(),
            pointwise=(
                Pointwise("chosen", Logistic(), scale=p.beta, shift=AtEstimate("shift")),
                Pointwise("rejected", Logistic(), sign=-1, scale=p.beta, shift=AtEstimate("shift")),
            ),
            running=RewardShift(p.beta),
        ),
    ),
    "nca": Preset(
        "Chen et al. 2024, Noise contrastive alignment (NCA), for two samples",
        {"beta": 0.1},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Nothing(),
            pointwise=(
                Pointwise("chosen", Logistic(), scale=p.beta),
                Pointwise("chosen", Logistic(), sign=-1, scale=p.beta, coefficient=0.5),
                Pointwise("rejected", Logistic(), sign=-1, scale=p.beta, coefficient=0.5),
            ),
        ),
    ),
    "apo_zero": Preset(
        "D'Oosterlinck et al. 2024, Anchored preference optimization, APO-zero, equation 7",
        {"beta": 0.1},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Nothing(),
            pointwise=(
                Pointwise("chosen", Sigmoid(), scale=p.beta),
                Pointwise("rejected", Sigmoid(), sign=-1, scale=p.beta),
            ),
        ),
    ),
    "apo_down": Preset(
        "D'Oosterlinck et al. 2024, Anchored preference optimization, APO-down, equation 8",
        {"beta": 0.1},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Sigmoid(),
            pointwise=(Pointwise("chosen", Sigmoid(), sign=-1, scale=p.beta),),
        ),
    ),
    "cal_dpo": Preset(
        "Xiao et al. 2024, Cal-DPO: Calibrated direct preference optimization",
        {"beta": 0.1, "square": 1.0},
        lambda p: PairObjective(
            Score(),
            Logit(),
            Logistic(),
            pointwise=(
                Pointwise("chosen", Square(0.5 / p.beta), coefficient=p.square),
                Pointwise("rejected", Square(-0.5 / p.beta), coefficient=p.square),
            ),
        ),
        unverified="the authors' code halves the squares: square=0.5",
    ),
    "sppo": Preset(
        "Wu et al. 2024, Self-play preference optimization (SPPO), equation 4.7",
        {"eta": 10.0},
        lambda p: PairObjective(
            _PREVIOUS,
            Logit(1 / p.eta),
            Nothing(),
            pointwise=tuple(
                Pointwise(side, Square(), shift=AtReward(p.eta, 0.5), coefficient=0.5)
                for side in ("chosen", "rejected")
            ),
        ),
        data="rewards: each sample's win rate against the previous policy",
    ),
    "sppo_hard": Preset(
        "Wu et al. 2024, Self-play preference optimization (SPPO), with hard win rates",
        {"eta": 10.0},
        lambda p: PairObjective(
            _PREVIOUS,
            Logit(1 / p.eta),
            Nothing(),
            pointwise=(
                Pointwise("chosen", Square(), shift=At(p.eta / 2)),
                Pointwise("rejected", Square(), shift=At(-p.eta / 2)),
            ),
        ),
    ),
    "gpo": Preset(
        "Zhang et al. 2024, General preference model (GPO), SPPO on its preference score",
        {"beta": 0.1},
        lambda p: PairObjective(
            _PREVIOUS,
            Logit(p.beta),
            Nothing(),
            pointwise=tuple(
                Pointwise(side, Square(), shift=AtReward(1 / p.beta))
                for side in ("chosen", "rejected")
            ),
        ),
        unverified="the alignment code is not public; log Z is taken as 0 by skew symmetry",
        data="rewards: each sample's mean preference score against the previous policy",
    ),
    "eurus": Preset(
        "Yuan et al. 2024, Eurus, the reward model's loss",
        {"absolute": 1.0},
        lambda p: PairObjective(
            Score(REFERENCE_FREE),
            Logit(),
            Logistic(),
            pointwise=(
                Pointwise("chosen", Logistic(), coefficient=p.absolute),
                Pointwise("rejected", Logistic(), sign=-1, coefficient=p.absolute),
            ),
        ),
        unverified="no training code is public; the terms' weights are from memory",
        data="a reward in place of the log-probability",
    ),
}
