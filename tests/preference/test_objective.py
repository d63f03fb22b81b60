"""Each piece alone, then the identities that hold for any objective made of them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from idiolect.preference.objective import (
    FixedLabel,
    Link,
    Logistic,
    LogRatio,
    Objective,
    PairWeight,
    Rows,
    ScaledGap,
    Side,
    Square,
)
from idiolect.preference.presets import PRESETS, objective

nats = st.floats(-50, 0)


def column(*values: float, gradient: bool = False) -> Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=gradient)


def rows(
    policy: tuple[float, float] = (-10.0, -14.0),
    reference: tuple[float, float] = (-11.0, -12.5),
    tokens: tuple[float, float] = (5.0, 8.0),
    weight: float = 1.0,
    margin: float = 0.0,
) -> Rows:
    chosen, rejected = (
        Side(column(policy[side]), {"reference": column(reference[side])}, column(tokens[side]))
        for side in (0, 1)
    )
    return Rows(chosen, rejected, column(weight), column(margin))


def test_score_is_the_log_ratio_to_the_anchor() -> None:
    side = rows().chosen  # P = -10, R = -11, 5 tokens
    assert LogRatio()(side).item() == 1.0
    assert LogRatio(length="mean")(side).item() == pytest.approx(1 / 5)
    assert LogRatio(anchors=())(side).item() == -10.0
    assert LogRatio(anchors=(("reference", 0.5),))(side).item() == -10 + 0.5 * 11


def test_logit_is_the_scaled_gap_less_the_margin() -> None:
    # beta (S_w - S_l) - m = 0.1 (1 + 1.5) - 0.2
    assert ScaledGap(0.1)(column(1.0), column(-1.5), column(0.2)).item() == pytest.approx(0.05)


def test_links_are_their_formulas() -> None:
    assert Logistic()(column(0.3)).item() == pytest.approx(-math.log(1 / (1 + math.exp(-0.3))))
    assert Square(2.0)(column(0.5)).item() == 1.5**2


def test_logistic_link_neither_overflows_nor_underflows() -> None:
    loss = Logistic()(column(-1000.0, 1000.0))
    assert loss.tolist() == [1000.0, 0.0]


def test_label_mixes_the_link_with_its_mirror() -> None:
    trusting, doubtful = objective("dpo"), objective("cdpo", flip_rate=0.25)
    agreed = trusting(rows()).loss
    mirrored = trusting(rows(policy=(-14.0, -10.0), reference=(-12.5, -11.0))).loss
    torch.testing.assert_close(doubtful(rows()).loss, 0.75 * agreed + 0.25 * mirrored)


def test_weight_scales_the_loss_and_margin_shifts_the_logit() -> None:
    dpo = objective("dpo")
    torch.testing.assert_close(dpo(rows(weight=0.5)).loss, 0.5 * dpo(rows()).loss)
    assert dpo(rows(margin=0.25)).logit.item() == pytest.approx(0.0)  # 0.1 * 2.5 - 0.25


@pytest.mark.parametrize("link", [Logistic(), Square(0.5)])
@pytest.mark.parametrize("z", [-3.0, 0.0, 0.7, 4.0])
def test_links_have_the_gradient_of_finite_differences(link: Link, z: float) -> None:
    at = column(z, gradient=True)
    (slope,) = torch.autograd.grad(link(at).sum(), at)
    step = 1e-6
    numeric = (link(column(z + step)) - link(column(z - step))) / (2 * step)
    torch.testing.assert_close(slope, numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", PRESETS)
@given(policy=st.tuples(nats, nats), reference=st.tuples(nats, nats), shift=st.floats(-20, 20))
def test_a_shift_of_policy_and_reference_alike_changes_nothing(
    name: str, policy: tuple[float, float], reference: tuple[float, float], shift: float
) -> None:
    plain = objective(name)(rows(policy, reference)).loss
    shifted = objective(name)(
        rows(
            (policy[0] + shift, policy[1] + shift),
            (reference[0] + shift, reference[1] + shift),
        )
    ).loss
    torch.testing.assert_close(plain, shifted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("link", [Logistic(), Square(5.0)])
@given(policy=st.tuples(nats, nats), reference=st.tuples(nats, nats), q=st.floats(0, 1))
def test_swapping_the_sides_is_flipping_the_label(
    link: Link, policy: tuple[float, float], reference: tuple[float, float], q: float
) -> None:
    def loss(label: float, p: tuple[float, float], r: tuple[float, float]) -> Tensor:
        whole = Objective(LogRatio(), ScaledGap(0.1), link, FixedLabel(label), PairWeight())
        return whole(rows(p, r)).loss

    torch.testing.assert_close(
        loss(q, policy, reference), loss(1 - q, policy[::-1], reference[::-1])
    )


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_finite_far_out_and_pushes_the_right_way(name: str) -> None:
    for gap in (-50.0, 0.0):
        policy = column(gap, gradient=True)
        chosen = Side(policy, {"reference": column(0.0)}, column(4.0))
        rejected = Side(column(0.0), {"reference": column(0.0)}, column(4.0))
        loss = objective(name)(Rows(chosen, rejected, column(1.0), column(0.0))).loss
        (slope,) = torch.autograd.grad(loss.sum(), policy)
        assert torch.isfinite(loss).all()
        assert slope.item() < 0  # a likelier chosen sample costs less
