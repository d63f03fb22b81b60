"""A whole Idiolect for the page: server, worker and bundled model under one supervisor."""

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from idiolect.cli import up
from idiolect.client import IdiolectClient
from idiolect.settings import (
    ApiSettings,
    ModelServerSettings,
    ModelSettings,
    QueueSettings,
    Settings,
    TrainingSettings,
)
from tests.services import missing

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Running:
    """Where it answers, and the first user's key and client."""

    url: str
    key: str
    client: IdiolectClient

    @property
    def link(self) -> str:
        """What ``idiolect up`` prints: opens the page signed in."""
        return f"{self.url}/#key={self.key}"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything that ``idiolect up`` starts, with the bundled model, asking for few choices."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("e2e") / "data",
        api=ApiSettings(port=free_port()),
        model=ModelSettings(kind="bundled"),
        model_server=ModelServerSettings(port=free_port()),
        queue=QueueSettings(poll_s=0.05),
        training=TrainingSettings(minimum_preferences=24),
    )
    with up.only_one(settings):
        prepared = up.prepare(settings, owner="Mara")
        with up.supervisor(settings) as supervisor:
            assert supervisor.start()
            with IdiolectClient(up.url(settings), prepared.key) as client:
                yield Running(up.url(settings), prepared.key, client)


@pytest.fixture
def page(running: Running, tmp_path: Path) -> Iterator[Page]:
    """A fresh browser; its errors fail the test."""
    executable = shutil.which("chromium")
    if executable is None:
        missing("Chromium is not installed (`make browser` installs it)")
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_ARGUMENTS, env={**os.environ}
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(running.link)
        yield page
        page.screenshot(path=tmp_path / "last.png")
        browser.close()
    assert errors == []
