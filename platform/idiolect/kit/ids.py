"""Public ids: a prefix that tells the noun, then 26 characters that sort by time."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_TIME_BITS = 48
_RANDOM_BITS = 80


def new_id(prefix: str) -> str:
    """A fresh id such as ``obs_01kb2m...``: 48 bits of milliseconds, 80 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    digits = []
    for _ in range((_TIME_BITS + _RANDOM_BITS + 4) // 5):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"
