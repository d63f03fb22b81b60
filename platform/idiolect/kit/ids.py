"""Public ids: a prefix that tells the noun, then 26 characters that sort by time."""

import secrets
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_TIME_BITS = 48
_RANDOM_BITS = 80
_STEP_BITS = 64  # wide, so that an id does not tell the next one

_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """A fresh id such as ``obs_01kb2m...``: 48 bits of milliseconds, 80 random bits.

    The ids that one process makes sort in the order in which it made them, also those of
    one millisecond: what is read "oldest first" needs no counter of its own.
    """
    global _last
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
    with _lock:
        if number <= _last:
            number = _last + 1 + secrets.randbits(_STEP_BITS)
        _last = number
    digits = []
    for _ in range((_TIME_BITS + _RANDOM_BITS + 4) // 5):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"
