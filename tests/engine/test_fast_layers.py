"""The leaner layers compute what torch's and PEFT's compute, values and gradients."""

from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from torch import Tensor, nn

from idiolect.engine.fast_layers import FastLora, FrozenLinear, use_fast_layers
from idiolect.engine.log_probs import TokenSequence, response_log_probs
from tests.tiny_model import tiny_llama

SEQUENCES = [TokenSequence((3, 40, 41, 4), (50, 51, 1)), TokenSequence((3, 60, 4), (70, 71, 1))]


def adapted(dtype: torch.dtype = torch.float32, **options: Any) -> PeftModel:
    torch.manual_seed(0)
    config = LoraConfig(
        r=2, lora_alpha=2, target_modules="all-linear", init_lora_weights=False, **options
    )
    return get_peft_model(tiny_llama().to(dtype), config).to(dtype)


def trained(model: PeftModel, x: Tensor) -> list[Tensor]:
    """The output, and the gradients of the adapter after a forward and a backward pass."""
    torch.manual_seed(1)
    logits = model(inputs_embeds=x).logits
    logits.square().mean().backward()
    gradients = [p.grad for _, p in model.named_parameters() if p.requires_grad]
    return [logits.detach(), *(gradient for gradient in gradients if gradient is not None)]


@pytest.mark.parametrize("tokens", [2, 60])  # too few to merge the adapter for, and enough
@pytest.mark.parametrize("options", [{}, {"use_rslora": True}, {"lora_dropout": 0.5}])
@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
def test_an_adapter_trains_as_in_peft(
    tokens: int, options: dict[str, Any], dtype: torch.dtype, error: float
) -> None:
    x = torch.randn(1, tokens, 32, dtype=dtype, requires_grad=True)
    expected = trained(adapted(dtype, **options).train(), x)
    expected_x, x.grad = x.grad, None
    model = adapted(dtype, **options).train()
    use_fast_layers(model)
    found = trained(model, x)
    assert len(found) == 1 + 2 * 2 * 7  # logits; A and B of seven projections in two layers
    assert x.grad is not None
    assert expected_x is not None
    for one, other in zip([*found, x.grad], [*expected, expected_x], strict=True):
        assert (one - other).norm() < error * other.norm()


def test_the_layers_keep_their_names_and_can_be_used_twice() -> None:
    model = adapted()
    before = get_peft_model_state_dict(model)
    use_fast_layers(model)
    use_fast_layers(model)
    assert get_peft_model_state_dict(model).keys() == before.keys()
    kinds = [type(module) for module in model.modules()]
    assert kinds.count(FastLora) == 14
    assert kinds.count(FrozenLinear) == 15  # those below the adapters, and the head


def test_an_adapter_that_is_off_is_the_base() -> None:
    expected = response_log_probs(tiny_llama(), SEQUENCES)
    model = adapted()
    use_fast_layers(model)
    assert not torch.allclose(response_log_probs(model, SEQUENCES), expected, atol=1e-3)
    with model.disable_adapter():
        torch.testing.assert_close(response_log_probs(model, SEQUENCES), expected)


def test_a_merged_adapter_acts_once() -> None:
    model = adapted()
    use_fast_layers(model)
    expected = response_log_probs(model, SEQUENCES)
    model.merge_adapter()
    torch.testing.assert_close(response_log_probs(model, SEQUENCES), expected, rtol=1e-4, atol=1e-4)


def test_two_adapters_at_once_are_left_to_peft() -> None:
    sums = []
    for fast in (False, True):
        model = adapted()
        torch.manual_seed(5)
        model.add_adapter("other", model.peft_config["default"])
        model.base_model.set_adapter(["default", "other"])
        if fast:
            use_fast_layers(model)
        sums.append(response_log_probs(model, SEQUENCES))
    torch.testing.assert_close(sums[0], sums[1])


@pytest.mark.parametrize("bias", [False, True])
def test_a_frozen_layer_passes_the_gradient_on(bias: bool) -> None:
    torch.manual_seed(0)
    layer = nn.Linear(6, 4, bias=bias).requires_grad_(False)
    x = torch.randn(3, 5, 6, requires_grad=True)
    expected = layer(x)
    (gradient,) = torch.autograd.grad(expected.square().sum(), x)
    use_fast_layers(layer)
    assert isinstance(layer, FrozenLinear)
    found = layer(x)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found.square().sum(), x)[0], gradient)


def test_a_layer_that_is_trained_is_left_alone() -> None:
    layer = nn.Linear(6, 4)
    use_fast_layers(layer)
    assert type(layer) is nn.Linear


def test_bfloat16_products_are_near_and_the_parameters_stay_float32() -> None:
    x = torch.randn(1, 60, 32)
    expected = trained(adapted(), x)
    model = adapted()
    use_fast_layers(model, bf16=True)
    found = trained(model, x)
    assert {tensor.dtype for tensor in found} == {torch.float32}
    assert (found[0] - expected[0]).norm() < 0.02 * expected[0].norm()


def test_a_bfloat16_base_with_float32_adapters() -> None:
    model = get_peft_model(
        tiny_llama().bfloat16(), LoraConfig(r=2, target_modules="all-linear")
    ).train()
    use_fast_layers(model)
    response_log_probs(model, SEQUENCES).sum().backward()
    gradients = [p.grad for p in model.parameters() if p.requires_grad]
    assert {gradient.dtype for gradient in gradients if gradient is not None} == {torch.float32}
