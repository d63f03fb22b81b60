"""docker-compose.yml says nothing that the program does not understand."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.settings import Settings, leaves

CHECKOUT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def with_defaults(text: str) -> str:
    """As compose replaces variables: ``${NAME:-default}`` by its default, others by ``x``."""
    filled = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    return re.sub(r"\$\{\w+:\?[^}]*\}", "x", filled)


def settings_of(service: dict[str, Any]) -> dict[str, str]:
    return {
        name: with_defaults(str(value))
        for name, value in service["environment"].items()
        if name.startswith("IDIOLECT_")
    }


def test_it_has_every_service_that_the_design_names() -> None:
    assert {"postgres", "redis", "chroma", "api", "worker", "worker-gpu", "model"} <= set(SERVICES)
    assert SERVICES["worker-gpu"]["profiles"] == ["gpu"]


@pytest.mark.parametrize("name", OURS)
def test_every_setting_it_passes_exists_and_is_valid(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {f"IDIOLECT_{'__'.join(path).upper()}" for path, _ in leaves(Settings())}
    passed = settings_of(OURS[name])
    assert set(passed) <= known
    for variable, value in passed.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    assert settings.database.startswith("postgresql://")
    assert settings.queue.broker_url.startswith("redis://")
    assert settings.vectors.host in SERVICES


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name: str) -> None:
    command = [with_defaults(word) for word in OURS[name]["command"]]
    answer = CliRunner().invoke(app, [*command, "--help"])
    assert answer.exit_code == 0, answer.output


def test_only_loopback_is_published() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)


def test_secrets_come_from_outside() -> None:
    secret = re.compile(r"PASSWORD|_KEY$|AUTH$")
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name):
                assert str(value).startswith("${"), name
    text = (CHECKOUT / "docker-compose.yml").read_text()
    assert re.findall(r"://\w*:(?!\$\{)[^@/]+@", text) == []


def test_whatever_a_service_waits_for_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize(
    "word",
    re.findall(
        r"^COPY (?!--from)(.+) \S+$", (CHECKOUT / "docker" / "Dockerfile").read_text(), re.M
    ),
)
def test_what_the_image_copies_is_in_the_checkout(word: str) -> None:
    for name in word.split():
        assert (CHECKOUT / name).exists(), name
