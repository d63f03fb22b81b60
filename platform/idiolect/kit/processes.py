"""What the standard library lacks for a family of processes."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(how: signal.Signals) -> None:
    """Has the kernel send this process a signal when its parent ends in whatever way.

    Linux only; elsewhere nothing happens, and an orphan ends when it next talks to its parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(how))
