"""The command line answers at once, in JSON when piped, and its errors are one clear line."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.settings import Settings
from idiolect.store.database import Database

ANSWER_S = 0.5


@pytest.fixture
def store() -> Settings:
    """The settings of an empty, migrated store."""
    settings = Settings()
    database = Database(settings.database)
    database.migrate()
    database.close()
    return settings


def idiolect(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the real program."""
    command = [sys.executable, "-m", "idiolect.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_answers_at_once() -> None:
    best = min(_seconds("--help") for _ in range(5))
    assert best < ANSWER_S


def _seconds(*arguments: str) -> float:
    started = time.perf_counter()
    assert idiolect(*arguments).returncode == 0
    return time.perf_counter() - started


@pytest.mark.parametrize(
    "noun",
    [
        "users",
        "keys",
        "observe",
        "profile",
        "audit",
        "charter",
        "memories",
        "forget",
        "suggestions",
        "vectors",
        "prefs",
        "jobs",
        "adapters",
        "recipes",
    ],
)
def test_every_noun_has_verbs(noun: str) -> None:
    answer = CliRunner().invoke(app, [noun, "--help"])
    assert answer.exit_code == 0
    assert "Commands" in answer.output


def test_wrong_usage_exits_with_2() -> None:
    assert idiolect("profile", "no-such-verb").returncode == 2


def test_without_a_key_a_command_says_what_to_do_and_exits_with_6() -> None:
    answer = idiolect("profile", "ls")
    assert answer.returncode == 6
    message, hint = answer.stderr.splitlines()
    assert message == "idiolect: there is no key to act with"
    assert "idiolect up" in hint


def test_without_a_server_a_command_says_what_to_do_and_exits_with_3() -> None:
    answer = idiolect("--url", "http://127.0.0.1:9", "--key", "idk_x", "jobs", "cancel", "job_1")
    assert answer.returncode == 3
    assert "does not answer" in answer.stderr
    assert "idiolect up" in answer.stderr


def test_an_unusable_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDIOLECT_API__PORT", "many")
    answer = idiolect("config", "show")
    assert answer.returncode == 2
    assert "api.port" in answer.stderr


def test_config_tells_where_each_value_comes_from_and_hides_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "idiolect.toml"
    file.write_text('[api]\nport = 9001\n\n[model]\nkind = "endpoint"\n')
    monkeypatch.setenv("IDIOLECT_CONFIG", str(file))
    monkeypatch.setenv("IDIOLECT_MODEL__API_KEY", "very-secret")
    monkeypatch.setenv("IDIOLECT_MODEL__KIND", "scripted")
    answer = CliRunner().invoke(app, ["config", "show"])
    assert "very-secret" not in answer.output
    shown = {one["name"]: (one["value"], one["origin"]) for one in json.loads(answer.output)}
    assert shown["api.port"] == ("9001", str(file))
    assert shown["model.kind"] == ("scripted", "environment")
    assert shown["model.api_key"] == ("**********", "environment")
    assert shown["api.host"] == ("127.0.0.1", "default")


def test_users_and_keys_are_made_and_listed(store: Settings) -> None:
    runner = CliRunner()
    user = json.loads(runner.invoke(app, ["users", "create", "Mara"]).output)
    assert [one["name"] for one in json.loads(runner.invoke(app, ["users", "ls"]).output)] == [
        "Mara"
    ]
    made = json.loads(
        runner.invoke(app, ["keys", "create", "laptop", "--scope", "chat", "--days", "3"]).output
    )
    assert made["secret"].startswith("idk_")
    listed = runner.invoke(app, ["keys", "ls", "--user", user["id"]]).output
    assert made["secret"] not in listed
    (key,) = json.loads(listed)
    assert (key["id"], key["scopes"], key["revoked_at"]) == (made["id"], ["chat"], None)
    runner.invoke(app, ["keys", "revoke", made["id"]])
    (key,) = json.loads(runner.invoke(app, ["keys", "ls"]).output)
    assert key["revoked_at"] is not None


def test_without_a_store_the_users_command_says_what_to_do() -> None:
    answer = idiolect("users", "ls")
    assert answer.returncode == 3
    assert "idiolect up" in answer.stderr


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"prompt": "a", "chosen": "b", "rejected": "c"}\nnonsense\n')
    answer = idiolect("--key", "idk_x", "prefs", "import", str(file))
    assert answer.returncode == 2
    assert "line 2 is not JSON" in answer.stderr
