"""Blobs: content-addressed, whole or absent, verifiable."""

import hashlib
from pathlib import Path

import pytest

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.store.blobs import BlobStore


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """A folder with one file beside and one below."""
    folder = tmp_path / "adapter"
    (folder / "cards").mkdir(parents=True)
    (folder / "weights").write_bytes(b"\x00\x01")
    (folder / "cards" / "card.json").write_text("{}")
    return folder


def test_the_key_is_the_hash_of_names_and_contents(store: BlobStore, adapter: Path) -> None:
    card, weights = hashlib.sha256(b"{}").hexdigest(), hashlib.sha256(b"\x00\x01").hexdigest()
    listing = f"{card}  cards/card.json\n{weights}  weights\n"
    digest = hashlib.sha256(listing.encode()).hexdigest()
    key = store.put_dir(adapter)
    assert key == f"sha256/{digest[:2]}/{digest}"
    assert (store.path(key) / "weights").read_bytes() == b"\x00\x01"
    assert (store.path(key) / "cards" / "card.json").read_text() == "{}"


def test_equal_folders_are_kept_once(store: BlobStore, adapter: Path, tmp_path: Path) -> None:
    key = store.put_dir(adapter)
    adapter.rename(tmp_path / "another name")
    assert store.put_dir(tmp_path / "another name") == key
    assert [p.name for p in (tmp_path / "blobs").iterdir()] == ["sha256"]


def test_a_changed_byte_is_noticed(store: BlobStore, adapter: Path) -> None:
    key = store.put_dir(adapter)
    assert store.verify(key)
    (store.path(key) / "weights").write_bytes(b"\x00\x02")
    assert not store.verify(key)


def test_deleting(store: BlobStore, adapter: Path) -> None:
    key = store.put_dir(adapter)
    store.delete(key)
    assert not store.verify(key)
    with pytest.raises(NotFoundError):
        store.delete(key)
    assert store.put_dir(adapter) == key


@pytest.mark.parametrize(
    "key", ["", "../../etc", f"sha256/aa/{'b' * 64}", f"sha256/aa/{'a' * 64}/..", "sha256/aa/aa"]
)
def test_a_key_cannot_lead_elsewhere(store: BlobStore, key: str) -> None:
    with pytest.raises(InvalidInputError):
        store.path(key)


def test_only_folders_of_plain_files(store: BlobStore, adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInputError, match="holds no file"):
        store.put_dir(tmp_path / "empty")
    with pytest.raises(InvalidInputError, match="not a folder"):
        store.put_dir(adapter / "weights")
    (adapter / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidInputError, match="link"):
        store.put_dir(adapter)
