"""A folder appears whole or not at all."""

from pathlib import Path

import pytest

from idiolect.kit.files import new_folder, remove_unfinished


def test_the_folder_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "made" / "folder"
    with new_folder(target) as folder:
        (folder / "file").write_text("text")
        assert not target.exists()
    assert (target / "file").read_text() == "text"
    assert [path.name for path in target.parent.iterdir()] == ["folder"]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_folder(tmp_path / "folder") as folder:
            (folder / "file").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileExistsError), new_folder(tmp_path / "folder"):
        pass


def test_remains_of_killed_processes_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-1-folder").mkdir()
    (tmp_path / "folder").mkdir()
    remove_unfinished(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
