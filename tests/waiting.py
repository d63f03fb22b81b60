"""Waiting for another process, by looking and not by sleeping for long."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 60.0


def wait_until(true: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Looks until something holds; fails, naming it, when it never does."""
    until = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < until, f"never: {what}"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether a process runs; on Linux one that waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
