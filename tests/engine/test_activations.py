"""The estimate of memory is near what is kept; checkpointing changes memory, not gradients."""

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn

from idiolect.engine.activations import activation_bytes, prepare_training
from idiolect.engine.fast_layers import use_fast_layers
from idiolect.engine.log_probs import TokenSequence, response_log_probs
from idiolect.engine.planning import TOKENS_PER_PASS, packed_tokens
from idiolect.errors import InvalidInputError
from tests.tiny_model import tiny_llama

SEQUENCES = [
    TokenSequence(tuple(range(5, 45)), tuple(range(n, n + 30))) for n in (50, 90, 130, 170)
]


def adapted() -> PeftModel:
    torch.manual_seed(0)
    config = LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False)
    model = get_peft_model(tiny_llama(), config).train()
    use_fast_layers(model)
    return model


def kept_bytes(model: PeftModel) -> int:
    """What autograd holds after a forward pass, weights left out, each storage once."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    held: dict[int, Tensor] = {}

    def hold(tensor: Tensor) -> Tensor:
        if not isinstance(tensor, nn.Parameter):
            held[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor):
        response_log_probs(model, SEQUENCES)
    return sum(t.untyped_storage().nbytes() for key, t in held.items() if key not in weights)


def test_the_estimate_is_near_and_not_below() -> None:
    model = adapted()
    base = model.get_base_model()
    tokens = packed_tokens(SEQUENCES)
    logits = 3 * tokens * base.config.vocab_size * 4
    estimate = activation_bytes(base, tokens) - logits
    assert 0.8 * estimate < kept_bytes(model) < 1.1 * estimate
    base.activation_checkpointing_enable()
    estimate = activation_bytes(base, tokens, checkpointing=True) - logits
    assert kept_bytes(model) < estimate


def test_checkpointing_changes_no_gradient() -> None:
    gradients = []
    for checkpointing in (False, True):
        model = adapted()
        if checkpointing:
            model.get_base_model().activation_checkpointing_enable()
        response_log_probs(model, SEQUENCES).sum().backward()
        gradients.append([p.grad for p in model.parameters() if p.requires_grad])
    assert all(gradient is not None for gradient in gradients[0])
    torch.testing.assert_close(gradients[0], gradients[1])


def test_memory_decides() -> None:
    model = tiny_llama()
    plenty = activation_bytes(model, TOKENS_PER_PASS)
    assert prepare_training(model, largest_example_tokens=100, limit_bytes=plenty) == 4096
    assert not model.is_activation_checkpointing
    tokens = prepare_training(model, largest_example_tokens=100, limit_bytes=plenty // 4)
    assert 100 <= tokens < 1100
    assert activation_bytes(model, tokens) <= plenty // 4
    assert not model.is_activation_checkpointing
    little = activation_bytes(model, 3000, checkpointing=True)
    tokens = prepare_training(model, largest_example_tokens=3000, limit_bytes=little)
    assert tokens == 3000
    assert model.is_activation_checkpointing
    prepare_training(model, largest_example_tokens=100, limit_bytes=plenty)
    assert not model.is_activation_checkpointing


def test_what_never_fits_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="4000 tokens needs"):
        prepare_training(tiny_llama(), largest_example_tokens=4000, limit_bytes=1_000_000)
