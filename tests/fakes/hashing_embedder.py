"""An embedder for tests: bags of words, so that likeness can be told by counting words."""

import math
import re
import zlib
from collections.abc import Sequence

DIMENSIONS = 256
_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """Counts words by a hash; two texts are as alike as the words they share."""

    name = "hashing-256"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text."""
        return [_vector(text) for text in texts]


def _vector(text: str) -> list[float]:
    counts = [0.0] * DIMENSIONS
    for word in _WORD.findall(text.casefold()):
        counts[zlib.crc32(word.encode()) % DIMENSIONS] += 1.0
    length = math.sqrt(sum(count * count for count in counts)) or 1.0
    return [count / length for count in counts]
