"""Secrets in files that only their owner can read."""

import os
import secrets
from pathlib import Path


def write_secret(path: Path, secret: str) -> None:
    """Writes a secret, whole or not at all, readable by its owner only."""
    _unfinished(path, secret).rename(path)


def read_secret(path: Path) -> str | None:
    """The secret, None when there is no such file."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return None


def read_or_make_secret(path: Path) -> str:
    """The secret, which is made of 256 random bits when there is none yet.

    Of several processes that come at once, all get the same one.
    """
    found = read_secret(path)
    if found is not None:
        return found
    made = secrets.token_urlsafe(32)
    unfinished = _unfinished(path, made)
    try:
        path.hardlink_to(unfinished)  # unlike a rename, it fails when another was quicker
    except FileExistsError:
        return path.read_text().strip()
    finally:
        unfinished.unlink()
    return made


def _unfinished(path: Path, secret: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secret}\n")
    return unfinished
