"""The file that memories travel in: a zip of JSON lines and plain weights under a manifest.

Nothing in it is ever executed or unpickled. What is read is what the manifest lists, by SHA-256:
JSON lines, and the files of blobs as JSON or safetensors; anything else refuses the whole.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from idiolect.errors import ConflictError, InvalidInputError, PayloadTooLargeError
from idiolect.kit.hashing import sha256_json

FORMAT = "idiolect-memories"
VERSION = 1
MANIFEST = "manifest.json"
TABLES = ("memories.jsonl", "links.jsonl", "ratings.jsonl", "events.jsonl")

_BLOB_FILE = re.compile(
    r"blobs/(?P<digest>[0-9a-f]{64})/"
    r"(?P<path>(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.(?:json|safetensors))",
    re.ASCII,
)
_WHEN = (1980, 1, 1, 0, 0, 0)  # the format's first day: equal contents make equal files
_CHUNK = 1 << 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold unpacked; a small file can claim to be anything."""

    members: int = 10_000
    total_bytes: int = 8 << 30
    json_bytes: int = 512 << 20
    line_bytes: int = 4 << 20


_DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was checked whole.

    Attributes:
        hashes: the SHA-256 of each member.
        blobs: by the blob's hash: the paths of its files inside it.
    """

    hashes: Mapping[str, str]
    blobs: Mapping[str, tuple[str, ...]]
    _file: zipfile.ZipFile
    _limits: Limits

    @property
    def content_hash(self) -> str:
        """The hash of what was remembered; the audit, which grows by travelling, is left out."""
        return sha256_json(
            {name: digest for name, digest in self.hashes.items() if name != "events.jsonl"}
        )

    def records(self, table: str) -> Iterator[dict[str, Any]]:
        """The objects of one of ``TABLES``.

        Raises:
            InvalidInputError: a line is no JSON object, is too long, or holds a NUL character.
        """
        with self._file.open(table) as lines:
            number = 0
            while line := lines.readline(self._limits.line_bytes + 1):
                number += 1
                yield _object(line, f"{table}, line {number}", self._limits.line_bytes)

    def extract(self, digest: str, target: Path) -> None:
        """Writes the files of a blob into a folder that is there."""
        for path in self.blobs[digest]:
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open(f"blobs/{digest}/{path}") as source, file.open("wb") as copy:
                for chunk in _chunks(source):
                    copy.write(chunk)


def write_archive(
    target: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]], blobs: Mapping[str, Path]
) -> None:
    """Writes an archive, readable by its owner alone; equal contents give equal bytes.

    Args:
        target: the file to write; it appears whole or not at all.
        tables: the records of each of ``TABLES``.
        blobs: by their hash: the folders of the files.

    Raises:
        ConflictError: files of a blob are gone, or are neither JSON nor safetensors.
    """
    unfinished = target.with_name(f".unfinished-{target.name}")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    try:
        with zipfile.ZipFile(unfinished, "w") as file:
            members = {name: _write(file, name, map(_line, tables[name])) for name in TABLES}
            for digest, folder in sorted(blobs.items()):
                for name, path in _blob_files(digest, folder):
                    with path.open("rb") as source:
                        members[name] = _write(file, name, _chunks(source))
            manifest = {"format": FORMAT, "version": VERSION, "members": members}
            _write(file, MANIFEST, [json.dumps(manifest, indent=1, sort_keys=True).encode()])
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def open_archive(source: Path, limits: Limits = _DEFAULT) -> Iterator[Archive]:
    """Opens an archive after checking every name, size, type and hash in it.

    Raises:
        InvalidInputError: it is no archive of this version, was changed, or holds what it must
            not hold.
        PayloadTooLargeError: unpacked, it would be more than the limits allow.
    """
    with ExitStack() as stack:
        with _as_refusals():
            if source.stat().st_size > limits.total_bytes:
                raise PayloadTooLargeError("the archive is too large")
            file = stack.enter_context(zipfile.ZipFile(source))
            infos = _listed(file, limits)
            hashes = _manifest(file, infos, limits)
            for name, digest in hashes.items():
                _require_intact(file, infos[name], digest)
        yield Archive(hashes, _grouped(hashes), file, limits)


@contextmanager
def _as_refusals() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _refused(f"the file is no sound archive: {error}") from error


def _listed(file: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    infos = file.infolist()
    if len(infos) > limits.members:
        raise PayloadTooLargeError(f"the archive holds {len(infos)} files")
    if sum(info.file_size for info in infos) > limits.total_bytes:
        raise PayloadTooLargeError(f"unpacked, the archive is over {limits.total_bytes} bytes")
    for info in infos:
        known = info.filename in (MANIFEST, *TABLES) or _BLOB_FILE.fullmatch(info.filename)
        if not known:
            raise _refused(f"the archive holds {info.filename!r}, which is not one of its files")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
            raise _refused(f"{info.filename} is packed in a way that is not read")
        if not info.filename.endswith(".safetensors") and info.file_size > limits.json_bytes:
            raise PayloadTooLargeError(f"{info.filename} is over {limits.json_bytes} bytes")
    listed = {info.filename: info for info in infos}
    if len(listed) < len(infos):
        raise _refused("the archive holds two files of one name")
    return listed


def _manifest(
    file: zipfile.ZipFile, infos: Mapping[str, zipfile.ZipInfo], limits: Limits
) -> dict[str, str]:
    if MANIFEST not in infos:
        raise _refused("the archive has no manifest")
    content = _object(file.read(MANIFEST), MANIFEST, limits.json_bytes)
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise _refused(
            f"the archive is of format {content.get('format')!r}, version "
            f"{content.get('version')!r}; {FORMAT} {VERSION} is read here"
        )
    members = content.get("members")
    if not isinstance(members, dict) or set(members) != set(infos) - {MANIFEST}:
        raise _refused("the manifest does not list what the archive holds")
    if missing := set(TABLES) - set(members):
        raise _refused(f"the archive has no {sorted(missing)[0]}")
    return {name: str(digest) for name, digest in members.items()}


def _require_intact(file: zipfile.ZipFile, info: zipfile.ZipInfo, digest: str) -> None:
    found = hashlib.sha256()
    with file.open(info) as source:
        for chunk in _chunks(source):
            found.update(chunk)
    if found.hexdigest() != digest:
        raise _refused(f"{info.filename} is not what the manifest says: it was changed")
    if info.filename.endswith(".safetensors"):
        with file.open(info) as source:
            _require_safetensors(source, info)
    elif info.filename.endswith(".json"):
        _parsed(file.read(info), info.filename)


def _require_safetensors(source: IO[bytes], info: zipfile.ZipInfo) -> None:
    """The format's beginning: the header's length in 8 bytes, then the header, a JSON object."""
    length = int.from_bytes(source.read(_LENGTH_BYTES), "little")
    if not 0 < length <= min(info.file_size - _LENGTH_BYTES, 100 << 20):
        raise _refused(f"{info.filename} is not in the safetensors format")
    if not isinstance(_parsed(source.read(length), info.filename), dict):
        raise _refused(f"{info.filename} is not in the safetensors format")


def _grouped(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = {}
    for name in names:
        if found := _BLOB_FILE.fullmatch(name):
            grouped.setdefault(found["digest"], []).append(found["path"])
    return {digest: tuple(paths) for digest, paths in grouped.items()}


def _blob_files(digest: str, folder: Path) -> Iterator[tuple[str, Path]]:
    if not folder.is_dir():
        raise ConflictError(
            f"the files of blob {digest} are gone", hint="Delete the memory that they belong to."
        )
    for path in sorted(entry for entry in folder.rglob("*") if entry.is_file()):
        name = f"blobs/{digest}/{PurePosixPath(path.relative_to(folder))}"
        if not _BLOB_FILE.fullmatch(name):
            raise ConflictError(
                f"{path.name} is neither JSON nor safetensors and does not travel",
                hint="Delete the memory that it belongs to, or export it again as safetensors.",
            )
        yield name, path


def _write(file: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> str:
    info = zipfile.ZipInfo(name, _WHEN)
    packs_well = not name.endswith(".safetensors")
    info.compress_type = zipfile.ZIP_DEFLATED if packs_well else zipfile.ZIP_STORED
    info.external_attr = 0o600 << 16
    digest = hashlib.sha256()
    with file.open(info, "w", force_zip64=True) as member:
        for chunk in chunks:
            digest.update(chunk)
            member.write(chunk)
    return digest.hexdigest()


def _line(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{text}\n".encode()


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk


def _object(line: bytes, where: str, limit_bytes: int) -> dict[str, Any]:
    if len(line) > limit_bytes:
        raise PayloadTooLargeError(f"{where} is over {limit_bytes} bytes")
    if b"\x00" in line or b"\\u0000" in line:
        raise _refused(f"{where} holds a NUL character")
    found = _parsed(line, where)
    if not isinstance(found, dict):
        raise _refused(f"{where} is no JSON object")
    return found


def _parsed(content: bytes, where: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _refused(f"{where} is no JSON: {type(error).__name__}") from error


def _refused(message: str) -> InvalidInputError:
    return InvalidInputError(
        message, hint="Export the memories again; nothing of this file was taken in."
    )
