"""Indexing while the server answers already: a thread that ends with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import structlog

from idiolect.handbook.handbook import Handbook

_LOG = structlog.get_logger(__name__)


@contextmanager
def indexing(handbook: Handbook | None) -> Iterator[None]:
    """Indexes the handbook beside the block, if there is one; leaving the block ends it.

    Until it is indexed, replies have no notes. Should it fail, they have none either, the log
    says why, and the next start tries again.
    """
    if handbook is None:
        yield
        return
    stop = Event()
    thread = Thread(target=_index, args=(handbook, stop), name="handbook", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _index(handbook: Handbook, stop: Event) -> None:
    try:
        handbook.index(stop.is_set)
    except Exception as error:  # nobody would hear of it: it is all that the thread does
        _LOG.warning("handbook.not_indexed", error=type(error).__name__, detail=str(error))
