"""Architectures that treat their input differently, each against its own forward pass."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, PreTrainedModel

from idiolect.engine.anatomy import anatomy_of
from idiolect.engine.log_probs import TokenSequence, token_log_probs
from idiolect.errors import InvalidInputError
from tests.tiny_model import tiny_llama

torch.set_num_threads(1)

CONTEXT = tuple(range(20, 32))
SEQUENCES = [
    TokenSequence((*CONTEXT, 3, 4), (50, 51, 1)),
    TokenSequence((*CONTEXT, 3, 4), (60, 61, 62, 63, 64, 1)),
    TokenSequence((*CONTEXT, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81), (52,)),
    TokenSequence((90,), (91, 92)),
]
SMALL: dict[str, Any] = {
    "vocab_size": 120,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
PACKED: list[tuple[str, dict[str, Any]]] = [
    ("llama", {}),
    ("qwen2", {}),
    ("qwen3", {"head_dim": 8}),
    ("mistral", {"sliding_window": None}),
    ("phi3", {}),
    ("gemma", {"head_dim": 8}),
    ("gemma3_text", {"head_dim": 8}),
    ("olmo2", {}),
    ("cohere", {"logit_scale": 0.3}),
    ("cohere2", {"logit_scale": 0.3, "head_dim": 8}),
    ("granite", {"logits_scaling": 4.0}),
    ("hyperclovax", {"logits_scaling": 4.0}),
    ("gpt_neox", {}),
    ("gpt2", {"n_positions": 64}),
    ("smollm3", {}),
]
PADDED: list[tuple[str, dict[str, Any], str]] = [
    ("gemma2", {"head_dim": 8, "attn_implementation": "eager"}, "eager, not sdpa"),
    ("llama", {"attn_implementation": "eager"}, "eager, not sdpa"),
    ("bloom", {"n_head": 4}, "not sdpa"),  # distances are added to the scores
    ("lfm2", {"layer_types": ["conv", "full_attention"]}, "other hidden states"),
    ("mistral", {"sliding_window": 4}, "other hidden states"),  # narrower than what is tried
]


def small(kind: str, options: dict[str, Any]) -> PreTrainedModel:
    torch.manual_seed(0)
    attention = options.get("attn_implementation")
    options = {name: value for name, value in options.items() if name != "attn_implementation"}
    config = CONFIG_MAPPING[kind](**SMALL, **options)
    model: PreTrainedModel = AutoModelForCausalLM.from_config(config, attn_implementation=attention)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)  # far enough from uniform that a wrong scale shows
    return model.eval()


def textbook(model: PreTrainedModel, sequence: TokenSequence) -> Tensor:
    whole = torch.tensor([sequence.context + sequence.response])
    logits = model(input_ids=whole, use_cache=False).logits[0, len(sequence.context) - 1 : -1]
    chosen = torch.tensor(sequence.response)
    return logits.float().log_softmax(dim=-1).gather(1, chosen.unsqueeze(1)).squeeze(1)


def assert_equal_to_the_textbook(model: PreTrainedModel) -> None:
    expected = torch.cat([textbook(model, sequence) for sequence in SEQUENCES])
    found = token_log_probs(model, SEQUENCES)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    embedding = model.get_input_embeddings().weight
    weight = torch.linspace(-1, 1, len(expected))
    (slope,) = torch.autograd.grad(expected @ weight, embedding)
    (found_slope,) = torch.autograd.grad(found @ weight, embedding)
    assert (found_slope - slope).norm() < 1e-5 * slope.norm()


@pytest.mark.parametrize(("kind", "options"), PACKED)
def test_packed_rows_are_exact(kind: str, options: dict[str, Any]) -> None:
    model = small(kind, options)
    assert anatomy_of(model).reason == ""
    assert_equal_to_the_textbook(model)


@pytest.mark.parametrize(("kind", "options", "reason"), PADDED)
def test_what_cannot_be_packed_is_padded(kind: str, options: dict[str, Any], reason: str) -> None:
    model = small(kind, options)
    before = model.config._attn_implementation
    found = anatomy_of(model)
    assert found.packs_below_tokens == 0
    assert reason in found.reason
    assert model.config._attn_implementation == before
    assert_equal_to_the_textbook(model)


@pytest.mark.parametrize("window", [16, 40])
def test_only_what_a_window_spans_is_packed(window: int) -> None:
    model = small("mistral", {"sliding_window": window})
    assert anatomy_of(model).packs_below_tokens == window + 1
    assert_equal_to_the_textbook(model)  # up to 25 tokens


def test_unknown_logits_are_refused_rather_than_wrong() -> None:
    model = tiny_llama()
    model.lm_head.register_forward_hook(
        lambda _layer, inputs, output: output + (inputs[0].shape[-2] == 1)
    )
    model.forward = lambda **given: type(model).forward(model, **given, logits_to_keep=1)
    with pytest.raises(InvalidInputError, match="make their logits"):
        token_log_probs(model, SEQUENCES)


def test_a_model_stays_as_it_was() -> None:
    model = tiny_llama().train()
    model.lm_head.eval()
    ids = torch.arange(3, 40).reshape(1, -1)
    before = model(ids).logits
    written = model.generate(ids, max_new_tokens=5, do_sample=False)
    token_log_probs(model, SEQUENCES)
    assert model.training
    assert model.model.layers[0].training
    assert not model.lm_head.training
    assert torch.equal(model(ids).logits, before)
    assert torch.equal(model.generate(ids, max_new_tokens=5, do_sample=False), written)
