"""Stopping when held-out examples no longer get better, and going back to the best weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True, slots=True)
class EarlyStopping:
    """When to look at the held-out examples and when to stop.

    Attributes:
        every_steps: steps between two looks.
        patience: how many looks in a row may fail to lower the held-out loss.
        least_gain: by how much it must fall to count.
    """

    every_steps: int = 10
    patience: int = 3
    least_gain: float = 0.0


@dataclass(slots=True)
class Best:
    """The best look so far and the weights at it; part of a checkpoint."""

    loss: float = float("inf")
    step: int = 0
    failures: int = 0
    weights: dict[str, Tensor] = field(default_factory=dict)

    def look(
        self, loss: float, step: int, weights: Mapping[str, Tensor], rule: EarlyStopping
    ) -> None:
        """Takes a held-out loss in."""
        if loss < self.loss - rule.least_gain:
            self.loss, self.step, self.failures = loss, step, 0
            self.weights = {name: tensor.detach().clone() for name, tensor in weights.items()}
        else:
            self.failures += 1

    def summary(self) -> dict[str, Any]:
        """Everything but the weights, as plain values."""
        return {"loss": self.loss, "step": self.step, "failures": self.failures}
