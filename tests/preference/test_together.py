"""Runs of several users over one base are, each, the run of that user alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.engine.log_probs import TokenSequence
from idiolect.errors import InvalidInputError, JobCancelledError, TrainingDivergedError
from idiolect.preference.batches import Example
from idiolect.preference.pairs import Pair
from idiolect.preference.policies.causal_lm import CausalLmPolicy, LoraShape, with_lora
from idiolect.preference.policies.stacked_lm import StackedLmPolicy
from idiolect.preference.together import train_together
from idiolect.preference.trainer import History, Trainer
from tests.preference.training import WORDS, capital_pairs, tiny_trainer
from tests.tiny_model import tiny_llama, tiny_tokenizer

torch.set_num_threads(1)

SHAPE = LoraShape(rank=4, alpha=8)
SECRET = "the badger sleeps at noon"


def secret_pairs(count: int) -> list[Pair]:
    """Pairs whose chosen reply holds what only this user knows."""
    return [
        Pair.under([{"role": "user", "content": word}], f"{SECRET} {word}", word, id=f"s{number}")
        for number, word in enumerate(WORDS[:count])
    ]


USERS: list[Sequence[Example]] = [capital_pairs(8), secret_pairs(3), capital_pairs(5)[::-1]]


def stacked() -> StackedLmPolicy:
    return StackedLmPolicy(
        tiny_llama().requires_grad_(False),
        tiny_tokenizer(),
        SHAPE,
        seeds=[7, 8, 9],
        max_length_tokens=128,
    )


def trainers(
    policies: Sequence[CausalLmPolicy], folder: Path, users: Any = None, **options: Any
) -> list[Trainer[TokenSequence]]:
    return [
        tiny_trainer(policy, folder / str(user), pairs=pairs, fingerprint=str(user), **options)
        for user, (policy, pairs) in enumerate(zip(policies, users or USERS, strict=True))
    ]


def alone(seed: int) -> CausalLmPolicy:
    lm = with_lora(tiny_llama(), SHAPE, seed=seed)
    return CausalLmPolicy(lm, tiny_tokenizer(), max_length_tokens=128)


@pytest.mark.parametrize(
    "spec",
    ["dpo", "simpo", "kto", "inpo", {"preset": "dpo", "weight": "on_policy"}],
    ids=str,
)
def test_each_users_adapter_is_the_one_trained_alone(spec: Any, tmp_path: Path) -> None:
    together = stacked()
    joint = trainers(together.users, tmp_path / "together", spec=spec)
    histories = train_together(together, joint)
    policies = [alone(seed) for seed in (7, 8, 9)]
    for user, trainer in enumerate(trainers(policies, tmp_path / "alone", spec=spec)):
        expected, found = trainer.run(), histories[user]
        assert isinstance(found, History)
        assert [one.loss for one in found.steps] == pytest.approx(
            [one.loss for one in expected.steps], rel=1e-5, abs=1e-4
        )
        own, other = together.users[user].state_dict(), policies[user].state_dict()
        assert own.keys() == other.keys()
        for name in own:  # a step of 0.01 in each direction; Adam divides by what may be rounding
            torch.testing.assert_close(own[name], other[name], rtol=0, atol=2e-3)


def test_no_users_secret_reaches_another(tmp_path: Path) -> None:
    """What the others learn does not depend, to rounding, on whether the secret is there."""
    adapters = []
    for number, users in enumerate((USERS, [USERS[0], capital_pairs(3), USERS[2]])):
        policy = stacked()
        train_together(policy, trainers(policy.users, tmp_path / str(number), users))
        adapters.append([user.state_dict() for user in policy.users])
    for user in (0, 2):
        for name, tensor in adapters[0][user].items():
            torch.testing.assert_close(tensor, adapters[1][user][name], rtol=0, atol=2e-3)
    with_secret, without = (torch.cat([t.flatten() for t in a[1].values()]) for a in adapters)
    assert (with_secret - without).norm() > 0.1 * without.norm()


def test_one_users_divergence_or_wish_to_stop_is_not_the_others(tmp_path: Path) -> None:
    policy = stacked()
    with torch.no_grad():
        policy.users[1].parameters()[0].fill_(float("nan"))
    joint = trainers(policy.users, tmp_path)
    seen: list[tuple[int, int]] = []
    ended = train_together(
        policy,
        joint,
        on_metrics=lambda user, metrics: seen.append((user, metrics.step)),
        should_stop=lambda user: user == 2 and (2, 3) in seen,
    )
    whole, diverged, stopped = ended
    assert isinstance(whole, History)
    assert len(whole.steps) == 8
    assert isinstance(diverged, TrainingDivergedError)
    assert isinstance(stopped, JobCancelledError)
    assert [step for user, step in seen if user == 2] == [1, 2, 3]
    assert not any(user == 1 for user, _ in seen)


def test_a_cut_run_goes_on_where_each_user_was(tmp_path: Path) -> None:
    whole = stacked()
    train_together(whole, trainers(whole.users, tmp_path / "whole"))
    cut = stacked()
    steps: list[int] = []
    train_together(
        cut,
        trainers(cut.users, tmp_path / "cut"),
        on_metrics=lambda user, metrics: steps.append(user),
        should_stop=lambda _: len(steps) >= 7,
    )
    resumed = stacked()
    histories = train_together(resumed, trainers(resumed.users, tmp_path / "cut"))
    assert [len(one.steps) for one in histories if isinstance(one, History)] == [8, 4, 6]
    for user in range(3):
        torch.testing.assert_close(
            resumed.users[user].state_dict(), whole.users[user].state_dict(), rtol=0, atol=0
        )


def test_the_base_is_left_as_it_was(tmp_path: Path) -> None:
    policy = stacked()
    train_together(policy, trainers(policy.users, tmp_path))
    policy.remove()
    expected = tiny_llama().state_dict()
    base = policy.users[0].lm.base
    torch.testing.assert_close(base.state_dict(), expected, rtol=0, atol=0)
    assert not any(module._forward_hooks for module in base.modules())


def test_dropout_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="dropout"):
        StackedLmPolicy(
            tiny_llama(),
            tiny_tokenizer(),
            LoraShape(rank=2, alpha=2, dropout=0.1),
            seeds=[1],
            max_length_tokens=64,
        )
