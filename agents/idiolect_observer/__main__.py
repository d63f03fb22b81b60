"""``idiolect-observer run``: watches the screens until it is interrupted; off until told."""

import argparse
import signal
import stat
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from idiolect.client import IdiolectClient
from idiolect.client.transport import LOOPBACK_HOSTS
from idiolect.errors import IdiolectError, InvalidInputError
from idiolect_observer.capture import MssScreens
from idiolect_observer.observer import Observer
from idiolect_observer.ocr import RapidOcrText


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; the exit code is 0, or that of the error that ended it."""
    options = _parser().parse_args(arguments)
    try:
        url = _checked_url(options.url)
        key = _read_key(options.key_file)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with IdiolectClient(url, key, sleep=stop.wait) as client:
            observer = Observer(MssScreens(), RapidOcrText(), client)
            observer.run(options.interval_s, stop.wait, stop.is_set)
    except IdiolectError as error:
        sys.stderr.write(f"idiolect-observer: {error.message}. {error.hint}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="idiolect-observer", description=__doc__)
    run = parser.add_subparsers(required=True).add_parser("run", help="watch until interrupted")
    run.add_argument("--url", default="http://127.0.0.1:8765", help="where Idiolect is served")
    run.add_argument(
        "--key-file", type=Path, required=True, help="a file with a key that may observe"
    )
    run.add_argument("--interval-s", type=float, default=5.0, help="seconds between two looks")
    return parser


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
        return url
    raise InvalidInputError(
        f"{url} is neither on this machine nor encrypted",
        hint="Use https://, or http:// with 127.0.0.1.",
    )


def _read_key(path: Path) -> str:
    try:
        others = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        key = path.read_text().strip()
    except OSError as error:
        raise InvalidInputError(
            f"the key file {path} cannot be read", hint="Make a key with `idiolect keys create`."
        ) from error
    if others and sys.platform != "win32":
        raise InvalidInputError(
            f"others may read the key file {path}", hint=f"Run `chmod 600 {path}`."
        )
    return key


if __name__ == "__main__":
    sys.exit(main())
