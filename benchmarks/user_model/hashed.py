"""Vectors that cost nothing: a text's words, each thrown into one of 384 places by its hash.

Texts that share words are near each other, which is all that an engine's work depends on.
"""

import re
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np

DIMENSIONS = 384
NAME = "hashed-384"
_WORD = re.compile(r"\w+")


@cache
def _place(word: str) -> tuple[int, float]:
    """Where a word counts, and with which sign, so that strangers in one place cancel out."""
    number = zlib.crc32(word.encode())
    return number % DIMENSIONS, 1.0 if number & 0x10000 else -1.0


def hashed(text: str) -> list[float]:
    """A unit vector; the text without a word has one, too."""
    vector = np.zeros(DIMENSIONS)
    vector[0] = 1e-6
    for word in _WORD.findall(text.casefold()):
        place, sign = _place(word)
        vector[place] += sign
    unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
    return unit


class HashedEmbedder:
    """An ``Embedder`` in this process, with the vectors that the endpoint gives, too."""

    name = NAME

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [hashed(text) for text in texts]
