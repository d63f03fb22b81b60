"""Averages of one run's checkpoints, and sums of different runs' adapters."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from idiolect.errors import InvalidInputError
from idiolect.preference.merging.lora import Factors, Lora, require_alike
from idiolect.preference.merging.products import (
    distance,
    mean_of_factors,
    truncated,
    weighted_sum,
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The one adapter that several became.

    Attributes:
        adapter: its factors, scale and rank.
        weights: what each of them counted; of checkpoints they sum to 1.
        errors: by module, how far its product is from the weighted sum of theirs, as a share of
            that sum in Frobenius norms; 0 where it is exact, up to the rounding of the dtype.
    """

    adapter: Lora
    weights: tuple[float, ...]
    errors: Mapping[str, float]

    @property
    def greatest_error(self) -> float:
        """Of any module."""
        return max(self.errors.values())


def average_checkpoints(
    checkpoints: Sequence[Lora],
    weights: Sequence[float],
    *,
    space: Literal["factors", "products"] = "products",
    rank: int | None = None,
) -> Merged:
    """The weighted mean of checkpoints of one run (Choi and Yu 2025 with a rule's weights).

    In ``products`` space it is the mean of what the checkpoints add to each layer. In ``factors``
    space A and B are averaged apart, which keeps the rank and is what averaging state dicts does.
    It is meaningful only for checkpoints that share one initialization, and also there
    (sum w_i B_i)(sum w_i A_i) is not sum w_i B_i A_i; ``errors`` tells by how much.

    Args:
        checkpoints: of one run, so with one rank and scale.
        weights: as a ``WeightRule`` gives them; they are divided by their sum.
        space: which of the two is averaged.
        rank: cuts the mean product to this rank; None leaves it exact, with the rank of all
            checkpoints of any weight together. There is nothing to cut in ``factors`` space.

    Raises:
        InvalidInputError: there are no checkpoints, they differ in modules, shapes, rank or
            scale, the weights are not as many, not finite, negative or all 0, or the rank does
            not fit.
    """
    require_alike(checkpoints)
    _require_one_run(checkpoints)
    _require_weights(checkpoints, weights)
    total = sum(weights)
    shares = tuple(weight / total for weight in weights)
    if space == "products":
        return _summed(checkpoints, shares, rank)
    if space != "factors":
        raise InvalidInputError(f"there is no space {space!r}", hint="Use factors or products.")
    if rank is not None:
        raise InvalidInputError("the mean of factors has their rank already; it cannot be cut")
    return _mean_of_factors(checkpoints, shares)


def merge_adapters(
    adapters: Sequence[Lora],
    weights: Sequence[float],
    *,
    method: str = "exact",
    rank: int | None = None,
) -> Merged:
    """The weighted sum of what adapters of different runs or people add to each layer.

    ``exact`` puts their factors side by side, so that the ranks add up; ``svd`` gives the nearest
    sum of a lower rank. Averaging A and B apart ("linear") is refused: different runs start from
    different A, so (sum w_i B_i)(sum w_i A_i) has every B_i A_j in it.

    Args:
        adapters: for the same layers of one base; ranks and scales may differ.
        weights: used as they are, so that 1 and 1 is the sum of two adapters.
        method: ``exact`` or ``svd``.
        rank: of ``svd``; the greatest of the adapters that weigh anything unless given.

    Raises:
        InvalidInputError: as ``average_checkpoints``, or there is no such method.
    """
    if method == "linear":
        raise InvalidInputError(
            "adapters of different runs cannot be merged factor by factor: it mixes each"
            " one's A with the others' B, since (sum w_i B_i)(sum w_i A_i) is not sum w_i B_i A_i",
            hint="Use exact, or svd for a lower rank.",
        )
    if method not in ("exact", "svd"):
        raise InvalidInputError(f"there is no merge {method!r}", hint="Use exact or svd.")
    if method == "exact" and rank is not None:
        raise InvalidInputError("an exact merge has the rank it has", hint="Use svd for a rank.")
    require_alike(adapters)
    _require_weights(adapters, weights)
    if method == "svd" and rank is None:
        used = [adapter for adapter, weight in zip(adapters, weights, strict=True) if weight > 0]
        rank = max(adapter.rank for adapter in used)
    return _summed(adapters, tuple(weights), rank)


def _summed(adapters: Sequence[Lora], weights: tuple[float, ...], rank: int | None) -> Merged:
    # The first one's scale stays outside, so that an adapter merged alone comes back as it was.
    scale = adapters[0].scale
    inside = [
        weight * (adapter.scale / scale) for weight, adapter in zip(weights, adapters, strict=True)
    ]
    modules: dict[str, Factors] = {}
    errors: dict[str, float] = {}
    for name in adapters[0].modules:
        product = weighted_sum([adapter.modules[name] for adapter in adapters], inside)
        modules[name], errors[name] = (product, 0.0) if rank is None else truncated(product, rank)
    return Merged(Lora(modules, scale), weights, errors)


def _mean_of_factors(checkpoints: Sequence[Lora], weights: tuple[float, ...]) -> Merged:
    modules: dict[str, Factors] = {}
    errors: dict[str, float] = {}
    for name in checkpoints[0].modules:
        parts = [checkpoint.modules[name] for checkpoint in checkpoints]
        modules[name] = mean_of_factors(parts, weights)
        errors[name] = distance(modules[name], to=weighted_sum(parts, weights))
    return Merged(Lora(modules, checkpoints[0].scale), weights, errors)


def _require_one_run(checkpoints: Sequence[Lora]) -> None:
    first = checkpoints[0]
    for place, other in enumerate(checkpoints[1:], start=2):
        if (first.rank, first.scale) != (other.rank, other.scale):
            raise InvalidInputError(
                f"checkpoint 1 has rank {first.rank} and scale {first.scale}, checkpoint {place}"
                f" rank {other.rank} and scale {other.scale}: they are not of one run",
                hint="Merge adapters of different runs with merge_adapters.",
            )


def _require_weights(adapters: Sequence[Lora], weights: Sequence[float]) -> None:
    if len(weights) != len(adapters):
        raise InvalidInputError(f"{len(adapters)} adapters need as many weights: {len(weights)}")
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        raise InvalidInputError(f"weights must be finite and at least 0: {list(weights)}")
    if not any(weights):
        raise InvalidInputError("every weight is 0, so nothing would be left")
