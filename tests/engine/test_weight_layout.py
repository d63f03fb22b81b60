"""Weights stored another way give the same model."""

import torch
from torch import nn

from idiolect.engine.weight_layout import store_by_input
from tests.tiny_model import tiny_llama


def test_the_model_gives_the_same_from_the_same_weights() -> None:
    model, tokens = tiny_llama(), torch.tensor([[2, 5, 7, 11]])
    names = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        before = model(tokens).logits
        store_by_input(model)
        after = model(tokens).logits
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)
    assert all(torch.equal(value, names[name]) for name, value in model.state_dict().items())


def test_only_layers_that_do_not_narrow_are_stored_by_input() -> None:
    wide, square, narrow = nn.Linear(4, 8), nn.Linear(4, 4), nn.Linear(8, 4)
    half = nn.Linear(4, 8, dtype=torch.bfloat16)
    store_by_input(nn.ModuleList([wide, square, narrow, half]))
    by_input = [layer.weight.stride(0) == 1 for layer in (wide, square, narrow, half)]
    assert by_input == [True, True, False, False]


def test_a_weight_shared_with_the_embedding_stays_shared() -> None:
    model = nn.ModuleDict({"embed": nn.Embedding(9, 4), "head": nn.Linear(4, 9, bias=False)})
    model["head"].weight = model["embed"].weight
    rows = model["embed"](torch.tensor([3, 8])).detach()
    store_by_input(model)
    assert model["head"].weight is model["embed"].weight
    assert torch.equal(model["embed"](torch.tensor([3, 8])), rows)
