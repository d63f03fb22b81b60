"""The seeded heads copy before any training, and the heads alone do it."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tools.bundled_model.seeding import PAIRS, seed_copying

VOCABULARY, LENGTH = 2000, 80


@pytest.fixture(scope="module")
def model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        rope_theta=100_000.0,
        attn_implementation="eager",
    )
    return LlamaForCausalLM(config)


def twice(seed: int) -> torch.Tensor:
    """Random tokens, and the same once more: the second half can only be known by copying."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(VOCABULARY, (4, LENGTH), generator=generator)
    return torch.cat([ids, ids], dim=1)


def share_copied(model: LlamaForCausalLM, ids: torch.Tensor) -> float:
    with torch.inference_mode():
        predicted = model(ids).logits[:, LENGTH:-1].argmax(-1)
    return float((predicted == ids[:, LENGTH + 1 :]).float().mean())


def test_a_seeded_model_copies_and_a_random_one_does_not(model: LlamaForCausalLM) -> None:
    ids = twice(1)
    assert share_copied(model, ids) < 0.02
    seed_copying(model, seed=0)
    assert share_copied(model, ids) > 0.6


def test_the_heads_look_where_they_should(model: LlamaForCausalLM) -> None:
    seed_copying(model, seed=0)
    with torch.inference_mode():
        first, second, _ = model(twice(2), output_attentions=True).attentions
    here = torch.arange(1, 2 * LENGTH)
    previous = first[:, :PAIRS, here, here - 1].mean()
    assert previous > 0.85
    # At the n-th token of the repetition: what came after the n-th of the original.
    again = torch.arange(LENGTH + 1, 2 * LENGTH - 1)
    after_the_same = second[:, :PAIRS, again, again - LENGTH + 1].mean()
    assert after_the_same > 0.6


def test_every_other_branch_is_silent(model: LlamaForCausalLM) -> None:
    seed_copying(model, seed=0)
    ids = twice(3)
    with torch.inference_mode():
        before = model(ids).logits
        for layer in model.model.layers:
            layer.mlp.up_proj.weight.normal_()
        model.model.layers[2].self_attn.v_proj.weight.normal_()
        assert torch.equal(model(ids).logits, before)


def test_the_same_seed_writes_the_same(model: LlamaForCausalLM) -> None:
    def written(seed: int) -> torch.Tensor:
        seed_copying(model, seed)
        return model.model.layers[1].self_attn.k_proj.weight.detach().clone()

    assert torch.equal(written(4), written(4))
    assert not torch.equal(written(4), written(5))
