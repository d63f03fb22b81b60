"""The same log-probabilities in, the same loss out as TRL's trainers, wherever TRL has the loss.

``trl_values.json`` holds what TRL's own code made of a fixed batch; ``benchmarks.trl_parity``
makes it. Where ours differs on purpose, the case says why.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from idiolect.preference.columns import Rows, Samples, Side
from idiolect.preference.language import compose
from idiolect.preference.policy_gradient import Given, PolicyGradient

VALUES = json.loads(Path(__file__).with_name("trl_values.json").read_text())
ADVANTAGES = (1.0, -0.5, 0.3, -0.8, 0.2, 0.6, -1.2, 0.4)


def known() -> tuple[Side, Tensor]:
    """The samples, and what the policy that drew them gave their tokens."""
    columns = {name: torch.tensor(rows) for name, rows in VALUES["columns"].items()}
    old = columns["policy"] + 0.5 * (columns["reference"] - columns["policy"])
    side = Side(
        policy=columns["policy"],
        anchors={"reference": columns["reference"], "previous": columns["reference"]},
        tokens=columns["tokens"].float(),
        reward=torch.tensor(ADVANTAGES),
        collision=columns["collision"],
    )
    return side, old


def pairs() -> Rows:
    side, _ = known()
    ones = torch.ones(4)
    return Rows(
        side.take(torch.arange(4)),
        side.take(torch.arange(4, 8)),
        ones,
        torch.zeros(4),
        ones,
        torch.zeros(4, dtype=torch.long),
    )


def groups() -> Samples:
    """The samples under the policy that drew them; their rewards are advantages already."""
    side, old = known()
    return Samples(
        Side(side.policy, {**side.anchors, "previous": old}, side.tokens, side.reward),
        torch.tensor([0, 0, 0, 0, 1, 1, 1, 1]),
        torch.ones(2),
    )


def ours(case: dict[str, Any]) -> Tensor:
    if case["trl"].startswith("GRPO"):
        composed = compose(case["ours"])
        assert isinstance(composed, PolicyGradient)
        return replace(composed, advantage=Given())(groups()).loss.mean()
    estimates = {"reference_point": torch.tensor(0.2), "shift": torch.tensor(0.0)}
    return compose(case["ours"])(pairs(), estimates).loss.mean()


@pytest.mark.parametrize(
    "case",
    [case for case in VALUES["losses"] if "averages over all tokens" not in case["note"]],
    ids=lambda case: f"{case['trl']} {case['settings']}",
)
def test_the_same_loss(case: dict[str, Any]) -> None:
    assert ours(case).item() == pytest.approx(case["loss"], rel=2e-6, abs=2e-6)


def test_ours_averages_a_likelihood_by_sample_and_trl_over_all_tokens() -> None:
    (case,) = [case for case in VALUES["losses"] if case["trl"] == "DPO sft"]
    side = pairs().chosen
    over_all_tokens = -side.policy.sum() / side.tokens.sum()
    assert over_all_tokens.item() == pytest.approx(case["loss"], rel=2e-6)
    assert ours(case).item() == pytest.approx(-side.policy.sum(1).mean().item(), rel=2e-6)
