"""How much each checkpoint of a run counts in their average.

Metrics-weighted averaging (Choi and Yu 2025, arXiv 2504.18580) weighs checkpoints by their
training loss or their step, with one penalty factor p for the sharpness. Unverified: the paper's
own formula was not at hand. ``Power`` and ``Softmax`` are two forms that fit its description:
uniform at p = 0, and the best checkpoint alone as p grows.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch

from idiolect.errors import InvalidInputError

Better = Literal["lower", "higher"]
"""Which metrics are better: ``lower`` for a loss, ``higher`` for a step or an accuracy."""


class WeightRule(Protocol):
    """Weights from metrics."""

    def __call__(self, metrics: Sequence[float]) -> tuple[float, ...]:
        """Weights of at least 0 that sum to 1, one for each checkpoint.

        Args:
            metrics: one number for each checkpoint, in the order of the run.

        Raises:
            InvalidInputError: there are none, or one is not finite or out of the rule's range.
        """
        ...


@dataclass(frozen=True, slots=True)
class Uniform:
    """All the same, whatever their metrics."""

    def __call__(self, metrics: Sequence[float]) -> tuple[float, ...]:
        _require(metrics)
        return (1 / len(metrics),) * len(metrics)


@dataclass(frozen=True, slots=True)
class Last:
    """The last one alone, whatever its metric."""

    def __call__(self, metrics: Sequence[float]) -> tuple[float, ...]:
        _require(metrics)
        return _only(len(metrics) - 1, len(metrics))


@dataclass(frozen=True, slots=True)
class Best:
    """The best one alone; of equals the earliest."""

    better: Better = "lower"

    def __call__(self, metrics: Sequence[float]) -> tuple[float, ...]:
        _require(metrics)
        best = max(range(len(metrics)), key=lambda place: _sign(self.better) * metrics[place])
        return _only(best, len(metrics))


@dataclass(frozen=True, slots=True)
class Power:
    """w_i proportional to (1 / m_i)^p where lower is better, to m_i^p where higher is.

    The unit of the metric does not matter; it must be above 0, and steps count from 1.
    """

    penalty: float = 1.0
    better: Better = "lower"

    def __call__(self, metrics: Sequence[float]) -> tuple[float, ...]:
        _require(metrics)
        if min(metrics) <= 0:
            raise InvalidInputError(
                f"weights by power need metrics above 0, not {min(metrics)}",
                hint="Use softmax, or count steps from 1.",
            )
        return _softmax([math.log(metric) for metric in metrics], self.penalty, self.better)


@dataclass(frozen=True, slots=True)
class Softmax:
    """w_i proportional to exp(-p m_i) where lower is better, to exp(p m_i) where higher is.

    The origin of the metric does not matter; p is in units of 1 / metric.
    """

    penalty: float = 1.0
    better: Better = "lower"

    def __call__(self, metrics: Sequence[float]) -> tuple[float, ...]:
        _require(metrics)
        return _softmax(metrics, self.penalty, self.better)


WEIGHT_RULES: Mapping[str, Callable[..., WeightRule]] = {
    "best": Best,
    "last": Last,
    "power": Power,
    "softmax": Softmax,
    "uniform": Uniform,
}


def _softmax(metrics: Sequence[float], penalty: float, better: Better) -> tuple[float, ...]:
    if not (math.isfinite(penalty) and penalty >= 0):
        raise InvalidInputError(f"the penalty is {penalty}, not a finite number of at least 0")
    # The best is 0 before the penalty acts, so that no product is too large for a number.
    merit = torch.tensor(metrics, dtype=torch.float64) * _sign(better)
    return tuple(torch.softmax(penalty * (merit - merit.max()), dim=0).tolist())


def _sign(better: Better) -> int:
    return 1 if better == "higher" else -1


def _only(place: int, count: int) -> tuple[float, ...]:
    return tuple(float(other == place) for other in range(count))


def _require(metrics: Sequence[float]) -> None:
    if not metrics:
        raise InvalidInputError("there are no checkpoints to weigh")
    if not all(math.isfinite(metric) for metric in metrics):
        raise InvalidInputError(
            f"the metrics of the checkpoints are not all finite: {list(metrics)}",
            hint="Leave out the checkpoints of a run that diverged.",
        )
