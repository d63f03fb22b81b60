"""How many calls of a language model a piece of work may take.

The limit is one of the work, not of whoever asks: a judge, a proposer and a relater know nothing of
each other, and each may want an answer mended. So the context carries it, and who is about to ask
about the work takes a call from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_left: ContextVar[int | None] = ContextVar("calls_left", default=None)


@contextmanager
def at_most(calls: int) -> Iterator[None]:
    """Limits the calls that are taken within, in this thread."""
    token = _left.set(calls)
    try:
        yield
    finally:
        _left.reset(token)


def take_call() -> bool:
    """Takes one of the calls that are left and tells whether there was one; without limit, yes."""
    left = _left.get()
    if left is None:
        return True
    _left.set(max(0, left - 1))
    return left > 0
