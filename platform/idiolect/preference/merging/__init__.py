"""Several adapters made one: checkpoints of a run averaged, adapters of different runs merged.

What an adapter adds to a layer is the product scale * B A. A weighted sum of such products is
exact as the factors put side by side, at the cost of their ranks' sum; anything of a lower rank
is an approximation, and says by how much.
"""

from idiolect.preference.merging.lora import Factors, Lora
from idiolect.preference.merging.merge import Merged, average_checkpoints, merge_adapters
from idiolect.preference.merging.weights import (
    WEIGHT_RULES,
    Best,
    Last,
    Power,
    Softmax,
    Uniform,
    WeightRule,
)

__all__ = [
    "WEIGHT_RULES",
    "Best",
    "Factors",
    "Last",
    "Lora",
    "Merged",
    "Power",
    "Softmax",
    "Uniform",
    "WeightRule",
    "average_checkpoints",
    "merge_adapters",
]
