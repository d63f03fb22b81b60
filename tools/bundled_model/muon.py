"""Muon, in the precision that the processor multiplies fastest.

Torch's own orthogonalises in bfloat16 always, which a processor without bfloat16 does forty times
more slowly; and it takes the matrices one by one, where those of one shape can go through one
batched product.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from idiolect.engine.gemm import has_fast_bf16

COEFFICIENTS = 3.4445, -4.7750, 2.0315
"""Of the quintic a x + b x^3 + c x^5, which takes singular values to about 1 in five rounds."""

ROUNDS = 5


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalised (Jordan et al. 2024).

    Weight decay is decoupled from the gradient, and the rate of a matrix ``[m, n]`` is multiplied
    by sqrt(max(1, m / n)), both as in the original.

    Args:
        parameters: matrices.
        lr: the learning rate; an update's singular values are about this large.
        momentum: the share of the old momentum that stays; used as Nesterov's.
        weight_decay: times the learning rate, the share of a weight lost in a step.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.1,
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self._dtype = torch.bfloat16 if has_fast_bf16(torch.device("cpu")) else torch.float32

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # without a loss to return
        """Update every matrix that has a gradient.

        Raises:
            ValueError: a closure is given; gradients are computed before.
        """
        if closure is not None:
            raise ValueError("This optimizer takes no closure; compute the gradients before.")
        for group in self.param_groups:
            of_shape: dict[torch.Size, list[Tensor]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is not None:
                    of_shape[parameter.shape].append(parameter)
            for alike in of_shape.values():
                self._update(alike, group)

    def _update(self, alike: list[Tensor], group: dict[str, Any]) -> None:
        directions = []
        for parameter in alike:
            state = self.state[parameter]
            if not state:
                state["momentum"] = torch.zeros_like(parameter)
            momentum = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
            directions.append(parameter.grad.lerp(momentum, group["momentum"]))
        updates = orthogonalised(torch.stack(directions).to(self._dtype))
        rows, columns = alike[0].shape
        rate = group["lr"] * max(1.0, rows / columns) ** 0.5
        for parameter, update in zip(alike, updates, strict=True):
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.add_(update.to(parameter.dtype), alpha=-rate)


def orthogonalised(matrices: Tensor) -> Tensor:
    """The nearest matrices whose singular values are about 1, by Newton and Schulz's iteration.

    Args:
        matrices: ``[count, m, n]``.

    Returns:
        ``[count, m, n]``; singular values between about 0.7 and 1.2, where they were not far below
        a thousandth of the matrix's norm.
    """
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if is_tall else matrices
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(ROUNDS):
        gram = x @ x.mT
        update = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, update, x, beta=a)
    return x.mT if is_tall else x
