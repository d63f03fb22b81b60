"""What can be told of a text without reading it."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

_WIDE_MARKS = "\u3002\uff01\uff1f"  # the full-width ones of Chinese and Japanese
_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d+[.)])[ \t]+\S", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+\S", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__|`[^`\n]+`")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff]")
_SENTENCE_END = re.compile(rf"[.!?]+(?=\s|$)|[{_WIDE_MARKS}]+")


def surface_features(texts: Sequence[str]) -> Tensor:
    """The surface features of texts, ``[n, k]`` in double precision, in the order of ``FEATURES``.

    Counts enter as log(1 + count), since twice as long is as telling at any length; the rest are
    shares of the characters, between 0 and 1, or mean lengths.
    """
    rows = [[feature(text) for feature in FEATURES.values()] for text in texts]
    return torch.tensor(rows, dtype=torch.float64).reshape(len(texts), len(FEATURES))


def _count(pattern: re.Pattern[str]) -> Callable[[str], float]:
    return lambda text: math.log1p(len(pattern.findall(text)))


def _share(characters: str) -> Callable[[str], float]:
    return lambda text: sum(map(text.count, characters)) / max(1, len(text))


def _words(text: str) -> float:
    return math.log1p(len(text.split()))


def _mean_word(text: str) -> float:
    words = text.split()
    return sum(map(len, words)) / max(1, len(words))


def _mean_sentence(text: str) -> float:
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    return math.log1p(len(text.split()) / sentences)


def _capitals(text: str) -> float:
    letters = [character for character in text if character.isalpha()]
    return sum(map(str.isupper, letters)) / max(1, len(letters))


def _starts_upper(text: str) -> float:
    return float(next((letter.isupper() for letter in text if letter.isalpha()), False))


def _ends_with_mark(text: str) -> float:
    return float(text.rstrip().endswith(tuple(".!?" + _WIDE_MARKS)))


def _digits(text: str) -> float:
    return sum(map(str.isdigit, text)) / max(1, len(text))


FEATURES: Mapping[str, Callable[[str], float]] = {
    "characters": lambda text: math.log1p(len(text)),
    "words": _words,
    "mean word length": _mean_word,
    "mean sentence length": _mean_sentence,
    "newlines": lambda text: math.log1p(text.count("\n")),
    "list items": _count(_ITEM),
    "headings": _count(_HEADING),
    "emphasis": _count(_EMPHASIS),
    "emoji": _count(_EMOJI),
    "question marks": lambda text: math.log1p(text.count("?")),
    "exclamation marks": lambda text: math.log1p(text.count("!")),
    "commas": _share(","),
    "periods": _share("."),
    "colons": _share(":;"),
    "dashes": _share("-–—"),  # noqa: RUF001 - three dashes that are meant to differ
    "quotes": _share("\"'“”‘’"),  # noqa: RUF001 - straight and curly quotes alike
    "brackets": _share("()[]{}"),
    "digits": _digits,
    "capitals": _capitals,
    "starts with a capital": _starts_upper,
    "ends with a mark": _ends_with_mark,
}
