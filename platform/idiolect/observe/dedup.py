"""Near-identical screens: a 64-bit SimHash finds candidates, their words decide.

SimHash: M. Charikar, Similarity estimation techniques from rounding algorithms, STOC 2002: each
word's hash votes on each of 64 bits, and the sign of a bit's votes is the bit, so that texts with
most words in common differ in few bits.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

import numpy as np

WINDOW = timedelta(minutes=30)
"""Within this time a screen that says nothing new is dropped; after it, it is news again."""

MAX_BITS = 16
"""Candidates differ in at most this many of 64 bits; unrelated texts differ in about 32."""

_WORD = re.compile(r"[^\W\d_]{2,}")
_BITS = 64
_HALF = 1 << (_BITS - 1)


def fingerprint(text: str) -> int:
    """The SimHash of a text's words as a signed 64-bit number, which databases can hold.

    Words are runs of two or more letters: a clock or a counter that moves on changes nothing.
    """
    counts = _counts(text)
    if not counts:
        return 0
    hashes = b"".join(
        hashlib.blake2b(word.encode(), digest_size=_BITS // 8).digest() for word in counts
    )
    bits = np.unpackbits(np.frombuffer(hashes, np.uint8)).reshape(len(counts), _BITS)
    votes = np.array(list(counts.values())) @ (2 * bits.astype(np.int64) - 1)
    unsigned = int.from_bytes(np.packbits(votes > 0).tobytes())
    return unsigned - 2 * _HALF if unsigned >= _HALF else unsigned


def distance(left: int, right: int) -> int:
    """In how many of the 64 bits two fingerprints differ."""
    return ((left ^ right) & (2 * _HALF - 1)).bit_count()


def says_nothing_new(text: str, earlier: str) -> bool:
    """Whether a screen adds to what an earlier one said at most one word in 75.

    The share is for misread words; a screen of fewer words must add none.
    """
    words = _counts(text)
    return (words - _counts(earlier)).total() <= words.total() // 75


@lru_cache(maxsize=64)  # a screen is held against several, and these against the next one
def _counts(text: str) -> Counter[str]:
    return Counter(_words(text))


def _words(text: str) -> Sequence[str]:
    return [word.lower() for word in _WORD.findall(text)]
