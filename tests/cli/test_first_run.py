"""The first run makes a private store with one user and key; the next ones find it again."""

import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from idiolect.cli.up import only_one, parts, prepare, supervisor
from idiolect.errors import ConflictError
from idiolect.kit.clock import utc_now
from idiolect.kit.secret_files import read_or_make_secret
from idiolect.settings import ApiSettings, ModelSettings, Settings
from idiolect.store.database import Database
from idiolect.store.repositories.user import SCOPES, authenticate, list_users


def test_the_first_run_makes_a_key_that_works_and_is_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    first = prepare(settings)
    assert first.is_new
    database = Database(settings.database)
    with database.transaction() as session:
        found = authenticate(session, first.key, utc_now())
        assert found is not None
        assert set(found[1].scopes) == SCOPES
    kept = settings.data_dir / "secrets" / "first-key"
    assert kept.read_text().strip() == first.key
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
    again = prepare(settings)
    assert (again.key, again.is_new) == (first.key, False)
    kept.unlink()
    assert prepare(settings).is_new
    with database.transaction() as session:
        assert len(list_users(session)) == 1
    database.close()


def test_a_second_one_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with only_one(settings):
        with pytest.raises(ConflictError) as error, only_one(settings):
            pass
        assert error.value.reason_code == "ALREADY_UP"
    with only_one(settings):
        pass


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = Settings(data_dir=tmp_path, api=ApiSettings(port=port))
        with pytest.raises(ConflictError) as error:
            supervisor(settings)
    assert (error.value.reason_code, error.value.exit_code) == ("PORT_IN_USE", 5)
    assert str(port) in error.value.message
    assert "IDIOLECT_API__PORT" in error.value.hint


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("bundled", ["api", "worker", "model"]),
        ("local", ["api", "worker", "model"]),
        ("endpoint", ["api", "worker"]),
    ],
)
def test_the_model_server_runs_only_where_the_model_is_ours(
    tmp_path: Path, kind: str, names: list[str]
) -> None:
    settings = Settings(data_dir=tmp_path, model=ModelSettings(kind=kind))  # type: ignore[arg-type] # a parameter
    assert [part.name for part in parts(settings)] == names


def test_a_child_reads_the_very_settings_of_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = Settings(
        data_dir=tmp_path,
        api=ApiSettings(port=9001, hosts=("idiolect.example", "api")),
        model=ModelSettings.model_validate({"kind": "endpoint", "api_key": "k", "timeout_s": 1.5}),
    )
    for name, value in parent.as_environment().items():
        if name.startswith("IDIOLECT_"):
            monkeypatch.setenv(name, value)
    assert Settings() == parent


def test_of_many_who_make_a_secret_all_get_the_same(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "key"
    with ThreadPoolExecutor(8) as pool:
        got = set(pool.map(read_or_make_secret, [file] * 32))
    assert got == {file.read_text().strip()}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["key"]
