"""Both sides of a pair may fall while their margin grows."""

import math

import pytest
import torch
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.diagnostics import Displacement, likelihood_displacement
from idiolect.preference.diagnostics.intervals import wilson_interval


def column(*values: float) -> Tensor:
    return torch.tensor(values)


def displacement(chosen: Tensor, rejected: Tensor) -> Displacement:
    """Of policies that moved this far from a reference at -20 and -30 nats."""
    return likelihood_displacement(
        chosen_policy=chosen - 20,
        chosen_reference=torch.full_like(chosen, -20.0),
        rejected_policy=rejected - 30,
        rejected_reference=torch.full_like(rejected, -30.0),
    )


def test_drifts_and_shares_by_hand() -> None:
    found = displacement(column(1.0, -2.0, -1.0, 0.0), column(-1.0, -4.0, -6.0, -1.0))
    assert found.chosen_drift == pytest.approx(-0.5)
    assert found.rejected_drift == pytest.approx(-3.0)
    assert found.margin == pytest.approx(2.5)
    assert (found.pairs, found.both_fell) == (4, 0.5)
    assert found.both_fell_interval == wilson_interval(2, 4)
    assert found.chosen_interval[0] < -0.5 < found.chosen_interval[1]
    assert found.warning == ""  # half is not more than half


def test_it_warns_when_most_pairs_fall_on_both_sides() -> None:
    found = displacement(column(*[-1.0] * 8, 1.0), column(*[-2.0] * 9))
    assert found.warning == (
        "On 89% of 9 pairs the chosen sample became less likely together with the rejected one."
    )


def test_a_few_pairs_are_no_evidence() -> None:
    found = displacement(column(-1.0, -2.0, -1.0), column(-2.0, -3.0, -1.0))
    assert (found.both_fell, found.warning) == (1.0, "")


def test_a_policy_at_its_reference_has_not_moved() -> None:
    found = displacement(column(0.0, 0.0), column(0.0, 0.0))
    assert (found.chosen_drift, found.rejected_drift, found.both_fell) == (0.0, 0.0, 0.0)
    assert found.chosen_interval == (0.0, 0.0)


def test_columns_may_carry_gradients() -> None:
    assert displacement(column(1.0).requires_grad_(), column(-1.0)).chosen_drift == 1.0


@pytest.mark.parametrize(
    ("chosen", "rejected", "why"),
    [
        (column(), column(), "four columns"),
        (column(1.0), column(1.0, 2.0), "four columns"),
        (column(1.0).unsqueeze(0), column(1.0).unsqueeze(0), "four columns"),
        (column(math.nan), column(1.0), "not finite"),
        (column(1.0), column(math.inf), "not finite"),
    ],
)
def test_what_cannot_be_read_is_refused(chosen: Tensor, rejected: Tensor, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        displacement(chosen, rejected)
