"""Objectives that compare the two samples of a pair."""

from collections.abc import Mapping

from idiolect.preference.objective import PairObjective
from idiolect.preference.pieces.auxiliary import NegativeLogLikelihood
from idiolect.preference.pieces.label import Posterior, RewardSoftmax, Robust, Smoothed
from idiolect.preference.pieces.link import (
    DiscoPop,
    Hinge,
    Logistic,
    Nothing,
    ReverseKL,
    Square,
)
from idiolect.preference.pieces.logit import Logit, SortedGaps, SortedSides
from idiolect.preference.pieces.score import (
    DIVERGENCES,
    PREVIOUS,
    REFERENCE,
    REFERENCE_FREE,
    Alpha,
    Bounded,
    Identity,
    Length,
    LogOdds,
    Mean,
    Power,
    Score,
    Shape,
    SharedPrefix,
    Sum,
)
from idiolect.preference.pieces.weight import Kept, OnPolicy, RewardAgreement
from idiolect.preference.presets.preset import Choice, Preset
from idiolect.preference.state import AdaptiveBeta, Reliability

_LENGTH: Mapping[str, Length] = {"sum": Sum(), "mean": Mean()}
_ANCHOR = Choice(REFERENCE, (REFERENCE, PREVIOUS))


def _length(name: str) -> Length:
    return _LENGTH[name]


def _divergence(name: str, alpha: float) -> Shape:
    return Alpha(alpha) if name == "alpha" else DIVERGENCES[name]()


def _free(length: Length = Sum(), shape: Shape = Identity()) -> Score:
    return Score(REFERENCE_FREE, length, shape)


def _previous() -> Score:
    return Score(((PREVIOUS, 1.0),))


DPO_FAMILY: Mapping[str, Preset] = {
    "dpo": Preset(
        "Rafailov et al. 2023, Direct Preference Optimization, equation 7",
        {"beta": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Logistic()),
    ),
    "ln_dpo": Preset(
        "Lambert et al. 2024, Tulu 3, section on length-normalized DPO",
        {"beta": 5.0},
        lambda p: PairObjective(Score(length=Mean()), Logit(p.beta), Logistic()),
    ),
    "length_reg": Preset(
        "Park et al. 2024, Disentangling length from quality in DPO (R-DPO)",
        {"beta": 0.1, "rate": 0.01},
        lambda p: PairObjective(Score(), Logit(p.beta, length_rate=p.rate), Logistic()),
    ),
    "ld_dpo": Preset(
        "Liu et al. 2024, Length desensitization in direct preference optimization (LD-DPO)",
        {"beta": 0.1, "tail": 0.5},
        lambda p: PairObjective(Score(length=SharedPrefix(p.tail)), Logit(p.beta), Logistic()),
    ),
    "cdpo": Preset(
        "Mitchell 2023, A note on DPO with noisy preferences (conservative DPO)",
        {"beta": 0.1, "flip_rate": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Logistic(), Smoothed(p.flip_rate)),
    ),
    "robust": Preset(
        "Chowdhury et al. 2024, Provably robust DPO (rDPO)",
        {"beta": 0.1, "flip_rate": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Logistic(), Robust(p.flip_rate)),
    ),
    "f_dpo": Preset(
        "Wang et al. 2023, Beyond reverse KL (f-DPO), table 1",
        {"beta": 0.1, "divergence": Choice("js", tuple(DIVERGENCES)), "alpha": 0.5},
        lambda p: PairObjective(
            Score(shape=_divergence(p.divergence, p.alpha)), Logit(p.beta), Logistic()
        ),
    ),
    "beta_dpo": Preset(
        "Wu et al. 2024, beta-DPO: DPO with dynamic beta, and the authors' code",
        {"beta": 0.1, "slope": 0.6, "keep": 0.8, "momentum": 0.9, "scaled_gaps": False, "seed": 0},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta, beta_estimate="beta"),
            Logistic(),
            weights=(Kept(),),
            running=AdaptiveBeta(p.beta, p.slope, p.keep, p.momentum, p.scaled_gaps, p.seed),
        ),
        unverified="gaps scaled by beta (paper) or not (code), and when the mean is updated",
    ),
    "madpo": Preset(
        "MADPO 2025: Margin-adaptive DPO, the authors' code",
        {"beta": 0.1, "largest": 2.0, "rate": 1.0, "turn": 6.906754778648554},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Logistic(),
            weights=(RewardAgreement(p.largest, p.rate, p.turn),),
        ),
        data="a reward model's score of both samples",
    ),
    "re_po": Preset(
        "Cao et al. 2025, RE-PO: Robust enhanced policy optimization (first LCPO)",
        {"beta": 0.1, "sources": 1, "initial": 0.9, "rate": 0.1},
        lambda p: PairObjective(
            Score(),
            Logit(p.beta),
            Logistic(),
            Posterior(),
            running=Reliability(p.sources, p.initial, p.rate),
            gibbs=True,
        ),
        unverified="the authors' code was not at hand; from the abstract and two notes",
    ),
    "adpo": Preset(
        "ADPO 2025: Anchored direct preference optimization, pairwise, the authors' code",
        {"temperature": 0.8, "reward_temperature": 0.5, "anchor": _ANCHOR},
        lambda p: PairObjective(
            Score(((p.anchor, 1.0),)),
            Logit(1 / p.temperature),
            Logistic(),
            RewardSoftmax(p.reward_temperature),
        ),
        data="rewards of both samples for soft labels; pairs without are hard",
    ),
    "wpo": Preset(
        "Zhou et al. 2024, WPO: Weighted preference optimization, equation 2",
        {"beta": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Logistic(), weights=(OnPolicy(),)),
    ),
    "aot": Preset(
        "Melnyk et al. 2024, Alignment via optimal transport (AOT), paired",
        {"beta": 0.1, "smoothing": 0.0},
        lambda p: PairObjective(
            Score(), Logit(p.beta, gap=SortedGaps()), Logistic(), Smoothed(p.smoothing)
        ),
        data="large batches: the rows of a batch are sorted against each other",
    ),
    "aot_unpaired": Preset(
        "Melnyk et al. 2024, Alignment via optimal transport (AOT), unpaired",
        {"beta": 0.1, "smoothing": 0.0},
        lambda p: PairObjective(
            Score(), Logit(p.beta, gap=SortedSides()), Logistic(), Smoothed(p.smoothing)
        ),
        data="large batches: the rows of a batch are sorted against each other",
    ),
    "discopop": Preset(
        "Lu et al. 2024, Discovering preference optimization algorithms (DiscoPOP), equation 5",
        {"beta": 0.05, "temperature": 0.05},
        lambda p: PairObjective(Score(), Logit(p.beta), DiscoPop(p.temperature)),
    ),
    "exo": Preset(
        "Ji et al. 2024, Towards efficient exact optimization (EXO), equation 16",
        {"beta": 0.1, "smoothing": 1e-3},
        lambda p: PairObjective(Score(), Logit(p.beta), ReverseKL(p.smoothing)),
    ),
    "step_apo": Preset(
        "CPL 2024: Critical plan step learning, its Step-APO",
        {"beta": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Logistic()),
        unverified="from a summary with equations and the repository's readme",
        data="pairs of steps whose margin is the difference of their values (trees)",
    ),
    "context_dual": Preset(
        "Re-Align 2025: retrieval-augmented dual preference (its rDPO), the authors' code",
        {"beta": 0.1},
        lambda p: PairObjective(
            Score(), Logit(p.beta), Logistic(), compares="samples and contexts"
        ),
        data="each pair beside one that compares its chosen sample's context with another",
    ),
    "condition_contrast": Preset(
        "Text preference optimization 2025 (TPO), its TDPO",
        {"beta": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Logistic(), compares="contexts"),
        unverified="the formula mirrors Diffusion-DPO; the clipping of the losing side is unknown",
        data="pairs of the same sample under a fitting and another context",
    ),
    "ktpo": Preset(
        "Su et al. 2025, TRPA: trust region preference approximation, its KTPO weighting",
        {"beta": 0.1, "gain": 2.5},
        lambda p: PairObjective(Score(length=Mean()), Logit(p.beta, gain_beta=p.gain), Logistic()),
        unverified="the code scales whole pairs; the paper writes a beta for each sample",
        data="pairs whose chosen sample has a reward above 0 if it is of the best level",
    ),
}

OTHER_LINKS: Mapping[str, Preset] = {
    "ipo": Preset(
        "Azar et al. 2023, A general theoretical paradigm (IPO), equation 17",
        {"tau": 0.1, "length": Choice("sum", ("sum", "mean"))},
        lambda p: PairObjective(Score(length=_length(p.length)), Logit(), Square(0.5 / p.tau)),
    ),
    "inpo": Preset(
        "Zhang et al. 2024, Iterative Nash policy optimization (INPO)",
        {"eta": 7.5e-3, "tau": 2.5e-3, "scaled": False},
        lambda p: PairObjective(
            Score(((REFERENCE, p.tau / p.eta), (PREVIOUS, 1 - p.tau / p.eta))),
            Logit(p.eta if p.scaled else 1.0),
            Square(0.5 if p.scaled else 0.5 / p.eta),
        ),
        data="both samples drawn from the previous policy, the label from a judge",
    ),
    "dno": Preset(
        "Rosset et al. 2024, Direct Nash optimization (DNO), algorithm 1",
        {"eta": 0.1, "temperature": 1.0},
        lambda p: PairObjective(
            _previous(), Logit(p.eta), Logistic(), RewardSoftmax(p.temperature)
        ),
        data="rewards: each sample's win rate against the previous policy",
    ),
    "dno_prct": Preset(
        "Rosset et al. 2024, Direct Nash optimization (DNO-Prct), algorithm 2",
        {"eta": 0.1},
        lambda p: PairObjective(_previous(), Logit(p.eta), Logistic()),
        data="pairs of a large margin, drawn from the previous policy",
    ),
    "hinge": Preset(
        "Liu et al. 2023, Statistical rejection sampling (RSO), the hinge norm",
        {"beta": 0.1},
        lambda p: PairObjective(Score(), Logit(p.beta), Hinge()),
    ),
    "slic_hf": Preset(
        "Zhao et al. 2023, SLiC-HF",
        {"margin": 1.0, "nll": 0.1},
        lambda p: PairObjective(
            _free(),
            Logit(),
            Hinge(p.margin),
            auxiliaries=(NegativeLogLikelihood(p.nll, Sum()),),
        ),
    ),
    "rrhf": Preset(
        "Yuan et al. 2023, RRHF, for two samples",
        {"length_exponent": 1.0, "rank": 1.0, "nll": 1.0},
        lambda p: PairObjective(
            _free(Power(p.length_exponent)),
            Logit(),
            Hinge(0.0),
            auxiliaries=(NegativeLogLikelihood(p.nll),),
            contrast=p.rank,
        ),
    ),
    "simpo": Preset(
        "Meng et al. 2024, SimPO, equation 6",
        {"beta": 2.0, "gamma": 1.0, "nll": 0.0},
        lambda p: PairObjective(
            _free(Mean()), Logit(p.beta, p.gamma), Logistic(), auxiliaries=_nll(p.nll)
        ),
    ),
    "alphapo": Preset(
        "Gupta et al. 2025, AlphaPO: reward shape matters",
        {"beta": 2.0, "gamma": 1.0, "alpha": 0.25},
        lambda p: PairObjective(_free(Mean(), Alpha(p.alpha)), Logit(p.beta, p.gamma), Logistic()),
    ),
    "cpo": Preset(
        "Xu et al. 2024, Contrastive preference optimization (CPO), equation 3",
        {"beta": 0.1, "nll": 1.0},
        lambda p: PairObjective(_free(), Logit(p.beta), Logistic(), auxiliaries=_nll(p.nll)),
    ),
    "orpo": Preset(
        "Hong et al. 2024, ORPO, equations 6 and 7",
        {"odds_weight": 0.1},
        lambda p: PairObjective(
            _free(Mean(), LogOdds()),
            Logit(),
            Logistic(),
            auxiliaries=(NegativeLogLikelihood(),),
            contrast=p.odds_weight,
        ),
    ),
    "mapo": Preset(
        "Hong et al. 2024, Margin-aware preference optimization (MaPO), the authors' code",
        {"beta": 0.1, "steepness": 0.5, "steps": 1000.0},
        lambda p: PairObjective(
            _free(Mean(), Bounded(p.steepness)),
            Logit(p.steps),
            Logistic(),
            auxiliaries=(NegativeLogLikelihood(),),
            contrast=p.beta,
        ),
        data="a score in place of the log-probability: minus a denoiser's mean squared error",
    ),
    "polar": Preset(
        "POLAR 2025: Pre-trained policy discriminators, the fine-tuning loss of their code",
        {},
        lambda _: PairObjective(_free(), Logit(), Logistic()),
        data="a reward, given a reference sample, in place of the log-probability",
    ),
    "c_rlft": Preset(
        "Wang et al. 2023, OpenChat: C-RLFT",
        {},
        lambda _: PairObjective(
            _free(), Logit(), Nothing(), auxiliaries=(NegativeLogLikelihood(length=Sum()),)
        ),
        data="the class of each sample in its context and its weight (1 expert, 0.1 other)",
    ),
}


def _nll(coefficient: float) -> tuple[NegativeLogLikelihood, ...]:
    return (NegativeLogLikelihood(coefficient),) if coefficient else ()


PAIRWISE: Mapping[str, Preset] = {**DPO_FAMILY, **OTHER_LINKS}
