"""Published objectives have the values of their formulas on one known pair.

P(y_w) = -10, P(y_l) = -14, R(y_w) = -11, R(y_l) = -12.5, so h = (P_w - R_w) - (P_l - R_l) = 2.5.
"""

import pytest
import torch

from idiolect.errors import InvalidInputError
from idiolect.preference.presets import PRESETS, objective
from tests.preference.test_objective import rows

GOLDEN = {
    "dpo": 0.575939,  # -log sigmoid(0.1 * 2.5)
    "ln-dpo": 0.673960,  # -log sigmoid(0.1 * (1 / 5 + 1.5 / 8))
    "cdpo": 0.600939,  # 0.9 * 0.575939 + 0.1 * (0.575939 + 0.25)
    "ipo": 6.25,  # (2.5 - 1 / (2 * 0.1))^2
}


@pytest.mark.parametrize("name", PRESETS)
def test_golden_value(name: str) -> None:
    assert objective(name, beta=0.1)(rows()).loss.item() == pytest.approx(GOLDEN[name], abs=5e-7)


def test_cdpo_without_flips_is_dpo() -> None:
    torch.testing.assert_close(
        objective("cdpo", flip_rate=0.0)(rows()).loss, objective("dpo")(rows()).loss
    )


@pytest.mark.parametrize(
    ("name", "optimum"),
    # cdpo: log(0.9 / 0.1) / 0.1; ipo: 1 / (2 * 0.1)
    [("dpo", None), ("ln-dpo", None), ("cdpo", 21.972246), ("ipo", 5.0)],
)
def test_the_gap_settles_where_the_theory_says(name: str, optimum: float | None) -> None:
    gap = torch.linspace(-60, 60, 120_001, dtype=torch.float64)
    losses = torch.stack([objective(name)(rows((at, 0.0), (0.0, 0.0))).loss[0] for at in gap[::50]])
    best = gap[::50][losses.argmin()].item()
    assert best == pytest.approx(60.0 if optimum is None else optimum, abs=0.05)


def test_every_preset_cites_its_paper() -> None:
    assert all(preset.citation for preset in PRESETS.values())


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(InvalidInputError, match="no objective 'dop'") as caught:
        objective("dop")
    assert "dpo" in caught.value.hint
    with pytest.raises(InvalidInputError, match="no parameter flip_rate"):
        objective("dpo", flip_rate=0.1)
