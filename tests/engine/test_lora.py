"""Our adapters against PEFT's, switched by request."""

import json
import threading
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file

from idiolect.engine.lora import LoraSwitch
from idiolect.errors import InvalidInputError
from tests.tiny_adapter import save_tiny_adapter
from tests.tiny_model import tiny_llama

IDS = torch.arange(3, 40).reshape(1, -1)


def logits(model: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        result: torch.Tensor = model(IDS).logits
    return result


@pytest.mark.parametrize("rank_stabilized", [False, True])
def test_an_adapter_computes_what_peft_computes(tmp_path: Path, rank_stabilized: bool) -> None:
    folder = save_tiny_adapter(tmp_path, 0, use_rslora=rank_stabilized)
    expected = logits(PeftModel.from_pretrained(tiny_llama(), folder))
    model = tiny_llama()
    switch = LoraSwitch(model)
    adapter = switch.read(folder)
    with switch.on(adapter):
        adapted = logits(model)
    assert (adapted - logits(model)).abs().max() > 0.01
    assert torch.allclose(adapted, expected, atol=1e-5)


def test_off_is_the_base_to_the_last_bit(tmp_path: Path) -> None:
    base = logits(tiny_llama())
    model = tiny_llama()
    switch = LoraSwitch(model)
    adapter = switch.read(save_tiny_adapter(tmp_path, 0))
    assert torch.equal(logits(model), base)
    with switch.on(adapter), switch.on(None):
        assert torch.equal(logits(model), base)
    assert torch.equal(logits(model), base)


def test_each_thread_has_its_own(tmp_path: Path) -> None:
    model = tiny_llama()
    switch = LoraSwitch(model)
    adapters = [None, *(switch.read(save_tiny_adapter(tmp_path / str(i), i)) for i in (1, 2))]
    expected = []
    for adapter in adapters:
        with switch.on(adapter):
            expected.append(logits(model))
    together = threading.Barrier(len(adapters))
    right: list[bool] = []

    def ask(index: int) -> None:
        with switch.on(adapters[index]):
            for _ in range(10):
                together.wait(10)
                right.append(torch.equal(logits(model), expected[index]))

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(adapters))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 30


def _other_kind(folder: Path) -> None:
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "use_dora": True}))


def _cut_off(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def _other_shape(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    tensors = {name: torch.cat([t, t], dim=-1) for name, t in load_file(weights).items()}
    save_file(tensors, weights)


def _extra_weight(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    save_file({**load_file(weights), "base_model.model.lm_head.weight": torch.ones(1)}, weights)


def _missing(folder: Path) -> None:
    (folder / "adapter_config.json").unlink()


@pytest.mark.parametrize("damage", [_other_kind, _cut_off, _other_shape, _extra_weight, _missing])
def test_an_adapter_that_cannot_be_used_is_refused(tmp_path: Path, damage) -> None:
    folder = save_tiny_adapter(tmp_path, 0)
    damage(folder)
    with pytest.raises(InvalidInputError) as caught:
        LoraSwitch(tiny_llama()).read(folder)
    assert caught.value.reason_code == "ADAPTER_UNUSABLE"
