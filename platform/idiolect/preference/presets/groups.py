"""Objectives of groups: several judged samples under one context."""

from collections.abc import Mapping

from idiolect.preference.groups import GroupObjective
from idiolect.preference.pieces.auxiliary import Divergence, NegativeLogLikelihood, TrustRegion
from idiolect.preference.pieces.contrast import (
    CrossEntropy,
    DecoupledLength,
    LevelPairs,
    NoiseContrast,
    PlackettLuce,
    RankHinge,
    ReverseKL,
)
from idiolect.preference.pieces.score import (
    PREVIOUS,
    REFERENCE,
    REFERENCE_FREE,
    Mean,
    Power,
    Score,
)
from idiolect.preference.pieces.target import Softmax, StandardizedSoftmax
from idiolect.preference.policy_gradient import (
    Centered,
    Given,
    PolicyGradient,
    Reinforce,
    Standardized,
)
from idiolect.preference.presets.preset import Choice, Preset

LIST_WISE: Mapping[str, Preset] = {
    "plackett_luce": Preset(
        "Rafailov et al. 2023, Direct Preference Optimization, appendix A.3 (whole rankings)",
        {"beta": 0.1},
        lambda p: GroupObjective(Score(), p.beta, PlackettLuce()),
    ),
    "info_nca": Preset(
        "Chen et al. 2024, Noise contrastive alignment, InfoNCA",
        {"beta": 0.1, "temperature": 1.0},
        lambda p: GroupObjective(Score(), p.beta, CrossEntropy(Softmax(p.temperature))),
    ),
    "nca_group": Preset(
        "Chen et al. 2024, Noise contrastive alignment, NCA",
        {"beta": 0.1, "temperature": 1.0},
        lambda p: GroupObjective(Score(), p.beta, NoiseContrast(Softmax(p.temperature))),
    ),
    "exo_reward": Preset(
        "Ji et al. 2024, Towards efficient exact optimization (EXO), reward form",
        {"beta": 0.1, "reward_temperature": 0.1},
        lambda p: GroupObjective(Score(), p.beta, ReverseKL(Softmax(p.reward_temperature))),
    ),
    "adpo_listwise": Preset(
        "ADPO 2025: Anchored direct preference optimization, list-wise, the authors' code",
        {
            "temperature": 0.8,
            "reward_temperature": 0.5,
            "anchor": Choice(REFERENCE, (REFERENCE, PREVIOUS)),
        },
        lambda p: GroupObjective(
            Score(((p.anchor, 1.0),)),
            1 / p.temperature,
            CrossEntropy(StandardizedSoftmax(p.reward_temperature)),
        ),
        unverified="the KDE-smoothed rank targets for heavy-tailed noise are left out",
    ),
    "rrhf_group": Preset(
        "Yuan et al. 2023, RRHF",
        {"length_exponent": 1.0, "nll": 1.0},
        lambda p: GroupObjective(
            Score(REFERENCE_FREE, Power(p.length_exponent)),
            1.0,
            RankHinge(),
            auxiliaries=(NegativeLogLikelihood(p.nll),),
        ),
    ),
    "trpa": Preset(
        "Su et al. 2025, TRPA: trust region preference approximation, the authors' code",
        {"beta": 0.1, "gain": 2.5, "kl": 1e-3, "top": -1.0},
        lambda p: GroupObjective(
            Score(length=Mean()),
            p.beta,
            LevelPairs(p.gain, p.top),
            regularizers=(Divergence(p.kl, PREVIOUS),),
        ),
        data="rewards are levels as negative numbers: -1 the best, -2, -3 worse",
    ),
    "drpo": Preset(
        "DRPO 2025: Decoupled reward policy optimization, the authors' code",
        {
            "longest": 8192.0,
            "length_temperature": 0.1,
            "temperature": 10.0,
            "kl": 1e3,
            "slack": 1e-4,
        },
        lambda p: GroupObjective(
            Score(REFERENCE_FREE, Mean()),
            1.0,
            DecoupledLength(p.longest, p.length_temperature, p.temperature),
            regularizers=(TrustRegion(p.kl, p.slack),) if p.kl else (),
        ),
        data="rewards above 0 are right answers",
    ),
}

POLICY_GRADIENT: Mapping[str, Preset] = {
    "grpo": Preset(
        "Shao et al. 2024, DeepSeekMath: GRPO, equation 3",
        {
            "low": 0.2,
            "high": 0.2,
            "kl": 0.04,
            "deviation": Choice("sample", ("sample", "population")),
            "average": Choice("per_sample", ("per_sample", "per_token")),
            "per_sequence": False,
        },
        lambda p: PolicyGradient(
            Standardized(p.deviation), p.low, p.high, p.per_sequence, p.average, kl=p.kl
        ),
        data="samples of the previous policy",
    ),
    "dr_grpo": Preset(
        "Liu et al. 2025, Understanding R1-Zero-like training: Dr. GRPO",
        {"low": 0.2, "high": 0.2, "longest": 512.0, "kl": 0.0},
        lambda p: PolicyGradient(
            Centered(), p.low, p.high, average="constant", longest=p.longest, kl=p.kl
        ),
        data="samples of the previous policy",
    ),
    "rloo": Preset(
        "Ahmadian et al. 2024, Back to basics: RLOO",
        {"kl": 0.05},
        lambda p: Reinforce(p.kl),
        data="samples of the present policy",
    ),
    "ppo_clip": Preset(
        "Schulman et al. 2017, Proximal policy optimization, equation 7",
        {"low": 0.2, "high": 0.2, "kl": 0.0},
        lambda p: PolicyGradient(Given(), p.low, p.high, average="per_token", kl=p.kl),
        data="samples of the previous policy, with advantages in the place of rewards",
    ),
}

GROUPS: Mapping[str, Preset] = {**LIST_WISE, **POLICY_GRADIENT}
