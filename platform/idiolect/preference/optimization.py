"""The optimizer and the schedule of its learning rate."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

OptimizerName = Literal["adamw", "rmsprop", "sgd"]
ScheduleName = Literal["linear", "cosine", "constant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimization:
    """How weights follow from gradients.

    Attributes:
        learning_rate: the highest one, reached at the end of the warm-up.
        optimizer: AdamW; RMSprop, which the self-play papers take for their large targets; or SGD.
        schedule: how the rate falls to zero after the warm-up, or that it does not.
        warmup_share: share of all steps in which the rate rises from zero.
        weight_decay: AdamW's decoupled decay; for the others a pull of the gradient.
        max_gradient_norm: gradients with a larger Euclidean norm are scaled down to it.
        checkpoint_every_steps: steps between checkpoints.
        seed: of everything random during the steps, such as dropout.
    """

    learning_rate: float
    optimizer: OptimizerName = "adamw"
    schedule: ScheduleName = "linear"
    warmup_share: float = 0.1
    weight_decay: float = 0.0
    max_gradient_norm: float = 1.0
    checkpoint_every_steps: int = 10
    seed: int = 0

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of a step, which counts from 0."""
        warmup = math.ceil(self.warmup_share * steps)
        if step < warmup:
            return self.learning_rate * (step + 1) / warmup
        return self.learning_rate * SCHEDULES[self.schedule]((step - warmup) / (steps - warmup))

    def optimizer_of(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """A fresh optimizer of these parameters."""
        make = _OPTIMIZERS[self.optimizer]
        return make(parameters, lr=self.learning_rate, weight_decay=self.weight_decay)


SCHEDULES: Mapping[str, Callable[[float], float]] = {
    "linear": lambda done: 1.0 - done,
    "cosine": lambda done: 0.5 * (1.0 + math.cos(math.pi * done)),
    "constant": lambda _: 1.0,
}

_OPTIMIZERS: Mapping[str, Callable[..., torch.optim.Optimizer]] = {
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}
