"""Which examples an objective takes, and why it refuses others."""

import pytest
import torch

from idiolect.errors import InvalidInputError
from idiolect.preference.batches import Example, batches_for
from idiolect.preference.columns import Rows, Samples
from idiolect.preference.judged import Group
from idiolect.preference.language import compose
from idiolect.preference.objective import Needs
from idiolect.preference.pairs import Pair, with_context_contrast
from tests.preference.training import capital_pairs, tiny_policy

ASK = ({"role": "user", "content": "soup?"},)
OTHER = ({"role": "user", "content": "bread?"},)


def two() -> Pair:
    return Pair.under(ASK, "LEEK", "leek", id="two")


def one_sample() -> Pair:
    return Pair(sample_w="LEEK", context_w=ASK, sample_l="LEEK", context_l=OTHER, id="one")


def group(*rewards: float) -> Group:
    samples = tuple(f"leek {number}" for number in range(len(rewards)))
    return Group(samples=samples, context=ASK, rewards=rewards, id="group")


@pytest.mark.parametrize(
    ("objective", "examples", "why"),
    [
        ("dpo", [], "no pairs"),
        ("dpo", [two(), group(1.0, 0.0)], "1 pairs and 1 groups"),
        ("dpo", [group(1.0, 0.0)], "learns from pairs, not from groups"),
        ("dpo", [group(1.0)], "learns from pairs, not from verdicts"),
        ("kto", [group(1.0, 0.0)], "learns from pairs or verdicts, not from groups"),
        ("grpo", [two()], "learns from groups, not from pairs"),
        ("sppo", [two()], "1 of 1 pairs have none, the first is two"),
        ("re_po", capital_pairs(2), "come from 2 sources"),
        ("condition_contrast", [one_sample(), two()], "pair two has two samples"),
        ("context_dual", [two()], "no pair compares the contexts"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_way_out(
    objective: str, examples: list[Example], why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        batches_for(tiny_policy(), compose(objective), examples)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("objective", "examples"),
    [
        ("kto", [group(1.0), group(-1.0)]),
        ("info_nca", [group(1.0), group(1.0, 0.0, 0.5)]),
        ("info_nca", [two()]),
        ("condition_contrast", [one_sample()]),
        ("context_dual", with_context_contrast([two()], [OTHER])),
    ],
)
def test_what_fits_is_taken(objective: str, examples: list[Example]) -> None:
    assert len(batches_for(tiny_policy(), compose(objective), examples).ids) == len(examples)


def test_odds_of_what_is_no_probability_are_refused() -> None:
    policy = tiny_policy()
    policy.gives_log_probs = False
    with pytest.raises(InvalidInputError, match="odds of probabilities"):
        batches_for(policy, compose("orpo"), [two()])
    assert batches_for(policy, compose("mapo"), [two()]).ids == ["two"]


def test_pairs_come_back_by_side_with_their_columns() -> None:
    policy, pairs = tiny_policy(), capital_pairs(4)
    batches = batches_for(policy, compose("dpo"), pairs)
    indices = [2, 1]
    samples = [sample for index in indices for sample in batches.samples(index)]
    side = policy.side(samples, [torch.nan] * 4, Needs(), train=False)
    rows = batches.batch(indices, side, None)
    assert isinstance(rows, Rows)
    assert torch.equal(rows.chosen.policy[0], side.policy[0])
    assert torch.equal(rows.rejected.policy[1], side.policy[3])
    # sources in the order of their first pair: import, choice
    assert rows.source.tolist() == [0, 1]
    assert rows.probability.tolist() == [1.0, 1.0]


def test_groups_keep_their_sizes() -> None:
    policy = tiny_policy()
    batches = batches_for(policy, compose("info_nca"), [group(1.0, 0.0), group(0.5, 0.1, 0.2)])
    samples = [sample for index in (1, 0) for sample in batches.samples(index)]
    rewards = [reward for index in (1, 0) for reward in batches.rewards(index)]
    batch = batches.batch([1, 0], policy.side(samples, rewards, Needs(), train=False), None)
    assert isinstance(batch, Samples)
    assert batch.group.tolist() == [0, 0, 0, 1, 1]
    assert batch.side.reward.tolist() == pytest.approx([0.5, 0.1, 0.2, 1.0, 0.0])
