"""A language model's world: a person who judges, the model's own openings, a policy on them."""

from dataclasses import replace

import pytest
import torch

from idiolect.preference.pairs import Pair
from idiolect.proofs.bandits import compare, generator
from idiolect.proofs.chats import Chats, every_two, scores, write

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def chats() -> Chats:
    return Chats.draw(0, 0.3)


def test_openings_are_the_same_again_with_the_same_seed(chats: Chats) -> None:
    contexts = chats.contexts[:1]
    first, again = (write(chats.policy(), contexts, 3, seed=1) for _ in range(2))
    assert first == again
    assert first != write(chats.policy(), contexts, 3, seed=2)


def test_an_untrained_policy_is_its_reference(chats: Chats) -> None:
    mine, reference = scores(chats.policy(), chats.contexts, chats.replies)
    assert torch.allclose(mine, reference, atol=1e-4)
    judged = chats.judged(chats.policy())
    assert judged["accuracy"] == 0.5
    assert judged["kl"] == pytest.approx(0.0, abs=1e-4)


def test_numbers_become_words_and_equal_replies_no_pair(chats: Chats) -> None:
    some = replace(chats, replies=[["a", "b"], ["one", "two", "two"]])
    pairs = [Pair.under((1,), "0", "2", source="me"), Pair.under((1,), "1", "2")]
    (pair,) = some.worded(pairs)
    assert (pair.sample_w, pair.sample_l, pair.source) == ("one", "two", "me")
    assert pair.context_w == chats.contexts[1]


def test_every_two_are_compared_once_and_in_order() -> None:
    drawn = every_two(torch.tensor([[1.0, 3.0, 2.0]]))
    assert sorted(zip(drawn.better.tolist(), drawn.worse.tolist(), strict=True)) == [
        (1, 0),
        (1, 2),
        (2, 0),
    ]


def test_people_of_other_tastes_agree_by_chance_alone(chats: Chats) -> None:
    drawn = compare(chats.reward, generator(0, 1), number=2000)
    assert float(chats.others_disagree(drawn, generator(0, 2)).double().mean()) == pytest.approx(
        0.5, abs=0.05
    )


def test_a_policy_moves_to_what_was_chosen(chats: Chats) -> None:
    drawn = every_two(chats.reward)
    pairs = drawn.pairs(torch.zeros(len(drawn), dtype=torch.bool))
    policy, _ = chats.learned({"preset": "dpo", "beta": 1.0}, pairs)
    assert bool((drawn.gap(chats.implied_reward(policy)) > 0).double().mean() > 0.8)
