"""What every preset keeps to, whatever it is: one test runs over all of them."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from idiolect.preference.columns import Rows, Samples, Side
from idiolect.preference.objective import Objective, PairObjective
from idiolect.preference.presets import PRESETS, objective
from tests.preference.vector import column, group, rows, side

PAIRWISE = [name for name in PRESETS if isinstance(objective(name), PairObjective)]
GROUPS = [name for name in PRESETS if name not in PAIRWISE]
# Their losses look at the chosen sample alone, or at each sample's distance from a target.
ABSOLUTE = {"c_rlft", "sppo", "gpo", "cal_dpo", "sppo_hard"}
ESTIMATES = {"reference_point": 0.1, "shift": 0.05, "beta": 0.1, "kept": 1.0, "reliability": 0.9}
REWARDS = (0.8, 0.3)


def estimates(dtype: torch.dtype = torch.float64, kept: int = 1) -> dict[str, Tensor]:
    given = {name: torch.tensor([value], dtype=dtype) for name, value in ESTIMATES.items()}
    return {**given, "kept": torch.ones(kept, dtype=dtype)}


def cast(pair: Rows, dtype: torch.dtype) -> Rows:
    def of(one: Side) -> Side:
        return Side(
            one.policy.to(dtype),
            {name: values.to(dtype) for name, values in one.anchors.items()},
            one.tokens.to(dtype),
            one.reward.to(dtype),
            one.collision.to(dtype) if one.collision is not None else None,
        )

    return Rows(
        of(pair.chosen),
        of(pair.rejected),
        pair.weight.to(dtype),
        pair.margin.to(dtype),
        pair.probability.to(dtype),
        pair.source,
    )


def slope(composed: Objective, pair: Mapping[str, Any], at: float, which: int) -> float:
    """The loss's gradient in one side's log-probability, which is ``at`` nats over its anchors."""
    policy = [column(-60.0), column(-60.0)]
    policy[which] = column(at - 60.0, gradient=True)
    batch = rows((policy[0], policy[1]), (-60.0, -60.0), rewards=REWARDS, **pair)
    return torch.autograd.grad(composed(batch, estimates()).loss.sum(), policy[which])[0].item()


@pytest.mark.parametrize("name", PAIRWISE)
@pytest.mark.parametrize("gap", [-50.0, 0.0, 50.0])
def test_pairs_far_out_cost_something_finite(name: str, gap: float) -> None:
    policy = torch.tensor([gap - 60.0], requires_grad=True)
    single = cast(
        rows((policy.double(), column(-60.0)), (-60.0, -60.0), rewards=REWARDS), torch.float32
    )
    loss = objective(name)(single, estimates(torch.float32)).loss
    (gradient,) = torch.autograd.grad(loss.sum(), policy)
    assert loss.isfinite().all()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("name", [name for name in PAIRWISE if name not in {*ABSOLUTE, "apo_down"}])
def test_where_the_policy_is_wrong_the_chosen_sample_is_drawn_up(name: str) -> None:
    composed = objective(name)
    assert slope(composed, {}, -20.0, 0) < 0
    assert slope(composed, {}, 20.0, 1) > 0


def test_apo_down_lowers_both_and_the_rejected_one_more() -> None:
    policy = column(-10.0, gradient=True), column(-14.0, gradient=True)
    total = objective("apo_down")(rows(policy)).loss.sum()
    chosen, rejected = torch.autograd.grad(total, policy)
    # u_w = 0.1 and u_l = -0.15: sig'(0.1) - sig'(0.25), and sig'(0.25), times beta
    assert chosen.item() == pytest.approx(0.1 * (0.249376 - 0.246134), abs=1e-6)
    assert rejected.item() == pytest.approx(0.1 * 0.246134, abs=1e-6)


@pytest.mark.parametrize("name", PAIRWISE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_loss_has_the_policys_type(name: str, dtype: torch.dtype) -> None:
    loss = objective(name)(cast(rows(rewards=REWARDS), dtype), estimates()).loss
    assert loss.dtype == dtype
    assert loss.shape == (1,)


def batch_of(*pairs: Rows) -> Rows:
    return Rows(
        Side.joined([pair.chosen for pair in pairs]),
        Side.joined([pair.rejected for pair in pairs]),
        torch.cat([pair.weight for pair in pairs]),
        torch.cat([pair.margin for pair in pairs]),
        torch.cat([pair.probability for pair in pairs]),
        torch.cat([pair.source for pair in pairs]),
    )


@pytest.mark.parametrize("name", PAIRWISE)
def test_a_row_does_not_depend_on_its_batch_unless_the_objective_says_so(name: str) -> None:
    composed = objective(name)
    one = rows(rewards=REWARDS)
    # the other is longer, so that the first one's columns are padded
    other = rows((-30.0, -12.0), (-28.0, -13.0), (20.0, 3.0), rewards=(0.1, 0.4), weight=0.5)
    apart = torch.cat([composed(pair, estimates()).loss for pair in (one, other)])
    together = composed(batch_of(one, other), estimates(kept=2)).loss
    if composed.needs.whole_batch:
        assert together.isfinite().all()
    else:
        torch.testing.assert_close(together, apart)


@pytest.mark.parametrize("name", PAIRWISE)
def test_the_pairs_weight_scales_the_loss(name: str) -> None:
    composed = objective(name)
    whole = composed(rows(rewards=REWARDS), estimates()).loss
    half = composed(rows(rewards=REWARDS, weight=0.5), estimates()).loss
    torch.testing.assert_close(half, 0.5 * whole)


def is_symmetric(name: str) -> bool:
    """No likelihood term on the first sample, and rewards read by side or not at all."""
    composed = objective(name)
    assert isinstance(composed, PairObjective)
    return not composed.auxiliaries and name not in {"ktpo", "madpo", "adpo", "dno"}


@pytest.mark.parametrize("name", [name for name in PAIRWISE if is_symmetric(name)])
def test_swapping_the_sides_is_turning_the_probability_round(name: str) -> None:
    composed = objective(name)
    pair = rows(rewards=REWARDS, probability=0.3)
    swapped = Rows(
        pair.rejected, pair.chosen, pair.weight, pair.margin, 1 - pair.probability, pair.source
    )
    torch.testing.assert_close(
        composed(pair, estimates()).loss, composed(swapped, estimates()).loss
    )


@pytest.mark.parametrize("name", PRESETS)
def test_it_cites_its_paper_and_says_what_it_reads(name: str) -> None:
    assert PRESETS[name].citation
    composed = objective(name)
    assert composed.takes
    assert composed.needs.anchors <= {"reference", "previous"}
    assert hash(composed) == hash(objective(name))
    assert composed == objective(name)


@pytest.mark.parametrize("name", GROUPS)
@pytest.mark.parametrize("far", [-50.0, 0.0, 50.0])
def test_groups_far_out_cost_something_finite(name: str, far: float) -> None:
    samples = group((far, -1.0, 0.2), rewards=(1.0, -1.0, 0.0), gradient=True)
    loss = objective(name)(samples).loss
    (gradient,) = torch.autograd.grad(loss.sum(), samples.side.policy)
    assert loss.isfinite().all()
    assert gradient.isfinite().all()


@pytest.mark.parametrize("name", GROUPS)
def test_the_best_sample_of_a_group_is_drawn_up(name: str) -> None:
    samples = group((0.0, 0.0, 0.0), rewards=(1.0, -1.0, 0.0), gradient=True)
    total = objective(name)(samples).loss.sum()
    (gradient,) = torch.autograd.grad(total, samples.side.policy)
    assert gradient[0].sum() < gradient[1].sum()
    assert gradient[0].sum() < 0


@pytest.mark.parametrize("name", GROUPS)
def test_groups_of_different_sizes_are_each_their_own(name: str) -> None:
    composed = objective(name)
    one = group((1.0, -1.5, 0.2), (1.0, 0.0, 0.5))
    other = group((0.3, -0.4), (-1.0, 2.0))
    both = Samples(
        Side.joined([one.side, other.side]),
        torch.tensor([0, 0, 0, 1, 1]),
        column(1.0, 1.0),
    )
    apart = torch.cat([composed(one).loss, composed(other).loss])
    torch.testing.assert_close(composed(both).loss, apart)
    # in any order
    shuffled = Samples(
        both.side.take(torch.tensor([3, 0, 4, 2, 1])), torch.tensor([1, 0, 1, 0, 0]), both.weight
    )
    torch.testing.assert_close(composed(shuffled).loss, apart)


@pytest.mark.parametrize("name", [name for name in GROUPS if "pairs" in objective(name).takes])
def test_pairs_are_groups_of_two(name: str) -> None:
    composed = objective(name)
    pair = rows((-10.0, -14.0), tokens=(5.0, 8.0))
    two = Samples(
        side(column(-10.0, -14.0), column(-11.0, -12.5), column(5.0, 8.0), reward=column(1.0, 0.0)),
        torch.zeros(2, dtype=torch.long),
        column(1.0),
    )
    torch.testing.assert_close(composed(pair).loss, composed(two).loss)
