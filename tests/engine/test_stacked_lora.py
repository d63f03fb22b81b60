"""Several users' adapters in one pass against each on its own in PEFT."""

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from torch import Tensor

from idiolect.engine.fast_layers import use_fast_layers
from idiolect.engine.log_probs import TokenSequence, token_log_probs, token_scores
from idiolect.engine.stacked_lora import StackedLora, plan_stacks
from idiolect.errors import InvalidInputError
from tests.tiny_model import tiny_llama

RANK, ALPHA = 3, 6
PROMPT = tuple(range(30, 45))
USERS = [
    [TokenSequence(PROMPT, (50, 51, 1)), TokenSequence(PROMPT, (60, 61, 62, 63, 1))],
    [TokenSequence((5, 6), (7, 1))],
    [TokenSequence((*PROMPT, 9), (70,)), TokenSequence((80, 81, 82), (83, 84, 85, 1))],
]


def alone(seed: int) -> PeftModel:
    model = tiny_llama()
    config = LoraConfig(
        r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    torch.manual_seed(seed)
    return get_peft_model(model, config)


def trained_weights(user: int) -> dict[str, Tensor]:
    """Weights of an adapter that does something: A as PEFT draws it, B random."""
    torch.manual_seed(100 + user)
    return {
        name: tensor if "lora_A" in name else 0.1 * torch.randn_like(tensor)
        for name, tensor in get_peft_model_state_dict(alone(user)).items()
    }


def stacked(*, fast: bool = False) -> StackedLora:
    model = tiny_llama().requires_grad_(False)
    if fast:
        use_fast_layers(model)
    stack = StackedLora(model, rank=RANK, alpha=ALPHA, seeds=range(len(USERS)))
    for user in range(len(USERS)):
        stack.load_state_dict_of(user, trained_weights(user))
    return stack


def test_fresh_adapters_are_those_of_peft() -> None:
    stack = StackedLora(tiny_llama().requires_grad_(False), rank=RANK, alpha=ALPHA, seeds=[7, 8])
    for user, seed in enumerate([7, 8]):
        expected = get_peft_model_state_dict(alone(seed))
        found = stack.state_dict_of(user)
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], expected[name]) for name in expected)


@pytest.mark.parametrize("fast", [False, True])
def test_values_and_gradients_are_those_of_each_user_alone(fast: bool) -> None:
    stack = stacked(fast=fast)
    together = [scores.log_probs for scores in stack.token_scores(USERS)]
    torch.autograd.backward([values.square().sum() for values in together])
    for user, sequences in enumerate(USERS):
        model = alone(user)
        model.load_state_dict(
            {
                name.replace(".weight", ".default.weight"): tensor
                for name, tensor in trained_weights(user).items()
            },
            strict=False,
        )
        expected = token_log_probs(model, sequences)
        torch.testing.assert_close(together[user], expected, rtol=1e-5, atol=1e-5)
        expected.square().sum().backward()
        gradients = [p.grad for p in model.parameters() if p.requires_grad]
        assert len(gradients) == len(stack.parameters_of(user)) == 2 * 7 * 2
        for parameter, gradient in zip(stack.parameters_of(user), gradients, strict=True):
            assert parameter.grad is not None
            assert gradient is not None
            assert (parameter.grad - gradient).norm() <= 1e-5 * gradient.norm() + 1e-8


def test_a_users_loss_reaches_that_users_weights_only() -> None:
    stack = stacked()
    stack.token_scores(USERS)[1].log_probs.sum().backward()
    sizes = [sum(p.grad.abs().sum().item() for p in stack.parameters_of(u)) for u in range(3)]
    assert sizes[0] == sizes[2] == 0
    assert sizes[1] > 0


def test_what_is_not_finite_of_one_user_stays_there() -> None:
    stack = stacked()
    expected = stack.token_scores(USERS)[0].log_probs.detach()
    with torch.no_grad():
        stack.parameters_of(2)[0].fill_(float("nan"))
    found = stack.token_scores(USERS)
    torch.testing.assert_close(found[0].log_probs.detach(), expected)
    assert found[2].log_probs.isnan().any()


def test_a_user_without_a_turn() -> None:
    stack = stacked()
    expected = stack.token_scores(USERS)
    found = stack.token_scores([USERS[0], [], USERS[2]])
    torch.testing.assert_close(found[0].log_probs, expected[0].log_probs)
    assert found[1].log_probs.shape == (0,)
    torch.testing.assert_close(found[2].log_probs, expected[2].log_probs)


def test_one_users_model_scores_as_in_the_stack() -> None:
    stack = stacked()
    together = stack.token_scores(USERS, collision=True)
    for user, own in enumerate(USERS):
        with stack.only(user):
            alone_in_it = token_scores(stack.model, own, collision=True)
        torch.testing.assert_close(together[user].log_probs, alone_in_it.log_probs)
        torch.testing.assert_close(together[user].log_collision, alone_in_it.log_collision)


def test_outside_the_base_is_untouched() -> None:
    stack = stacked()
    base = tiny_llama()
    ids = torch.arange(3, 40).reshape(1, -1)
    assert torch.equal(stack.model(ids).logits, base(ids).logits)
    stack.remove()
    expected = token_log_probs(base, USERS[0])
    torch.testing.assert_close(token_log_probs(stack.model, USERS[0]), expected)


def test_an_adapter_of_another_shape_is_refused() -> None:
    stack = stacked()
    before = {name: tensor.clone() for name, tensor in stack.state_dict_of(0).items()}
    other = {name: torch.cat([tensor, tensor]) for name, tensor in before.items()}
    with pytest.raises(InvalidInputError, match="do not fit"):
        stack.load_state_dict_of(0, other)
    assert all(torch.equal(stack.state_dict_of(0)[name], before[name]) for name in before)


def test_what_cannot_be_done_is_refused() -> None:
    stack = stacked()
    with pytest.raises(InvalidInputError, match="3 users and sequences of 1"):
        stack.token_scores([USERS[0]])
    with pytest.raises(InvalidInputError, match="no sequences"):
        stack.token_scores([[], [], []])
    stack.model.activation_checkpointing_enable()
    with pytest.raises(InvalidInputError, match="gradient checkpointing"):
        stack.token_scores(USERS)
    eager = tiny_llama()
    eager.config._attn_implementation = "eager"
    with pytest.raises(InvalidInputError, match="its attention is eager"):
        StackedLora(eager, rank=2, alpha=2, seeds=[0])


def test_only_short_steps_are_stacked_and_only_so_many() -> None:
    assert plan_stacks([50, 60, 40]) == [[0, 1, 2]]
    assert plan_stacks([50, 800, 40]) == [[0, 2], [1]]
    assert plan_stacks([800, 700]) == [[0], [1]]
    assert plan_stacks([]) == []
    assert plan_stacks([0, 40]) == [[0, 1]]
    stacks = plan_stacks([250] * 40)  # 16 of 250 tokens are within 4096
    assert [len(stack) for stack in stacks] == [16, 16, 8]
    assert [user for stack in stacks for user in stack] == list(range(40))
