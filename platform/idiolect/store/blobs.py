"""Folders of files, named by their content: adapters' weights and cards."""

import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.kit.hashing import sha256_file

_KEY = re.compile(r"sha256/([0-9a-f]{2})/(\1[0-9a-f]{62})")


class BlobStore:
    """Keeps copies of folders; equal folders are kept once, and a kept one never changes.

    Args:
        root: the folder that holds everything; made when it is missing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_dir(self, source: Path) -> str:
        """Copies a folder in and returns its key, ``sha256/ab/abcdef...``.

        It is there whole or not at all, also after a power cut.

        Raises:
            InvalidInputError: ``source`` is no folder, is empty, or holds a link.
        """
        key = f"sha256/{(digest := hash_dir(source))[:2]}/{digest}"
        target = self.path(key)
        if target.is_dir():
            return key
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._root) as work:
            copy = Path(work) / "copy"
            shutil.copytree(source, copy)
            _sync(copy)
            try:
                copy.rename(target)
            except OSError:
                if not target.is_dir():  # else another process has just put the same folder
                    raise
            _sync_dir(target.parent)
        return key

    def path(self, key: str) -> Path:
        """Where a key's folder is, or would be.

        Raises:
            InvalidInputError: the key is not of the form that ``put_dir`` gives.
        """
        if not _KEY.fullmatch(key):
            raise InvalidInputError("the blob key is not of the form sha256/ab/abcdef...")
        return self._root / key

    def verify(self, key: str) -> bool:
        """Whether the folder is there and its content still has the key's hash."""
        folder = self.path(key)
        return folder.is_dir() and hash_dir(folder) == folder.name

    def delete(self, key: str) -> None:
        """Removes a folder.

        Raises:
            NotFoundError: it is not there.
        """
        folder = self.path(key)
        if not folder.is_dir():
            raise NotFoundError(f"there is no blob {key}")
        # Renamed first, so that nobody meets half a folder under the key.
        with tempfile.TemporaryDirectory(dir=self._root) as work:
            folder.rename(Path(work) / "deleted")


def hash_dir(folder: Path) -> str:
    """Hex SHA-256 over the files' relative names and contents, in the order of the names.

    Raises:
        InvalidInputError: it is no folder, holds no file, or holds a link.
    """
    if not folder.is_dir():
        raise InvalidInputError(f"{folder.name} is not a folder")
    entries = sorted(folder.rglob("*"))
    if any(entry.is_symlink() for entry in entries):
        raise InvalidInputError(f"{folder.name} holds a link; only plain files are kept")
    files = [entry for entry in entries if entry.is_file()]
    if not files:
        raise InvalidInputError(f"{folder.name} holds no file")
    lines = [f"{sha256_file(file)}  {file.relative_to(folder).as_posix()}\n" for file in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sync(folder: Path) -> None:
    for entry in folder.rglob("*"):
        if entry.is_file():
            with entry.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _sync_dir(entry)
    _sync_dir(folder)


def _sync_dir(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
