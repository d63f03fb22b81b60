"""The base is loaded in the form that training and scoring want."""

from pathlib import Path

import pytest
import torch
from torch import nn

from idiolect.adapters import base
from idiolect.adapters.base import load_base
from idiolect.adapters.recipe import Recipe
from idiolect.adapters.train import train_adapter
from idiolect.engine.fast_layers import FastLora, FrozenLinear
from idiolect.errors import NotReadyError
from idiolect.preference.policies.causal_lm import LoraShape, with_lora
from tests.preference.training import capital_pairs


def test_its_layers_are_the_fast_ones(tiny_base: Path) -> None:
    layers = [one for one in load_base(tiny_base).model.modules() if isinstance(one, nn.Linear)]
    assert layers
    assert all(type(layer) is FrozenLinear for layer in layers)


def test_products_are_rounded_where_it_is_asked_for_and_can_be_done(
    tiny_base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "has_fast_bf16", lambda _: True)
    model = load_base(tiny_base, precision="bfloat16").model
    assert model.dtype == torch.float32
    adapted = with_lora(model, LoraShape(rank=2, alpha=4), seed=0).model
    layers = [one for one in adapted.modules() if isinstance(one, FrozenLinear | FastLora)]
    assert layers
    assert all(layer.bf16 for layer in layers)
    monkeypatch.setattr(base, "has_fast_bf16", lambda _: False)
    with pytest.raises(NotReadyError, match="bfloat16"):
        load_base(tiny_base, precision="bfloat16")


def test_a_run_in_bfloat16_is_near_one_in_float32(
    tiny_base: Path, quick_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "has_fast_bf16", lambda _: True)  # others do it too, slowly
    losses = []
    for precision in ("float32", "bfloat16"):
        recipe = quick_recipe.model_copy(update={"precision": precision})
        done = train_adapter(
            capital_pairs(), base=tiny_base, recipe=recipe, work_dir=tmp_path / precision
        )
        losses.append([step.loss for step in done.history.steps])
    assert losses[0] != losses[1]
    assert losses[0] == pytest.approx(losses[1], abs=0.01)
