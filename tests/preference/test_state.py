"""Running estimates: their arithmetic, and that a run carries them on."""

from typing import Any

import pytest
import torch
from torch import Tensor

from idiolect.errors import InvalidInputError
from idiolect.preference.objective import state_of
from idiolect.preference.presets import objective
from idiolect.preference.state import (
    AdaptiveBeta,
    Glance,
    ReferencePoint,
    Reliability,
    RewardShift,
)
from tests.preference.vector import column, rows


def glance(
    score_w: Tensor | None = None,
    score_l: Tensor | None = None,
    odds: Tensor | None = None,
    source: Tensor | None = None,
    mismatched: Tensor | None = None,
) -> Glance:
    empty = column()
    return Glance(
        empty if score_w is None else score_w,
        empty if score_l is None else score_l,
        empty if odds is None else odds,
        torch.zeros(0, dtype=torch.long) if source is None else source,
        mismatched,
    )


def test_the_reference_point_is_the_mean_of_strangers_and_never_below_0() -> None:
    rule = ReferencePoint()
    used, after = rule.step(rule.start(), glance(mismatched=column(0.5, -0.1)))
    assert used["reference_point"].item() == pytest.approx(0.2)
    assert used is after
    used, _ = rule.step(after, glance(mismatched=column(-3.0)))
    assert used["reference_point"].item() == 0.0
    kept, _ = rule.step(after, glance())
    assert kept["reference_point"].item() == pytest.approx(0.2)


def test_the_reference_point_may_be_carried_over() -> None:
    rule = ReferencePoint(momentum=0.9)
    used, _ = rule.step({"reference_point": column(1.0)[0]}, glance(mismatched=column(2.0)))
    assert used["reference_point"].item() == pytest.approx(0.9 * 1 + 0.1 * 2)


def test_the_reward_shift_is_the_mean_of_all_rewards_so_far() -> None:
    rule = RewardShift(beta=0.1)
    first, after = rule.step(rule.start(), glance(column(1.0, 3.0), column(-2.0, 0.0)))
    assert first["shift"].item() == pytest.approx(0.1 * (1 + 3 - 2 + 0) / 4)
    second, _ = rule.step(after, glance(column(5.0), column(5.0)))
    assert second["shift"].item() == pytest.approx(0.1 * (2 + 10) / 6)


@pytest.mark.parametrize(("scaled", "expected"), [(False, 0.128), (True, 0.092)])
def test_beta_rises_with_the_gap_above_its_running_mean(scaled: bool, expected: float) -> None:
    # gaps 2.5, 0.5, -1 with a mean of 0.6667, or 0.06667 when scaled by beta
    rule = AdaptiveBeta(beta=0.1, slope=0.6, keep=1.0, scaled=scaled)
    before = {"mean": column(0.2)[0], "deviation": column(1.0)[0], "steps": column(0.0)[0]}
    scores = glance(column(2.5, 0.5, -1.0), column(0.0, 0.0, 0.0))
    used, after = rule.step(before, scores)
    assert used["beta"].item() == pytest.approx(expected, abs=5e-4)
    assert used["kept"].tolist() == [1.0, 1.0, 1.0]
    gap = 0.1 if scaled else 1.0
    assert after["mean"].item() == pytest.approx(0.9 * 0.2 + 0.1 * gap * 2 / 3)
    assert "beta" not in after


def test_the_filter_keeps_a_share_and_follows_from_its_seed() -> None:
    rule = AdaptiveBeta(keep=0.5, seed=3)
    scores = glance(torch.linspace(-2, 2, 10), torch.zeros(10))
    used, after = rule.step(rule.start(), scores)
    again, _ = rule.step(rule.start(), scores)
    later, _ = rule.step(after, scores)
    assert used["kept"].sum() == 5
    assert torch.equal(used["kept"], again["kept"])
    assert not torch.equal(used["kept"], later["kept"])


def test_reliabilities_move_by_source_and_the_loss_sees_those_before() -> None:
    rule = Reliability(sources=2, initial=0.9, rate=0.1)
    before = rule.start()
    odds, source = column(0.0, 0.0), torch.tensor([0, 0])
    used, after = rule.step(before, glance(odds=odds, source=source))
    assert used is before
    # at even odds the posterior is the reliability itself, so it stays; the other is not seen
    assert after["reliability"].tolist() == pytest.approx([0.9, 0.9])
    _, after = rule.step(before, glance(odds=column(-50.0), source=torch.tensor([1])))
    assert after["reliability"].tolist() == pytest.approx([0.9, 0.9 * 0.9 + 0.1 * 0.0])


def test_reliabilities_stay_within_their_bounds() -> None:
    rule = Reliability(rate=1.0)
    _, after = rule.step(rule.start(), glance(odds=column(-50.0), source=torch.tensor([0])))
    assert after["reliability"].item() == 0.5
    _, after = rule.step(rule.start(), glance(odds=column(50.0), source=torch.tensor([0])))
    assert after["reliability"].item() == 0.99


def test_a_source_that_nobody_counted_on_is_refused() -> None:
    rule = Reliability(sources=1)
    with pytest.raises(InvalidInputError, match="2 sources"):
        rule.step(rule.start(), glance(odds=column(0.0), source=torch.tensor([1])))


def test_a_calibrated_policy_leaves_the_true_reliability_as_it_is() -> None:
    """With p the true probability of a label being right, E[w] = r at r true."""
    generator = torch.Generator().manual_seed(5)
    truth = torch.rand(200_000, generator=generator, dtype=torch.float64)
    right = torch.rand(200_000, generator=generator, dtype=torch.float64) < 0.8
    order = torch.rand(200_000, generator=generator, dtype=torch.float64) < truth
    shown = order == right  # the annotator reports the order, or with 0.2 the other one
    odds = torch.logit(truth) * torch.where(shown, 1.0, -1.0)
    rule = Reliability(initial=0.8, rate=1.0)
    source = torch.zeros(200_000, dtype=torch.long)
    _, after = rule.step(rule.start(), glance(odds=odds, source=source))
    assert after["reliability"].item() == pytest.approx(0.8, abs=3e-3)


@pytest.mark.parametrize("name", ["kto", "bco", "beta_dpo", "re_po"])
def test_a_state_that_is_put_back_goes_on_alike(name: str) -> None:
    composed = objective(name)
    batches: list[Any] = [rows(), rows(policy=(-9.0, -15.0))]
    whole, cut = state_of(composed), state_of(composed)
    for batch in batches:
        expected = whole.advance(batch)
    cut.advance(batches[0])
    resumed = state_of(composed)
    resumed.load_state_dict(cut.state_dict())
    got = resumed.advance(batches[1])
    assert got.keys() == expected.keys()
    for key in got:
        torch.testing.assert_close(got[key], expected[key], rtol=0, atol=0)


def test_a_peek_moves_nothing() -> None:
    composed = objective("bco")
    state = state_of(composed)
    before = state.state_dict()
    assert state.peek(rows())["samples"] == 2
    assert state.state_dict() == before


def test_without_a_rule_there_is_no_state() -> None:
    state = state_of(objective("dpo"))
    assert state.advance(rows()) == {}
    assert state.state_dict() == {}
