"""From hidden states to the log-probabilities of chosen tokens, without keeping any logits."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.utils.checkpoint import checkpoint

from idiolect.engine.fast_layers import FrozenLinear
from idiolect.engine.gemm import product, rounded

CHUNK_ROWS = 512
"""Positions projected to the vocabulary at a time; bounds the memory of the logits."""


@dataclass(frozen=True, slots=True)
class Head:
    """A vocabulary projection and what a model does to its logits.

    z = cap(scale (W h + b)), cap(u) = limit tanh(u / limit); without a limit, cap(u) = u.

    Attributes:
        projection: h to W h + b.
        scale: multiplies the logits.
        limit: caps them (Gemma 2, section 2).
    """

    projection: nn.Module
    scale: float = 1.0
    limit: float | None = None

    def __call__(self, hidden: Tensor) -> Tensor:
        """Logits ``[rows, vocabulary]`` of hidden states ``[rows, width]``."""
        logits: Tensor = self.projection(hidden)
        if self.scale != 1.0:
            logits = logits * self.scale
        if self.limit is not None:
            logits = torch.tanh(logits / self.limit) * self.limit
        return logits

    @property
    def is_plain(self) -> bool:
        """Whether it is a frozen linear layer that nothing is hooked to."""
        return (
            type(self.projection) in (nn.Linear, FrozenLinear)
            and not any(parameter.requires_grad for parameter in self.projection.parameters())
            and not self.projection._forward_hooks
            and not self.projection._forward_pre_hooks
        )


def chosen_log_probs(
    head: Head, hidden: Tensor, target: Tensor, *, chunk_rows: int = CHUNK_ROWS
) -> Tensor:
    """log pi(target) = z_target - log sum over v of exp(z_v), chunk by chunk.

    Args:
        head: makes the logits z.
        hidden: ``[rows, width]``.
        target: the token looked at in each row, int64 ``[rows]``.
        chunk_rows: rows at a time.

    Returns:
        float32 ``[rows]``, in nats, with a gradient for ``hidden`` if that takes one, and for the
        head's parameters if those do.
    """
    rows = len(hidden)
    rest = rows % chunk_rows
    filling = min(rounded(rest, hidden.device), chunk_rows) - rest
    hidden, target = pad(hidden, (0, 0, 0, filling)), pad(target, (0, filling))
    return _by_chunks(head, hidden, target, chunk_rows)[:rows]


def _by_chunks(head: Head, hidden: Tensor, target: Tensor, chunk_rows: int) -> Tensor:
    if torch.is_grad_enabled() and head.is_plain and hidden.requires_grad:
        apply: Callable[..., Tensor] = _ChosenLogProbs.apply
        return apply(hidden, target, head, chunk_rows)
    choose: Callable[[Head, Tensor, Tensor], Tensor] = _chosen
    if len(hidden) > chunk_rows and torch.is_grad_enabled():
        choose = partial(checkpoint, _chosen, use_reentrant=False, preserve_rng_state=False)
    chunks = zip(torch.split(hidden, chunk_rows), torch.split(target, chunk_rows), strict=True)
    return torch.cat([choose(head, part, wanted) for part, wanted in chunks])


def log_collision(head: Head, hidden: Tensor, *, chunk_rows: int = CHUNK_ROWS) -> Tensor:
    """log sum over v of pi(v)^2: how likely two draws agree, float32 ``[rows]``, in nats.

    It carries no gradient; WPO's weights (Zhou et al. 2024, equation 6) need none.
    """
    with torch.no_grad():
        return torch.cat(
            [_collision(head(part).float()) for part in torch.split(hidden, chunk_rows)]
        )


def _collision(logits: Tensor) -> Tensor:
    return (2 * logits).logsumexp(dim=1) - 2 * logits.logsumexp(dim=1)


def _chosen(head: Head, hidden: Tensor, target: Tensor) -> Tensor:
    logits = head(hidden).float()
    wanted = logits.gather(1, target.unsqueeze(1)).squeeze(1)
    return wanted - logits.logsumexp(dim=1)


class _ChosenLogProbs(torch.autograd.Function):
    """The same with a frozen linear head, whose gradient is ready after the forward pass.

    With u = scale (W h + b), z = cap(u) and p = softmax(z):

        d log pi(y) / d h = scale sum over v of (1[v = y] - p_v) cap'(u_v) W_v

    The incoming gradient is one number a row, so this vector [width] is all that has to be kept:
    the logits of a chunk are used twice while they are in the cache and then dropped.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, target: Tensor, head: Head, chunk_rows: int) -> Tensor:
        slope = torch.empty_like(hidden)
        log_probs = torch.empty(len(hidden), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(hidden), chunk_rows):
            rows = slice(start, start + chunk_rows)
            log_probs[rows], slope[rows] = _chosen_and_slope(head, hidden[rows], target[rows])
        ctx.save_for_backward(slope)
        return log_probs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (slope,) = ctx.saved_tensors
        return (gradients[0].unsqueeze(1) * slope).to(slope.dtype), None, None, None


def _chosen_and_slope(head: Head, hidden: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    weight = head.projection.weight
    assert isinstance(weight, Tensor)  # noqa: S101 - is_plain: a linear layer
    logits = head(hidden).float()
    index = target.unsqueeze(1)
    wanted = logits.gather(1, index)
    # d cap / d u = 1 - (z / limit)^2, before the logits are overwritten
    bend = None if head.limit is None else 1 - (logits / head.limit).square()
    highest = logits.amax(dim=1, keepdim=True)
    share = logits.sub_(highest).exp_()
    total = share.sum(dim=1, keepdim=True)
    log_probs = (wanted - highest - total.log()).squeeze(1)
    chosen = weight[target].float()
    if bend is not None:
        chosen = chosen * bend.gather(1, index)
        share.mul_(bend)
    bf16 = isinstance(head.projection, FrozenLinear) and head.projection.bf16
    expected = product(share.to(weight.dtype), weight.t(), bf16=bf16)
    slope = chosen - expected / total
    return log_probs, (slope * head.scale).to(hidden.dtype)
