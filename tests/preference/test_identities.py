"""What published objectives have in common, and the optima that theory gives them."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from idiolect.preference.columns import Rows, Samples
from idiolect.preference.language import compose
from idiolect.preference.presets import PRESETS, objective
from tests.preference.vector import column, group, rows, side

nats = st.floats(-50, 0)
pair_of_nats = st.tuples(nats, nats)


def loss(spec: Any, pair: Rows, **estimates: float) -> Tensor:
    return compose(spec)(pair, {name: column(one) for name, one in estimates.items()}).loss


@pytest.mark.parametrize(
    ("spec", "pair", "estimates"),
    [
        ({"preset": "info_nca", "temperature": 1e-6}, {}, {}),  # two samples, alpha towards 0
        ({"preset": "adpo", "temperature": 10.0}, {}, {}),  # temperature 1 / beta, hard label
        ({"preset": "step_apo"}, {}, {}),  # equal values
        ({"preset": "madpo"}, {"rewards": (0.0, 0.0)}, {}),  # a reward model without opinion
        ({"preset": "beta_dpo"}, {}, {"beta": 0.1, "kept": 1.0}),  # no slope, no filter
        ({"preset": "cdpo", "flip_rate": 0.0}, {}, {}),
        ({"preset": "robust", "flip_rate": 0.0}, {}, {}),
        ({"preset": "f_dpo", "divergence": "alpha", "alpha": 0.0}, {}, {}),
        ({"preset": "dno_prct"}, {}, {}),  # the round before is the reference
        ({"preset": "ld_dpo", "tail": 1.0}, {}, {}),
        ({"preset": "length_reg", "rate": 0.0}, {}, {}),
        ({"preset": "dpo", "label": {"reward_softmax": 1.0}}, {}, {}),  # nobody judged
        ({"preset": "plackett_luce"}, {}, {}),
    ],
    ids=str,
)
@given(policy=pair_of_nats, reference=pair_of_nats)
def test_these_are_dpo(
    spec: dict[str, Any],
    pair: dict[str, Any],
    estimates: dict[str, float],
    policy: tuple[float, float],
    reference: tuple[float, float],
) -> None:
    batch = rows(policy, reference, **pair)
    torch.testing.assert_close(
        loss(spec, batch, **estimates), loss("dpo", batch), rtol=1e-7, atol=1e-9
    )


@given(policy=pair_of_nats, reference=pair_of_nats)
def test_one_objective_as_another(
    policy: tuple[float, float], reference: tuple[float, float]
) -> None:
    batch = rows(policy, reference)

    def same(one: Any, other: Any, factor: float = 1.0, **estimates: float) -> None:
        torch.testing.assert_close(
            loss(one, batch, **estimates), factor * loss(other, batch), rtol=1e-7, atol=1e-7
        )

    same({"preset": "kto"}, "apo_zero", reference_point=0.0)
    same({"preset": "alphapo", "alpha": 0.0}, "simpo")
    same({"preset": "inpo", "tau": 0.01, "eta": 0.01}, {"preset": "ipo", "tau": 0.01})
    # hinge(beta) is SLiC with a reference at a margin of 1 / beta, up to the factor beta
    with_reference = {
        "preset": "slic_hf",
        "margin": 10.0,
        "nll": 0.0,
        "score": {"anchors": {"reference": 1.0}},
    }
    same("hinge", with_reference, factor=0.1)


ANCHORED = [
    name
    for name in PRESETS
    if objective(name).needs.anchors == {"reference"} and "pairs" in objective(name).takes
]


# WPO weighs by how likely the policy holds the samples themselves.
@pytest.mark.parametrize("name", [name for name in ANCHORED if name != "wpo"])
@given(policy=pair_of_nats, reference=pair_of_nats, shift=st.floats(-20, 20))
def test_a_shift_of_policy_and_reference_alike_changes_nothing(
    name: str, policy: tuple[float, float], reference: tuple[float, float], shift: float
) -> None:
    estimates = {"reference_point": 0.1, "shift": 0.1, "beta": 0.1, "kept": 1.0, "reliability": 0.9}
    moved = rows(
        (policy[0] + shift, policy[1] + shift), (reference[0] + shift, reference[1] + shift)
    )
    torch.testing.assert_close(
        loss(name, rows(policy, reference), **estimates),
        loss(name, moved, **estimates),
        rtol=1e-7,
        atol=1e-7,
    )


def test_re_po_at_the_start_is_cdpo() -> None:
    at_reference = rows(policy=(-11.0, -12.5))
    slopes = []
    for spec, estimates in (
        ({"preset": "re_po"}, {"reliability": column(0.9)}),
        ({"preset": "cdpo", "flip_rate": 0.1}, {}),
    ):
        chosen = column(-11.0, gradient=True)
        pair = rows(policy=(chosen, column(-12.5)))
        total = compose(spec)(pair, estimates).loss.sum()
        slopes.append(torch.autograd.grad(total, chosen)[0])
    torch.testing.assert_close(slopes[0], slopes[1])
    torch.testing.assert_close(
        loss("re_po", at_reference, reliability=0.9),
        loss({"preset": "cdpo", "flip_rate": 0.1}, at_reference),
    )


@given(policy=pair_of_nats, reference=pair_of_nats, rate=st.floats(0.01, 0.45))
def test_robust_losses_are_unbiased_under_flips(
    policy: tuple[float, float], reference: tuple[float, float], rate: float
) -> None:
    """(1 - eps) L(w, l) + eps L(l, w) is the clean loss; also where SimPO has a margin."""
    batch = rows(policy, reference)
    for preset in ("dpo", "simpo", "ipo", "kto"):
        estimates = {"reference_point": 0.2}
        robust = {"preset": preset, "label": {"robust": rate}}
        expected = (1 - rate) * loss(robust, batch, **estimates) + rate * loss(
            robust, batch.flipped, **estimates
        )
        torch.testing.assert_close(expected, loss(preset, batch, **estimates), rtol=1e-6, atol=1e-6)


def test_rloo_is_grpo_without_deviation_times_g_over_g_minus_1() -> None:
    def slopes(name: str, **parameters: Any) -> Tensor:
        samples = group((-1.0, -2.0, -0.5), gradient=True)
        # the samples are the present policy's, so the ratio is 1
        anchors = {**samples.side.anchors, "previous": samples.side.policy.detach()}
        own = Samples(
            type(samples.side)(
                samples.side.policy, anchors, samples.side.tokens, samples.side.reward
            ),
            samples.group,
            samples.weight,
        )
        total = objective(name, **parameters)(own).loss.sum()
        return torch.autograd.grad(total, samples.side.policy)[0]

    dr_grpo = slopes("dr_grpo", longest=1.0)
    torch.testing.assert_close(slopes("rloo", kl=0.0), dr_grpo * 3 / 2)


def test_drpo_without_a_length_signal_is_disco_and_has_the_papers_gradient() -> None:
    # the third of DRPO's samples is wrong and short; no weight is negative on a right one
    lengths = (30.0, 60.0, 50.0, 90.0)
    means = (-1.0, -1.2, -0.8, -1.5)
    samples = group(
        tuple(mean * length for mean, length in zip(means, lengths, strict=True)),
        (1.0, 1.0, 0.0, 0.0),
        lengths,
        gradient=True,
    )
    drpo = objective("drpo", longest=100.0, kl=0.0)
    (slope,) = torch.autograd.grad(drpo(samples).loss.sum(), samples.side.policy)
    by_mean = slope[:, 0] * column(*lengths)  # each token's share of its sample's mean
    expected = column(-0.9526, -0.0474, 0.5175, 0.4825)
    torch.testing.assert_close(by_mean, expected, rtol=0, atol=5e-5)
    disco = objective("drpo", longest=100.0, kl=0.0, length_temperature=1e9)
    (slope,) = torch.autograd.grad(disco(samples).loss.sum(), samples.side.policy)
    torch.testing.assert_close(
        (slope[:, 0] * column(*lengths))[:2], column(-0.5, -0.5), rtol=0, atol=1e-6
    )


def softmax_optimum(
    spec: Any, truth: Tensor, reference: Tensor, *, steps: int = 400, **rewards: Tensor
) -> Tensor:
    """The log-ratio to the reference of the best 5-arm softmax on all pairs, by Newton-like steps.

    ``truth[i, j]`` is the probability that arm i beats arm j; every ordered pair is a row whose
    weight is that probability.
    """
    arms = len(reference)
    logits = reference.clone().requires_grad_()
    wins = [(i, j) for i in range(arms) for j in range(arms) if i != j]
    first, second = (torch.tensor(index) for index in zip(*wins, strict=True))
    ones = torch.ones(len(wins), dtype=torch.float64)
    composed = compose(spec)
    optimizer = torch.optim.LBFGS(
        [logits],
        max_iter=steps,
        tolerance_grad=1e-13,
        tolerance_change=1e-16,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        log_probs = logits.log_softmax(0)
        anchor = reference.log_softmax(0)
        batch = Rows(
            side(log_probs[first], anchor[first], ones),
            side(log_probs[second], anchor[second], ones),
            truth[first, second],
            torch.zeros_like(ones),
            ones,
            torch.zeros(len(wins), dtype=torch.long),
        )
        total = composed(batch, {}).loss.sum()
        total.backward()
        return total

    optimizer.step(closure)
    ratio = (logits.log_softmax(0) - reference.log_softmax(0)).detach()
    return ratio - ratio[0]


@pytest.fixture
def bradley_terry() -> tuple[Tensor, Tensor, Tensor]:
    """Rewards of five arms, the win rates that follow, and a reference that is not uniform."""
    reward = column(0.0, 0.5, -0.7, 1.1, 0.2)
    truth = torch.sigmoid(reward.unsqueeze(1) - reward.unsqueeze(0))
    return reward, truth, column(0.3, -0.2, 0.0, -1.0, 0.6)


def test_dpo_recovers_the_reward_over_beta(
    bradley_terry: tuple[Tensor, Tensor, Tensor],
) -> None:
    reward, truth, reference = bradley_terry
    ratio = softmax_optimum({"preset": "dpo", "beta": 0.5}, truth, reference)
    torch.testing.assert_close(ratio, (reward - reward[0]) / 0.5, rtol=0, atol=1e-3)


def test_ipo_settles_at_the_mean_win_rate(
    bradley_terry: tuple[Tensor, Tensor, Tensor],
) -> None:
    """The squares pull h_ij to (2 p_ij - 1) / (2 tau); the best fit of arms is the row mean."""
    _, truth, reference = bradley_terry
    ratio = softmax_optimum({"preset": "ipo", "tau": 0.5}, truth, reference)
    target = (2 * truth - 1) / (2 * 0.5)
    target.fill_diagonal_(0.0)
    fit = target.sum(1) / 5
    torch.testing.assert_close(ratio, fit - fit[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "parameters", "optimum"),
    [
        ("cdpo", {}, math.log(9) / 0.1),
        ("ipo", {}, 5.0),
        ("sppo_hard", {}, 10.0),  # eta / 2 + eta / 2
        ("cal_dpo", {"square": 1.0}, None),
    ],
)
def test_the_gap_settles_where_the_theory_says(
    name: str, parameters: dict[str, Any], optimum: float | None
) -> None:
    gaps = torch.linspace(-60, 60, 2401, dtype=torch.float64)
    composed = objective(name, **parameters)
    losses = [
        composed(rows((gap / 2, -gap / 2), (0.0, 0.0), (1.0, 1.0))).loss.item()
        for gap in gaps.tolist()
    ]
    best = gaps[torch.tensor(losses).argmin()].item()
    if optimum is not None:
        assert best == pytest.approx(optimum, abs=0.05)
    else:
        assert 9.9 < best < 10.2  # 1 / beta, and a little more from the logistic


def test_inpo_minimizes_to_the_mirror_step() -> None:
    """h_t regressed on both samples from pi_t gives the mirror-descent update of the game."""
    truth = column(0.5, 0.9, 0.2, 0.1, 0.5, 0.8, 0.8, 0.2, 0.5).reshape(3, 3)
    reference, previous = column(0.1, 0.4, -0.3), column(0.5, -0.2, 0.0)
    eta, tau = 0.4, 0.1
    pi_t, ref = previous.softmax(0), reference.log_softmax(0)
    advantage = (truth * pi_t).sum(1)
    target = advantage / eta + (tau / eta) * ref + (1 - tau / eta) * previous.log_softmax(0)
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    inpo = objective("inpo", eta=eta, tau=tau)
    optimizer = torch.optim.LBFGS(
        [logits], max_iter=300, tolerance_grad=1e-14, line_search_fn="strong_wolfe"
    )
    first, second = (torch.tensor(index) for index in ((0, 0, 1, 1, 2, 2), (1, 2, 0, 2, 0, 1)))
    ones = torch.ones(6, dtype=torch.float64)

    def closure() -> Tensor:
        optimizer.zero_grad()
        own, old = logits.log_softmax(0), previous.log_softmax(0)
        batch = Rows(
            side(own[first], ref[first], ones, previous=old[first]),
            side(own[second], ref[second], ones, previous=old[second]),
            pi_t[first] * pi_t[second] * truth[first, second],
            torch.zeros_like(ones),
            ones,
            torch.zeros(6, dtype=torch.long),
        )
        total = inpo(batch).loss.sum()
        total.backward()
        return total

    optimizer.step(closure)
    got = logits.detach().log_softmax(0)
    torch.testing.assert_close(got - got[0], target - target[0], rtol=0, atol=1e-6)
