"""The simplest loop: fixed pairs, shuffled anew each epoch."""

from dataclasses import dataclass
from functools import lru_cache

import torch


@dataclass(frozen=True, slots=True)
class OfflineLoop:
    """Which pairs each step sees: a pure function of the step, so a resumed run needs no more.

    Attributes:
        pairs: how many pairs there are.
        batch_size: pairs a step; the last step of an epoch takes what is left.
        epochs: how often every pair is seen.
        seed: decides the order.
    """

    pairs: int
    batch_size: int
    epochs: int
    seed: int

    @property
    def steps(self) -> int:
        """How many steps the whole run has."""
        return self.epochs * self._steps_per_epoch

    def batch(self, step: int) -> tuple[int, ...]:
        """The indices of the pairs of a step, which counts from 0."""
        epoch, position = divmod(step, self._steps_per_epoch)
        start = position * self.batch_size
        return _order(self.pairs, self.seed, epoch)[start : start + self.batch_size]

    @property
    def _steps_per_epoch(self) -> int:
        return -(-self.pairs // self.batch_size)


@lru_cache(maxsize=2)
def _order(pairs: int, seed: int, epoch: int) -> tuple[int, ...]:
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return tuple(torch.randperm(pairs, generator=generator).tolist())
