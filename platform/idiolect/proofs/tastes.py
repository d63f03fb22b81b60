"""What somebody likes in a reply: a utility over its manner, which a program can check."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import torch
from torch import Tensor

_MARKS: Mapping[str, str] = {
    "cheer": "!",
    "emoji": "[\U0001f300-\U0001faff\u2600-\u27bf]",
    "list": r":|\n",
    "address": r"\b[Yy]ou",
    "self": r"\bI\b",
    "comma": ",",
}


def _letters_per_word(text: str) -> float:
    return fmean(map(len, text.split() or [""]))


def _has(mark: str) -> Callable[[str], float]:
    return lambda text: float(re.search(mark, text) is not None)


ATTRIBUTES: Mapping[str, Callable[[str], float]] = {
    **{name: _has(mark) for name, mark in _MARKS.items()},
    "letters": _letters_per_word,
}
"""What a taste can look at; the last one takes so many values that few replies tie."""


def attributes(texts: Sequence[str]) -> Tensor:
    """``[n, attributes]``."""
    return torch.tensor(
        [[measure(text) for measure in ATTRIBUTES.values()] for text in texts],
        dtype=torch.float64,
    )


@dataclass(frozen=True, slots=True)
class Taste:
    """A linear utility over standardized attributes, with a mean of 0 over the reference's replies.

    Attributes:
        mean: of each attribute over those replies.
        deviation: its standard deviation there.
        weights: what a deviation is worth.
    """

    mean: Tensor
    deviation: Tensor
    weights: Tensor

    @classmethod
    def draw(cls, texts: Sequence[str], random: torch.Generator, spread: float) -> "Taste":
        """Weights from a normal distribution.

        Args:
            texts: the reference's replies.
            spread: the utility's standard deviation over them.
        """
        return cls.of(
            texts, torch.randn(len(ATTRIBUTES), generator=random, dtype=torch.float64), spread
        )

    @classmethod
    def of(cls, texts: Sequence[str], weights: Tensor, spread: float) -> "Taste":
        values = attributes(texts)
        plain = cls(values.mean(0), values.std(0).clamp(min=0.05), weights)
        return replace(plain, weights=weights * spread / plain(texts).std())

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """What each reply is worth, ``[n]``."""
        return self.standardized(texts) @ self.weights

    def standardized(self, texts: Sequence[str]) -> Tensor:
        """Attributes in deviations from the mean, ``[n, attributes]``."""
        return (attributes(texts) - self.mean) / self.deviation
