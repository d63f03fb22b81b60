"""Frozen linear layers and their LoRA adapters with a leaner forward and backward pass.

The layers keep their class's behavior, parameters and names: only what they compute is done in
fewer and faster steps. So a model with PEFT adapters trains, saves and switches adapters off as
before.
"""

from collections.abc import Callable
from typing import Any

import torch
from peft.tuners.lora import Linear as PeftLinear
from torch import Tensor, nn

from idiolect.engine.gemm import product


class FrozenLinear(nn.Linear):
    """A linear layer whose weights take no gradient.

    Attributes:
        bf16: its float32 products are made in bfloat16.
    """

    bf16: bool = False

    def forward(self, input: Tensor) -> Tensor:
        """W x + b."""
        if not _is_frozen(self) or input.dtype != self.weight.dtype or _is_autocast(input):
            return super().forward(input)
        if torch.is_grad_enabled() and input.requires_grad:
            return _frozen(input, self.weight, self.bias, self.bf16)
        return _affine(input, self.weight, self.bias, self.bf16)


class FastLora(PeftLinear):
    """PEFT's LoRA layer, W x + b + (alpha / r) B A x (Hu et al. 2021, equation 3).

    It does the common case itself, one plain adapter without dropout on a frozen layer, and leaves
    the others to PEFT.

    Attributes:
        bf16: its float32 products are made in bfloat16.
    """

    bf16: bool = False

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """See ``peft.tuners.lora.Linear.forward``."""
        name = self._only_adapter()
        base: Any = self.get_base_layer()
        if name is None or args or kwargs or x.dtype != base.weight.dtype or _is_autocast(x):
            result: Tensor = super().forward(x, *args, **kwargs)
            return result
        down: Any = self.lora_A[name]
        up: Any = self.lora_B[name]
        scale = self.scaling[name]
        return lora_linear(x, base.weight, base.bias, down.weight, up.weight, scale, bf16=self.bf16)

    def _only_adapter(self) -> str | None:
        """The adapter that acts, if this is the common case."""
        active = [name for name in self.active_adapters if name in self.lora_A]
        if self.disable_adapters or self.merged or len(active) != 1:
            return None
        (name,) = active
        plain = (
            isinstance(self.lora_dropout[name], nn.Identity) or not self.training
        ) and name not in self.lora_variant
        has_bias = self.lora_B[name].bias is not None
        return name if plain and not has_bias and _is_frozen(self.get_base_layer()) else None


def use_fast_layers(model: nn.Module, *, bf16: bool = False) -> None:
    """Lets a model's linear layers, with PEFT adapters or without, compute as above.

    Args:
        model: a frozen model; layers that are trained themselves go on as before.
        bf16: makes float32 products in bfloat16: faster where ``gemm.has_fast_bf16``, and rounded
            to 8 bits, so results are near those of float32 and not equal.
    """
    for module in model.modules():
        if type(module) is nn.Linear and _is_frozen(module):
            module.__class__ = FrozenLinear
        elif type(module) is PeftLinear and _adapts_linear(module):
            module.__class__ = FastLora
        if isinstance(module, FrozenLinear | FastLora):
            module.bf16 = bf16


def _adapts_linear(layer: Any) -> bool:
    return isinstance(layer.get_base_layer(), nn.Linear)


def lora_linear(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    a: Tensor,
    b: Tensor,
    scale: float,
    *,
    bf16: bool = False,
) -> Tensor:
    """W x + bias + scale B A x, with gradients for x, A and B.

    Args:
        x: ``[..., in]``.
        weight: W ``[out, in]``, frozen.
        bias: ``[out]``, frozen.
        a: A ``[rank, in]``.
        b: B ``[out, rank]``.
        scale: alpha / rank.
        bf16: makes float32 products in bfloat16.
    """
    a, b = a.to(x.dtype), b.to(x.dtype)
    apply: Callable[..., Tensor] = _Lora.apply
    return apply(x, weight, bias, a, b, scale, bf16)


def _frozen(x: Tensor, weight: Tensor, bias: Tensor | None, bf16: bool) -> Tensor:
    apply: Callable[..., Tensor] = _Frozen.apply
    return apply(x, weight, bias, bf16)


class _Frozen(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, bf16: bool) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.bf16 = bf16
        return _affine(x, weight, bias, bf16)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = ctx.saved_tensors
        return product(gradients[0], weight.t(), bf16=ctx.bf16), None, None, None


class _Lora(torch.autograd.Function):
    """With g the gradient that comes in and s the scale:

    dx = (W + s B A)^T g,    dA = s (B^T g) x^T,    dB = s g (A x)^T
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        a: Tensor,
        b: Tensor,
        scale: float,
        bf16: bool,
    ) -> Tensor:
        ctx.save_for_backward(x, weight, a, b)
        ctx.scale, ctx.bf16 = scale, bf16
        if _merges(x, weight, bf16):
            return _affine(x, torch.addmm(weight, b, a, alpha=scale), bias, bf16)
        result = _affine(x, weight, bias, bf16)
        inner = product(x, a, bf16=bf16).flatten(0, -2)
        result.view(-1, len(weight)).addmm_(inner, b.t(), alpha=scale)
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, a, b = ctx.saved_tensors
        g, bf16 = gradients[0], ctx.bf16
        flat_g, flat_x = g.flatten(0, -2), x.flatten(0, -2)
        inner_g = product(flat_g, b.t(), bf16=bf16).mul_(ctx.scale)  # s B^T g, [tokens, rank]
        inner_x = product(flat_x, a, bf16=bf16)  # A x, [tokens, rank]
        grad_a = product(inner_g.t(), flat_x.t(), bf16=bf16)
        grad_b = product(inner_x.t(), flat_g.t(), bf16=bf16).t().mul(ctx.scale)
        grad_x = None
        if ctx.needs_input_grad[0]:
            if _merges(x, weight, bf16):
                merged = torch.addmm(weight, b, a, alpha=ctx.scale)
                grad_x = product(g, merged.t(), bf16=bf16)
            else:
                grad_x = product(g, weight.t(), bf16=bf16)
                grad_x.view(-1, weight.shape[1]).addmm_(inner_g, a)
        return grad_x, None, None, grad_a, grad_b, None, None


def _affine(x: Tensor, weight: Tensor, bias: Tensor | None, bf16: bool) -> Tensor:
    result = product(x, weight, bf16=bf16)
    return result if bias is None else result.add_(bias)


def _merges(x: Tensor, weight: Tensor, bf16: bool) -> bool:
    """Whether W + s B A is made for this product: it costs as much as the two thin products of
    in out / (in + out) tokens, and saves them.

    In few bits the sum would round the adapter away, so there it is never made.
    """
    if x.dtype not in (torch.float32, torch.float64) or bf16:
        return False
    out, width = weight.shape
    return x.numel() // width * (out + width) > out * width


def _is_frozen(layer: nn.Module) -> bool:
    return not any(parameter.requires_grad for parameter in layer.parameters())


def _is_autocast(x: Tensor) -> bool:
    return torch.is_autocast_enabled(x.device.type)
