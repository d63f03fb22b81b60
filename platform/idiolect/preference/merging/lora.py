"""One adapter as the factors of what it adds to each layer, under PEFT's names."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from idiolect.errors import InvalidInputError

_A, _B = ".lora_A.weight", ".lora_B.weight"


@dataclass(frozen=True, slots=True)
class Factors:
    """A matrix [out, in] as the product ``b @ a`` of ``b`` [out, rank] and ``a`` [rank, in]."""

    a: Tensor
    b: Tensor

    @property
    def rank(self) -> int:
        """How many columns ``b`` and rows ``a`` has; the product's rank is at most this."""
        return self.a.shape[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Of the product: (out, in)."""
        return (self.b.shape[0], self.a.shape[1])


@dataclass(frozen=True, slots=True)
class Lora:
    """A plain LoRA adapter: each module's layer W becomes W + scale * B A (Hu et al. 2021, eq. 3).

    Attributes:
        modules: the factors by module, all of one rank.
        scale: alpha / rank; with rank-stabilized LoRA alpha / sqrt(rank).
    """

    modules: Mapping[str, Factors]
    scale: float

    @classmethod
    def read(cls, tensors: Mapping[str, Tensor], scale: float) -> "Lora":
        """Reads what ``get_peft_model_state_dict`` gives.

        Args:
            tensors: ``<module>.lora_A.weight`` [rank, in] and ``<module>.lora_B.weight``
                [out, rank] of every module.
            scale: alpha / rank, which PEFT keeps in the adapter's configuration.

        Raises:
            InvalidInputError: a factor is missing, is no matrix, does not fit its partner or is
                not finite; the ranks differ between modules; there are other tensors, such as
                DoRA's magnitudes; or the scale is not a finite number other than 0.
        """
        if not math.isfinite(scale) or scale == 0:
            raise InvalidInputError(f"the adapter's scale is {scale}, not a finite number beside 0")
        names = [name.removesuffix(_A) for name in tensors if name.endswith(_A)]
        strange = set(tensors) - {name + end for name in names for end in (_A, _B)}
        if strange or not names:
            raise InvalidInputError(
                f"the adapter has {len(strange)} tensors that are no pair of LoRA factors"
                + (f", such as {min(strange)}" if strange else ", or none at all"),
                hint="Only plain LoRA on linear layers can be merged.",
            )
        modules = {name: _factors(name, tensors) for name in names}
        ranks = sorted({factors.rank for factors in modules.values()})
        if len(ranks) > 1:
            raise InvalidInputError(
                f"the adapter's modules have different ranks: {', '.join(map(str, ranks))}",
                hint="Only adapters of one rank and scale for all modules can be merged.",
            )
        return cls(modules, scale)

    @property
    def rank(self) -> int:
        """Of every module."""
        return next(iter(self.modules.values())).rank

    @property
    def alpha(self) -> float:
        """scale * rank, PEFT's ``lora_alpha`` without rank stabilization."""
        return self.scale * self.rank

    def tensors(self) -> dict[str, Tensor]:
        """Under PEFT's names, as ``set_peft_model_state_dict`` takes them."""
        state: dict[str, Tensor] = {}
        for name, factors in self.modules.items():
            state[name + _A], state[name + _B] = factors.a, factors.b
        return state


def require_alike(adapters: Sequence[Lora]) -> None:
    """Refuses adapters that do not act on the same layers.

    Raises:
        InvalidInputError: there are none, their modules differ, or a module's shape does.
    """
    if not adapters:
        raise InvalidInputError("there are no adapters or checkpoints to merge")
    first = adapters[0]
    for place, other in enumerate(adapters[1:], start=2):
        unmatched = set(first.modules) ^ set(other.modules)
        if unmatched:
            raise InvalidInputError(
                f"adapters 1 and {place} act on different modules, such as {min(unmatched)}",
                hint="Merge adapters with the same target modules.",
            )
        for name, factors in first.modules.items():
            if factors.shape != other.modules[name].shape:
                raise InvalidInputError(
                    f"module {name} has the shape {factors.shape} in adapter 1 and"
                    f" {other.modules[name].shape} in adapter {place}",
                    hint="Merge adapters of the same base model.",
                )


def _factors(name: str, tensors: Mapping[str, Tensor]) -> Factors:
    a, b = tensors[name + _A], tensors.get(name + _B)
    if b is None:
        raise InvalidInputError(f"module {name} has a factor A and no B")
    if a.dim() != 2 or b.dim() != 2 or a.shape[0] != b.shape[1] or not a.shape[0]:
        raise InvalidInputError(
            f"the factors of module {name} do not fit: A {tuple(a.shape)}, B {tuple(b.shape)}"
        )
    if not bool(torch.isfinite(a).all() & torch.isfinite(b).all()):
        raise InvalidInputError(f"the factors of module {name} are not finite")
    return Factors(a, b)
