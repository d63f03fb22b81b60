"""A machine within the machine: a home, a user and a network of the recorded person's own."""

import sys
from collections.abc import Sequence
from pathlib import Path

HOME = Path("/home/marta")
_HOST_NAME = "foz"
_USER_ID = "1000"
_REPOSITORY = Path(__file__).resolve().parent.parent


def command_inside(arguments: Sequence[str], out: Path) -> list[str]:
    """The command that runs this Python with ``arguments`` inside bubblewrap.

    Inside, ``HOME`` and /tmp are empty folders in memory, the user is an ordinary one, the network
    has loopback alone, and whatever still runs when the recorder ends is ended with it. The
    repository and ``out`` are as they are outside.
    """
    own_home, here, result = str(Path.home()), str(_REPOSITORY), str(out.resolve())
    options = [
        *("--dev-bind", "/", "/", "--proc", "/proc"),
        *("--tmpfs", "/home", "--tmpfs", "/tmp", "--bind", own_home, own_home),
        *("--bind", here, here, "--bind", result, result),
        *("--dir", str(HOME), "--chdir", here),
        *("--unshare-user", "--uid", _USER_ID, "--gid", _USER_ID),
        *("--unshare-uts", "--hostname", _HOST_NAME),
        *("--unshare-net", "--unshare-pid", "--die-with-parent"),
    ]
    return ["bwrap", *options, sys.executable, *arguments]
