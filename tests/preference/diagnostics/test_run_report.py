"""What became of a run's pairs, by hand on a policy that is a table."""

import math

import pytest
import torch

from idiolect.preference.diagnostics import report_on_run
from idiolect.preference.diagnostics.run_report import MOST_PAIRS
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.tabular import TabularPolicy

HALF = math.log(2)


def moved_policy() -> TabularPolicy:
    """Two contexts of four arms of probability 1/4 each, and 1, 2, 4 and 8 tokens long.

    In the first one training took the arms to 1/2, 1/8, 1/8 and 1/4; the second it left alone.
    """
    policy = TabularPolicy(torch.zeros(2, 4), tokens=torch.tensor([[1.0, 2, 4, 8]] * 2))
    with torch.no_grad():
        policy.weights[0] = torch.tensor([1 / 2, 1 / 8, 1 / 8, 1 / 4]).log()
    return policy


def test_drifts_and_lengths_by_hand() -> None:
    pairs = [Pair.under((0,), "0", "1"), Pair.under((0,), "2", "1"), Pair.under((0,), "0", "2")]
    found = report_on_run(moved_policy(), pairs)
    assert found is not None
    train = found.train
    assert (train.pairs, train.displacement.pairs, found.held_out) == (3, 3, None)
    # Chosen: 1/4 to 1/2, to 1/8, to 1/2; rejected: each from 1/4 to 1/8.
    assert train.displacement.chosen_drift == pytest.approx(HALF / 3)
    assert train.displacement.rejected_drift == pytest.approx(-HALF)
    assert train.displacement.both_fell == pytest.approx(1 / 3)
    assert train.lengths.median_ratio == pytest.approx(1 / 2)  # of 1/2, 4/2 and 1/4


def test_held_out_pairs_are_told_apart() -> None:
    found = report_on_run(
        moved_policy(), [Pair.under((0,), "0", "1")], [Pair.under((1,), "0", "1")]
    )
    assert found is not None
    assert found.held_out is not None
    assert found.train.displacement.margin == pytest.approx(2 * HALF)
    assert found.held_out.displacement.margin == pytest.approx(0.0, abs=1e-8)


def test_of_many_pairs_some_are_drawn_evenly() -> None:
    # Three of four pairs are of the context that did not move.
    pairs = [Pair.under((min(1, number % 4),), "0", "1") for number in range(4 * MOST_PAIRS)]
    found = report_on_run(moved_policy(), [*pairs[::4], *pairs[1::4], *pairs[2::4], *pairs[3::4]])
    assert found is not None
    assert found.train.pairs == 4 * MOST_PAIRS
    assert found.train.displacement.pairs == MOST_PAIRS
    assert found.train.displacement.chosen_drift == pytest.approx(HALF / 4)


def test_ties_have_no_chosen_side() -> None:
    tie = Pair.under((0,), "0", "1", probability=0.5)
    assert tie.is_tie
    assert report_on_run(moved_policy(), [tie]) is None
    found = report_on_run(moved_policy(), [tie, Pair.under((0,), "0", "1")], [tie])
    assert found is not None
    assert (found.train.pairs, found.held_out) == (1, None)


def test_without_pairs_there_is_nothing_to_tell() -> None:
    assert report_on_run(moved_policy(), []) is None


class Surrogate(TabularPolicy):
    """Gives scores that are no log-probabilities."""

    gives_log_probs = False


def test_scores_that_are_no_log_probabilities_are_not_read_as_nats() -> None:
    assert report_on_run(Surrogate(torch.zeros(1, 2)), [Pair.under((0,), "0", "1")]) is None
