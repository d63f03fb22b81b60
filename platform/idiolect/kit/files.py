"""Folders that appear whole or not at all, also when the power fails."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".unfinished-"


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Gives a folder to fill and renames it to ``target`` when the block ends.

    Everything is flushed to the disk before the rename and the rename itself after it, so a
    process that is killed leaves either the whole folder or none of that name. A block that
    raises leaves nothing.

    Raises:
        FileExistsError: ``target`` is there already.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise FileExistsError(target)
    unfinished = target.with_name(f"{_UNFINISHED}{os.getpid()}-{target.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        yield unfinished
        for path in (*unfinished.rglob("*"), unfinished):
            _flush(path)
        unfinished.rename(target)
        _flush(target.parent)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def remove_unfinished(parent: Path) -> None:
    """Removes what killed processes left of folders in ``parent``."""
    for path in parent.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(path)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
