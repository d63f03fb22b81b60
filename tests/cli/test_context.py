"""``idiolect profile context``: what is asked of the API, and what is printed."""

import json
import sys
from collections.abc import Iterator

import pytest

from idiolect.cli.app import app
from tests.client.server import Answer, Request, serve

TOLD = {
    "style": "Keep it short.",
    "facts": [],
    "left_out": 2,
    "text": "Keep it short.",
    "tokens": 4,
}


class Api:
    """Tells the same whatever is asked, and remembers what was."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request.path)
        return Answer(json=TOLD)

    def context(self, *arguments: str) -> None:
        """Runs the command."""
        given = ["--url", self.url, "--key", "idk_x", "profile", "context", *arguments]
        app(given, standalone_mode=False)


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    with serve(made) as made.url:
        yield made


def test_asks_for_a_query_within_a_budget(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    api.context("What to cook?", "--budget", "300", "--limit", "5")

    assert json.loads(capsys.readouterr().out) == TOLD
    [asked] = api.asked
    for part in ("query=What", "budget_tokens=300", "limit=5", "evidence="):
        assert part in asked


def test_on_a_terminal_the_text_alone_is_printed(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    api.context()

    assert capsys.readouterr() == ("Keep it short.\n", "4 tokens, 2 facts left out\n")
