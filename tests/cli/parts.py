"""Little programs for a supervisor to run."""

import sys
from pathlib import Path

from idiolect.cli.supervisor import Part

READY = "open({path!r}, 'w').write(str(os.getpid()))"


def lasting(folder: Path, name: str) -> Part:
    """Becomes ready by writing its process id to a file, then does nothing until it is ended."""
    file = folder / name
    program = f"import os, time; {READY.format(path=str(file))}; time.sleep(600)"
    return Part(name, (sys.executable, "-c", program), lambda: pid_in(file) is not None)


def stubborn(folder: Path, name: str) -> Part:
    """As ``lasting``, but deaf to SIGTERM, and with a child of its own."""
    file, child = folder / name, folder / f"{name}-child"
    program = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n"
        f"    {READY.format(path=str(child))}\n"
        "    time.sleep(600)\n"
        f"{READY.format(path=str(file))}\n"
        "time.sleep(600)\n"
    )
    return Part(name, (sys.executable, "-c", program), lambda: pid_in(file) is not None)


def dying(name: str) -> Part:
    """Ends at once."""
    return Part(name, (sys.executable, "-c", "raise SystemExit('no good')"), lambda: False)


def pid_in(file: Path) -> int | None:
    """The process id in a file, None while it is not whole."""
    return int(text) if file.exists() and (text := file.read_text()) else None
