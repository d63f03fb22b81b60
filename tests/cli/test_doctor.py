"""The doctor tells the state of every part, and of each failing one how to mend it."""

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.cli.doctor import (
    CHECKS,
    check_database,
    check_disk,
    check_migrations,
    check_model,
    check_page,
    check_ports,
    check_queue,
    examine,
)
from idiolect.kit import resources
from idiolect.settings import ApiSettings, ModelSettings, QueueSettings, Settings
from idiolect.store.database import Database


def test_a_new_machine_fails_with_3_and_every_failing_line_says_how_to_mend_it() -> None:
    answer = CliRunner().invoke(app, ["doctor", "--json"])
    assert answer.exit_code == 3
    report = json.loads(answer.output)
    assert [one["name"] for one in report["checks"]] == list(CHECKS)
    assert not report["ok"]
    assert all(one["mend"] for one in report["checks"] if not one["ok"])
    database = next(one for one in report["checks"] if one["name"] == "database")
    assert database["mend"] == "idiolect up"


def test_a_migrated_database_is_well_and_an_older_one_is_told_to_migrate(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    database = Database(settings.database)
    database.migrate()
    assert examine("database", check_database, settings).ok
    assert examine("migrations", check_migrations, settings).ok
    database.downgrade("base")
    database.close()
    found = examine("migrations", check_migrations, settings)
    assert (found.ok, found.mend) == (False, "idiolect migrate")


def test_a_database_server_that_is_away_is_named_without_its_password() -> None:
    settings = Settings(database_url="postgresql://me:hunter2@127.0.0.1:9/idiolect")
    found = examine("database", check_database, settings)
    assert not found.ok
    assert "127.0.0.1:9" in found.detail
    assert "hunter2" not in found.detail


def test_a_broker_that_is_away_is_named() -> None:
    settings = Settings(queue=QueueSettings(broker_url="redis://127.0.0.1:9/0"))
    found = examine("queue", check_queue, settings)
    assert not found.ok
    assert "127.0.0.1:9" in found.detail


def test_a_queue_without_a_worker_is_not_well(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    (tmp_path / "queue").mkdir()
    assert examine("queue", check_queue, settings).mend == "idiolect up"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "worker.ready").touch()
    assert examine("queue", check_queue, settings).ok


def test_an_endpoint_that_is_away_is_named() -> None:
    model = ModelSettings(kind="endpoint", base_url="http://127.0.0.1:9/v1")
    found = examine("model", check_model, Settings(model=model))
    assert not found.ok
    assert "IDIOLECT_MODEL__BASE_URL" in found.mend


def test_a_port_that_another_program_has_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = Settings(
            data_dir=tmp_path, api=ApiSettings(port=port), model=ModelSettings(kind="scripted")
        )
        other.settimeout(0.1)
        found = examine("ports", check_ports, settings)
    assert not found.ok
    assert str(port) in found.detail
    assert "IDIOLECT_API__PORT" in found.mend
    assert examine("ports", check_ports, settings).ok


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data_dir=tmp_path)
    assert examine("disk", check_disk, settings).ok
    monkeypatch.setattr("idiolect.cli.doctor._LEAST_FREE_GB", 1e9)
    assert "IDIOLECT_DATA_DIR" in examine("disk", check_disk, settings).mend


def test_a_page_that_is_not_built_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(resources._PLACES, "web", (tmp_path / "packaged", tmp_path / "built"))
    found = examine("page", check_page, Settings())
    assert (found.ok, found.mend) == (False, "make setup")
    (tmp_path / "built").mkdir()
    (tmp_path / "built" / "index.html").touch()
    assert examine("page", check_page, Settings()).ok
