"""Each piece alone: its formula by hand, its guard far out, and its gradient."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from idiolect.preference.columns import NO_ESTIMATES
from idiolect.preference.pieces.auxiliary import Divergence, NegativeLogLikelihood, TrustRegion
from idiolect.preference.pieces.label import (
    Given,
    Posterior,
    RewardSoftmax,
    Robust,
    Smoothed,
)
from idiolect.preference.pieces.link import (
    DiscoPop,
    Exponential,
    Hinge,
    Logistic,
    Nothing,
    ReverseKL,
    Sigmoid,
    Square,
)
from idiolect.preference.pieces.logit import Logit
from idiolect.preference.pieces.pointwise import At, AtReward, Pointwise
from idiolect.preference.pieces.score import (
    REFERENCE_FREE,
    Alpha,
    Bounded,
    ForwardKL,
    Identity,
    JensenShannon,
    LogOdds,
    Mean,
    Power,
    Score,
    SharedPrefix,
    Sum,
)
from idiolect.preference.pieces.weight import Kept, OnPolicy, RewardAgreement
from tests.preference.vector import column, rows

SHAPES = [Identity(), ForwardKL(), JensenShannon(), Alpha(0.5), Alpha(0.0), Bounded(0.5)]
LINKS = [
    Logistic(),
    Hinge(),
    Square(0.5),
    Exponential(),
    Sigmoid(),
    DiscoPop(),
    ReverseKL(),
    Nothing(),
]


def slope_by_difference(function: Callable[[Tensor], Tensor], at: float) -> float:
    step = 1e-6
    rise = function(column(at + step)) - function(column(at - step))
    return (rise / (2 * step)).item()


def slope(function: Callable[[Tensor], Tensor], at: float) -> float:
    point = column(at, gradient=True)
    value = function(point).sum()
    return torch.autograd.grad(value, point)[0].item() if value.requires_grad else 0.0


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("at", [-3.0, -0.4, -1e-3, 0.7, 4.0])
def test_shapes_rise_and_have_the_gradient_of_finite_differences(
    shape: Callable[[Tensor], Tensor], at: float
) -> None:
    assert slope(shape, at) == pytest.approx(slope_by_difference(shape, at), rel=1e-4, abs=1e-6)
    assert slope(shape, at) > 0


@pytest.mark.parametrize("at", [-9.0, -1.0, -0.7, -0.6, -0.01])
def test_log_odds_of_a_mean_log_probability(at: float) -> None:
    probability = math.exp(at)
    expected = math.log(probability / (1 - probability))
    assert LogOdds()(column(at)).item() == pytest.approx(expected, abs=1e-9)
    assert slope(LogOdds(), at) == pytest.approx(slope_by_difference(LogOdds(), at), rel=1e-4)


def test_log_odds_of_certainty_are_finite() -> None:
    assert LogOdds()(column(0.0, 1.0)).isfinite().all()


@pytest.mark.parametrize("link", LINKS, ids=str)
@pytest.mark.parametrize("at", [-3.0, 0.2, 0.7, 4.0])
def test_links_have_the_gradient_of_finite_differences(
    link: Callable[[Tensor], Tensor], at: float
) -> None:
    assert slope(link, at) == pytest.approx(slope_by_difference(link, at), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("link", LINKS, ids=str)
def test_links_are_finite_far_out_also_in_single_precision(
    link: Callable[[Tensor], Tensor],
) -> None:
    at = torch.tensor([-1000.0, -50.0, 50.0, 1000.0], requires_grad=True)
    loss = link(at)
    assert loss.isfinite().all()
    if loss.requires_grad:
        assert torch.autograd.grad(loss.sum(), at)[0].isfinite().all()


def test_links_are_their_formulas() -> None:
    z = column(0.3)
    agree = 1 / (1 + math.exp(-0.3))
    assert Logistic()(z).item() == pytest.approx(-math.log(agree))
    assert Hinge(0.5)(z).item() == pytest.approx(0.2)
    assert Square(2.0)(z).item() == pytest.approx(1.7**2)
    assert Exponential()(z).item() == pytest.approx(math.exp(-0.3))
    assert Sigmoid()(z).item() == pytest.approx(1 - agree)
    differ = 1 - agree
    reverse = agree * math.log(agree / 0.8) + differ * math.log(differ / 0.2)
    assert ReverseKL(0.2)(z).item() == pytest.approx(reverse)


def test_lengths() -> None:
    values = column(1.0, 2.0, 3.0, 0.0).unsqueeze(0)
    tokens, shared = column(3.0), column(2.0)
    assert Sum()(values, tokens, shared).item() == 6
    assert Mean()(values, tokens, shared).item() == 2
    assert Power(0.5)(values, tokens, shared).item() == pytest.approx(6 / math.sqrt(3))
    assert SharedPrefix(0.5)(values, tokens, shared).item() == 1 + 2 + 0.5 * 3
    assert SharedPrefix(1.0)(values, tokens, shared).item() == 6


def test_scores_subtract_their_anchors_by_weight() -> None:
    pair = rows(previous=(-10.5, -13.5))
    shared = pair.shared_tokens
    assert Score()(pair.chosen, shared).item() == pytest.approx(1.0)
    assert Score(REFERENCE_FREE)(pair.chosen, shared).item() == pytest.approx(-10.0)
    mixed = Score((("reference", 0.25), ("previous", 0.75)))
    assert mixed(pair.chosen, shared).item() == pytest.approx(-10 + 0.25 * 11 + 0.75 * 10.5)


def test_a_logit_is_the_scaled_gap_less_its_margins() -> None:
    logit = Logit(0.1, gamma=0.3, length_rate=0.01)
    z = logit(rows(margin=0.2), Score(), NO_ESTIMATES)
    assert z.item() == pytest.approx(0.1 * 2.5 - 0.3 - 0.2 + 0.01 * (5 - 8))
    swapped = logit(rows(margin=0.2).flipped, Score(), NO_ESTIMATES)
    assert logit.flipped(z).item() == pytest.approx(swapped.item())


def test_labels() -> None:
    sure, tie = rows(), rows(probability=0.5)
    odds = column(0.4)
    assert Given()(tie, odds, NO_ESTIMATES).item() == 0.5
    assert Smoothed(0.1)(sure, odds, NO_ESTIMATES).item() == pytest.approx(0.9)
    assert Smoothed(0.1)(tie, odds, NO_ESTIMATES).item() == pytest.approx(0.5)
    assert Robust(0.1)(sure, odds, NO_ESTIMATES).item() == pytest.approx(0.9 / 0.8)
    assert Robust(0.1)(tie, odds, NO_ESTIMATES).item() == pytest.approx(0.5)
    judged = rows(rewards=(2.0, 1.0))
    expected = 1 / (1 + math.exp(-2))
    assert RewardSoftmax(0.5)(judged, odds, NO_ESTIMATES).item() == pytest.approx(expected)
    assert RewardSoftmax(0.5)(tie, odds, NO_ESTIMATES).item() == 0.5


def test_the_posterior_is_bayes_rule() -> None:
    estimates = {"reliability": column(0.9)}
    s = 1 / (1 + math.exp(-0.25))
    expected = s * 0.9 / (s * 0.9 + (1 - s) * 0.1)
    got = Posterior()(rows(), column(0.25), estimates).item()
    assert got == pytest.approx(expected)
    assert got == pytest.approx(0.920358, abs=5e-7)


def test_a_label_that_the_policy_contradicts_is_turned_round() -> None:
    estimates = {"reliability": column(0.9)}
    assert Posterior()(rows(), column(-10.0), estimates).item() < 0.01


def test_reward_agreement_follows_the_authors_figures() -> None:
    def weight(gap: float) -> float:
        return RewardAgreement()(rows(rewards=(gap, 0.0)), NO_ESTIMATES).item()

    assert weight(0.0) == pytest.approx(1.0)
    assert weight(0.5) == pytest.approx(1.174, abs=5e-4)
    assert weight(2.0) == pytest.approx(1.114, abs=5e-4)
    assert weight(10.0) == pytest.approx(1.0, abs=5e-3)
    assert weight(-2.0) == pytest.approx(0.1575, abs=5e-5)
    assert weight(-20.0) == 1.0  # beyond the turn
    assert weight(math.nan) == 1.0


def test_on_policy_weights_compare_a_token_with_the_policys_own_draws() -> None:
    # collision is twice the log-probability: every token surprises by -P / |y|
    got = OnPolicy()(rows(), NO_ESTIMATES).item()
    assert got == pytest.approx(math.exp(10 / 5) * math.exp(14 / 8))


def test_kept_rows_count_more_for_those_left_out() -> None:
    weights = Kept()(rows(), {"kept": column(1.0, 1.0, 0.0, 1.0)})
    torch.testing.assert_close(weights, column(4 / 3, 4 / 3, 0.0, 4 / 3))


def test_a_pointwise_term_is_a_link_on_a_shifted_score() -> None:
    term = Pointwise("rejected", Logistic(), sign=-1, scale=0.5, shift=At(0.2), coefficient=3.0)
    got = term(column(1.0), column(0.0), NO_ESTIMATES).item()
    assert got == pytest.approx(3 * math.log(1 + math.exp(0.5 - 0.2)))
    target = Pointwise("chosen", Square(), shift=AtReward(10.0, 0.5))
    assert target(column(1.0), column(0.8), NO_ESTIMATES).item() == pytest.approx((1 - 3) ** 2)


def test_auxiliary_terms() -> None:
    pair = rows(policy=(-10.0, -14.0), previous=(-11.0, -14.0))
    shared = pair.shared_tokens
    assert NegativeLogLikelihood(0.5)(pair.chosen, shared).item() == pytest.approx(0.5 * 2)
    # P - A is 0.2 a token: k3 = e^{-0.2} + 0.2 - 1
    k3 = math.exp(-0.2) + 0.2 - 1
    assert Divergence(2.0)(pair.chosen, shared).item() == pytest.approx(2 * k3)
    region = TrustRegion(100.0, slack=0.01)(pair.chosen, shared).item()
    assert region == pytest.approx(50 * (k3 - 0.01) ** 2)
    assert TrustRegion(100.0, slack=1.0)(pair.chosen, shared).item() == 0
