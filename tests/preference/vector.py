"""The known pair and group that golden values are computed on, in double precision.

P(y_w) = -10, P(y_l) = -14, R(y_w) = -11, R(y_l) = -12.5, |y_w| = 5, |y_l| = 8; so the log-ratios
are D_w = 1 and D_l = -1.5 and their gap is h = 2.5. The group has D = [1, -1.5, 0.2] and rewards
[1, 0, 0.5].
"""

import math

import torch
from torch import Tensor

from idiolect.preference.columns import Rows, Samples, Side

NAN = math.nan


def column(*values: float, gradient: bool = False) -> Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=gradient)


def tokens_of(total: Tensor, tokens: Tensor) -> Tensor:
    """Spreads each sample's log-probability evenly over its tokens, ``[n, t]``."""
    width = int(tokens.max())
    mask = torch.arange(width) < tokens.unsqueeze(1)
    return (total / tokens).unsqueeze(1) * mask


def side(
    policy: Tensor,
    reference: Tensor,
    tokens: Tensor,
    *,
    reward: Tensor | None = None,
    previous: Tensor | None = None,
) -> Side:
    previous = reference if previous is None else previous
    return Side(
        policy=tokens_of(policy, tokens),
        anchors={
            "reference": tokens_of(reference, tokens),
            "previous": tokens_of(previous, tokens),
        },
        tokens=tokens,
        reward=torch.full_like(policy.detach(), NAN) if reward is None else reward,
        collision=tokens_of(2 * policy.detach(), tokens),
    )


def rows(
    policy: tuple[float, float] | tuple[Tensor, Tensor] = (-10.0, -14.0),
    reference: tuple[float, float] = (-11.0, -12.5),
    tokens: tuple[float, float] = (5.0, 8.0),
    *,
    previous: tuple[float, float] | None = None,
    rewards: tuple[float, float] = (NAN, NAN),
    weight: float = 1.0,
    margin: float = 0.0,
    probability: float = 1.0,
) -> Rows:
    """One pair; a policy may be given as columns that carry a gradient."""
    chosen, rejected = (
        side(
            one if isinstance(one, Tensor) else column(one),
            column(reference[place]),
            column(tokens[place]),
            reward=column(rewards[place]),
            previous=None if previous is None else column(previous[place]),
        )
        for place, one in enumerate(policy)
    )
    return Rows(
        chosen,
        rejected,
        column(weight),
        column(margin),
        column(probability),
        torch.zeros(1, dtype=torch.long),
        column(0.0),
    )


def group(
    ratios: tuple[float, ...] = (1.0, -1.5, 0.2),
    rewards: tuple[float, ...] = (1.0, 0.0, 0.5),
    tokens: tuple[float, ...] = (),
    *,
    gradient: bool = False,
) -> Samples:
    """One group, from its log-ratios to a reference of 0."""
    policy = column(*ratios).requires_grad_(gradient)
    anchor = torch.zeros_like(policy.detach())
    return Samples(
        side=side(policy, anchor, column(*tokens or (1.0,) * len(ratios)), reward=column(*rewards)),
        group=torch.zeros(len(ratios), dtype=torch.long),
        weight=column(1.0),
    )
