"""LoRA adapters on a frozen model, switched from one forward pass to the next."""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import linear

from idiolect.errors import InvalidInputError

_PREFIX = "base_model.model."
_UNSUPPORTED = ("use_dora", "modules_to_save", "rank_pattern", "alpha_pattern", "lora_bias")


@dataclass(frozen=True, slots=True)
class LoraWeights:
    """One adapter's weights by module: A [rank, in], and B [out, rank] with the scale in it."""

    modules: Mapping[str, tuple[Tensor, Tensor]]


class LoraSwitch:
    """Lets adapters act on a model, one at a time in each thread.

    A linear layer W then gives W x + (alpha / r) B A x (Hu et al. 2021, equation 3). The base
    weights are never touched: with no adapter on, the output is the base's to the last bit, and
    the cost of an adapter does not grow with the number of adapters that are loaded.

    Args:
        model: all of its linear layers can be adapted.
    """

    def __init__(self, model: nn.Module) -> None:
        self._layers = {
            name: layer for name, layer in model.named_modules() if isinstance(layer, nn.Linear)
        }
        self._active = local()
        for name, layer in self._layers.items():
            layer.register_forward_hook(self._hook(name))

    @contextmanager
    def on(self, adapter: LoraWeights | None) -> Iterator[None]:
        """The adapter acts on what this thread computes within the block; None is the base."""
        before = getattr(self._active, "modules", None)
        self._active.modules = adapter.modules if adapter else None
        try:
            yield
        finally:
            self._active.modules = before

    def read(self, folder: Path) -> LoraWeights:
        """Reads a plain LoRA adapter as PEFT writes it, onto the model's device.

        Raises:
            InvalidInputError: it is missing or damaged, it is of another kind, or it does not
                fit this model (``ADAPTER_UNUSABLE``).
        """
        try:
            config = json.loads((folder / "adapter_config.json").read_text())
            tensors = load_file(folder / "adapter_model.safetensors")
        except (OSError, ValueError, SafetensorError) as error:
            raise _unusable(f"its files cannot be read ({type(error).__name__})") from error
        scale = _scale(config)
        modules: dict[str, tuple[Tensor, Tensor]] = {}
        for key in [key for key in tensors if key.endswith(".lora_A.weight")]:
            name = key.removeprefix(_PREFIX).removesuffix(".lora_A.weight")
            a = tensors.pop(key)
            b = tensors.pop(key.replace(".lora_A.", ".lora_B."), None)
            layer = self._layers.get(name)
            if layer is None or b is None or not _fits(layer, a, b):
                raise _unusable(f"its weights do not fit the model's layer {name}")
            modules[name] = (a.to(layer.weight), (b * scale).to(layer.weight))
        if tensors or not modules:
            raise _unusable("it has other weights than those of linear layers")
        return LoraWeights(modules)

    def _hook(self, name: str) -> Any:
        def add(_layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
            modules = getattr(self._active, "modules", None)
            if modules is None or name not in modules:
                return None
            a, b = modules[name]
            return output + linear(linear(inputs[0], a), b)

        return add


def _scale(config: Mapping[str, Any]) -> float:
    if config.get("peft_type") != "LORA" or any(config.get(name) for name in _UNSUPPORTED):
        raise _unusable("only plain LoRA is supported")
    try:
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable("its configuration lacks the rank or alpha") from error
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _fits(layer: nn.Linear, a: Tensor, b: Tensor) -> bool:
    rank = a.shape[0]
    return a.shape == (rank, layer.in_features) and b.shape == (layer.out_features, rank)


def _unusable(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"the adapter cannot be used: {why}",
        hint="Train it again on the present base model.",
        code="ADAPTER_UNUSABLE",
    )
