"""Every preset has the value of its formula on one known pair or group, to six digits."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from idiolect.preference.columns import Samples
from idiolect.preference.objective import Objective
from idiolect.preference.presets import PRESETS, objective
from tests.preference.vector import column, group, rows, side

HARD = (1.0, 0.0)
SCALAR = {"reference": (0.0, 0.0), "tokens": (1.0, 1.0)}  # a score in the log-probability's place

# name, parameters, what differs in the pair, running estimates, value
PAIRS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, float], float]] = [
    ("dpo", {}, {}, {}, 0.575939),  # -log sigmoid(0.1 * 2.5)
    ("ln_dpo", {"beta": 0.1}, {}, {}, 0.673960),  # -log sigmoid(0.1 * (1 / 5 + 1.5 / 8))
    # -log sigmoid(0.1 * 2.5 + 0.01 * (5 - 8))
    ("length_reg", {}, {}, {}, 0.589185),
    # 3 of 8 tokens beyond the shared 5 count half: D_l = -1.5 * (5 + 1.5) / 8 = -1.21875
    ("ld_dpo", {}, {}, {}, 0.588351),
    ("cdpo", {}, {}, {}, 0.600939),  # 0.9 * 0.575939 + 0.1 * (0.575939 + 0.25)
    ("robust", {}, {}, {}, 0.544689),  # (0.9 * 0.575939 - 0.1 * 0.825939) / 0.8
    ("f_dpo", {"divergence": "reverse_kl"}, {}, {}, 0.575939),
    ("f_dpo", {"divergence": "forward_kl"}, {}, {}, 0.508463),
    ("f_dpo", {"divergence": "js"}, {}, {}, 0.626146),
    ("f_dpo", {"divergence": "alpha", "alpha": 0.3}, {}, {}, 0.564712),
    ("f_dpo", {"divergence": "alpha", "alpha": 0.5}, {}, {}, 0.553465),
    ("f_dpo", {"divergence": "alpha", "alpha": 0.7}, {}, {}, 0.538654),
    ("beta_dpo", {}, {}, {"beta": 0.128, "kept": 1.0}, 0.545893),  # -log sigmoid(0.128 * 2.5)
    ("madpo", {}, {"rewards": (0.5, 0.0)}, {}, 0.675973),  # 1.1737 * 0.575939
    ("re_po", {}, {}, {"reliability": 0.9}, 0.595850),  # w = 0.920358
    # q = sigmoid(1 / 0.5) = 0.880797, z = 2.5 / 0.8 = 3.125: 0.042994 + (1 - q) * 3.125
    ("adpo", {}, {"rewards": HARD}, {}, 0.415508),
    # both samples surprise by -1 nat a token less than the collision: exp(2) * exp(1.75)
    ("wpo", {}, {}, {}, 24.489567),
    ("aot", {}, {}, {}, 0.575939),
    ("aot_unpaired", {}, {}, {}, 0.575939),
    ("discopop", {"beta": 0.1}, {}, {}, 0.777443),
    ("exo", {"smoothing": 0.1}, {}, {}, 0.381962),
    ("exo", {}, {}, {}, 2.339545),
    ("step_apo", {}, {"margin": 0.7}, {}, 0.943249),
    ("context_dual", {}, {}, {}, 0.575939),
    ("condition_contrast", {}, {}, {}, 0.575939),
    # 2.5 * 0.1 * (0.2 + 0.1875) = 0.096875
    ("ktpo", {}, {"rewards": HARD}, {}, 0.645882),
    ("ipo", {}, {}, {}, 6.25),  # (2.5 - 5)^2
    ("ipo", {"length": "mean"}, {}, {}, 21.275156),  # (0.3875 - 5)^2
    ("inpo", {}, {"previous": (-10.5, -13.5)}, {}, 4246.694444),  # h = 1.5, target 66.667
    # the same times eta^2
    ("inpo", {"scaled": True}, {"previous": (-10.5, -13.5)}, {}, 0.238877),
    # q = sigmoid(1) = 0.731059: 0.575939 + 0.268941 * 0.25
    ("dno", {}, {"rewards": HARD}, {}, 0.643175),
    ("dno_prct", {}, {}, {}, 0.575939),
    ("hinge", {}, {}, {}, 0.75),  # 1 - 0.1 * 2.5
    ("slic_hf", {}, {}, {}, 1.0),  # max(0, 1 - 4) + 0.1 * 10
    ("rrhf", {}, {}, {}, 2.25),  # max(0, 2 - 1.75) + 10 / 5
    ("simpo", {}, {}, {}, 1.701413),  # -log sigmoid(2 * (-2 + 1.75) - 1)
    # scores (1 - e^{0.5}) / 0.25 and (1 - e^{0.4375}) / 0.25: z = 2 * -0.399567 - 1
    ("alphapo", {}, {}, {}, 1.952229),
    ("cpo", {"nll": 0.0}, {}, {}, 0.513015),  # -log sigmoid(0.1 * 4)
    ("cpo", {}, {}, {}, 2.513015),  # and 10 / 5
    ("orpo", {}, {}, {}, 2.085176),  # 10 / 5 + 0.1 * 0.851757
    ("mapo", {}, {"policy": (-0.10, -0.12), **SCALAR}, {}, 0.100736),
    ("polar", {}, {"policy": (1.2, -0.4), **SCALAR}, {}, 0.183901),  # -log sigmoid(1.6)
    ("eurus", {}, {"policy": (1.2, -0.4), **SCALAR}, {}, 0.960198),
    ("c_rlft", {}, {"weight": 0.1}, {}, 1.0),  # 0.1 * 10
    ("kto", {}, {}, {"reference_point": 0.2}, 0.937613),  # 0.480011 + 0.457602
    ("bco", {}, {}, {"shift": 0.0}, 1.265354),
    ("nca", {}, {}, {}, 1.327074),
    ("apo_zero", {}, {}, {}, 0.937591),
    ("apo_down", {}, {}, {}, 0.962803),
    ("cal_dpo", {}, {}, {}, 28.328890),  # -log sigmoid(2.5) + 16 + 12.25
    ("cal_dpo", {"square": 0.5}, {}, {}, 14.203890),
    ("sppo", {}, {"rewards": (0.8, 0.3)}, {}, 2.125),  # ((1 - 3)^2 + (-1.5 + 2)^2) / 2
    ("sppo_hard", {}, {}, {}, 28.25),  # (1 - 5)^2 + (-1.5 + 5)^2
    # (1 - 10 * 0.3)^2 + (-1.5 + 10 * 0.3)^2
    ("gpo", {}, {"rewards": (0.3, -0.3)}, {}, 6.25),
]

GROUPS: list[tuple[str, dict[str, Any], dict[str, Any], float]] = [
    # ranks 1, 3, 2: u = 0.1, 0.02, -0.15; -sum of log shares of what is left
    ("plackett_luce", {}, {}, 1.605717),
    ("info_nca", {}, {}, 1.065118),
    ("nca_group", {}, {}, 1.369414),
    ("exo_reward", {"reward_temperature": 1.0}, {}, 0.045982),
    ("adpo_listwise", {"temperature": 1.0}, {}, 0.559730),
    ("adpo_listwise", {}, {}, 0.511801),
    # means -2, -1.75, -1.9 with rewards 1, 0, 0.5: 0.25 + 0.15 + 0.1, and 10 / 5
    (
        "rrhf_group",
        {},
        {"ratios": (-10.0, -14.0, -9.5), "tokens": (5.0, 8.0, 5.0)},
        2.5,
    ),
    (
        "trpa",
        {"kl": 0.0},
        {"ratios": (0.3, -0.1, 0.05, -0.2), "rewards": (-1.0, -2.0, -2.0, -3.0)},
        0.661653,
    ),
    # 10 * log(e^{-.08} + e^{-.15}) + .9526 * 1 + .0474 * 1.2
    (
        "drpo",
        {"longest": 10.0, "kl": 0.0},
        {
            "ratios": (-3.0, -7.2, -4.0, -13.5),
            "rewards": (1.0, 1.0, 0.0, 0.0),
            "tokens": (3.0, 6.0, 5.0, 9.0),
        },
        6.797081,
    ),
    ("rloo", {"kl": 0.0}, {}, -0.625),  # -(0.75 * 1 - 0.75 * -1.5 + 0 * 0.2) / 3
    # advantages 1, -1, 0 (less 0.0002) at ratios e, e^{-1.5}, e^{0.2}: -(1.2 - 0.8) / 3
    ("grpo", {"kl": 0.0}, {}, -0.133307),
    ("dr_grpo", {"longest": 1.0}, {}, -0.066667),  # advantages 0.5, -0.5, 0
    ("ppo_clip", {}, {}, -0.6),  # -(1.2 * 1 + 0.5 * 1.2) / 3
]


def value(composed: Objective, batch: Any, estimates: Mapping[str, float] | None = None) -> float:
    given = {name: column(one) for name, one in (estimates or {}).items()}
    return composed(batch, given).loss.mean().item()


@pytest.mark.parametrize(("name", "parameters", "pair", "estimates", "expected"), PAIRS)
def test_pair(
    name: str,
    parameters: dict[str, Any],
    pair: dict[str, Any],
    estimates: dict[str, float],
    expected: float,
) -> None:
    composed = objective(name, **parameters)
    assert value(composed, rows(**pair), estimates) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(("name", "parameters", "differs", "expected"), GROUPS)
def test_group(
    name: str, parameters: dict[str, Any], differs: dict[str, Any], expected: float
) -> None:
    composed = objective(name, **parameters)
    assert value(composed, group(**differs)) == pytest.approx(expected, abs=5e-7)


def test_no_preset_is_without_a_golden_value() -> None:
    assert {name for name, *_ in (*PAIRS, *GROUPS)} == set(PRESETS)


def test_no_parameter_is_taken_for_a_piece() -> None:
    pieces = {"preset", "score", "logit", "link", "label", "weight", "add_nll"}
    for name, row in PRESETS.items():
        assert not pieces & set(row.parameters), name


def test_kto_on_each_side_by_itself() -> None:
    kto, estimates = objective("kto"), {"reference_point": column(0.2)}
    verdicts = Samples(
        side(
            column(-10.0, -14.0), column(-11.0, -12.5), column(5.0, 8.0), reward=column(1.0, -1.0)
        ),
        torch.arange(2),
        column(1.0, 1.0),
    )
    assert kto(verdicts, estimates).loss.tolist() == pytest.approx([0.480011, 0.457602], abs=5e-7)


def test_aot_sorts_the_batch() -> None:
    # policy gaps 4, 1, -2 and reference gaps 1.5, 0.5, 0: sorted differences -2, 0.5, 2.5
    zeros = column(0.0, 0.0, 0.0)
    ones = column(1.0, 1.0, 1.0)
    pairs = rows()
    batch = type(pairs)(
        side(column(4.0, 1.0, -2.0), column(1.5, 0.5, 0.0), ones),
        side(zeros, zeros, ones),
        ones,
        zeros,
        ones,
        torch.zeros(3, dtype=torch.long),
    )
    assert value(objective("aot"), batch) == pytest.approx(0.680846, abs=5e-7)
