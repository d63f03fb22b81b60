"""Synthetic worlds tell the truth about themselves."""

import pytest
import torch

from idiolect.proofs.bandits import World, accuracy, compare, generator, merged
from idiolect.proofs.members.cyclic_nash import duality_gap
from idiolect.proofs.members.madpo import separation
from idiolect.proofs.training import fit

torch.set_num_threads(1)


def test_comparisons_are_of_two_arms_in_their_true_order() -> None:
    world = World.linear(0, contexts=10, arms=4, features=3)
    drawn = compare(world.reward, generator(0, 1), number=500)
    assert bool((drawn.better != drawn.worse).all())
    assert bool((drawn.gap(world.reward) > 0).all())


def test_flipped_pairs_have_the_worse_arm_as_chosen() -> None:
    world = World.linear(0, contexts=10, arms=4, features=3)
    drawn = compare(world.reward, generator(0, 1), number=2)
    right, wrong = drawn.pairs(torch.tensor([False, True]), rewards=world.reward)
    assert right.sample_w == str(int(drawn.better[0]))
    assert wrong.sample_w == str(int(drawn.worse[1]))
    assert right.reward_w > right.reward_l
    assert wrong.reward_w < wrong.reward_l


def test_a_policy_learns_the_order_of_clean_pairs() -> None:
    world = World.linear(0, contexts=20, arms=4, features=3)
    drawn = compare(world.reward, generator(0, 1), number=200)
    policy = world.policy()
    assert accuracy(policy, drawn) == 0.5  # it holds all alike
    fit(policy, "dpo", drawn.pairs(torch.zeros(200, dtype=torch.bool)), steps=50, learning_rate=0.3)
    assert accuracy(policy, compare(world.reward, generator(0, 2), number=500)) > 0.95


def test_merged_pairs_weigh_as_much_as_they_are_many() -> None:
    world = World.linear(0, contexts=1, arms=2, features=1)
    drawn = compare(world.reward, generator(0, 1), number=4)
    pairs = drawn.pairs(torch.tensor([False, True, False, False]))
    once = merged(pairs)
    assert [pair.weight for pair in once] == pytest.approx([1.5, 0.5])


def test_the_mixture_that_nobody_beats_has_no_gap() -> None:
    beats = torch.tensor([[0.5, 0.9, 0.1], [0.1, 0.5, 0.9], [0.9, 0.1, 0.5]])
    assert duality_gap(torch.full((3,), 1 / 3), beats) == pytest.approx(0.0, abs=1e-6)
    assert duality_gap(torch.tensor([1.0, 0.0, 0.0]), beats) == pytest.approx(0.8)


def test_separation_is_the_chance_that_a_flipped_pair_weighs_less() -> None:
    weight, flipped = torch.tensor([0.1, 0.5, 0.5, 1.0]), torch.tensor([True, True, False, False])
    # of the four couples three are right and one is even
    assert separation(weight, flipped) == pytest.approx(3.5 / 4)
