"""Forgetting from a terminal: what is shown, what is asked, what is sent."""

import json
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.cli.forget import in_words
from idiolect.cli.output import table
from idiolect.errors import InvalidInputError
from tests.client.server import Answer, Request, serve

RECEIPT = {
    "id": "fgt_1",
    "scope": "topic",
    "counts": {"propositions": 2, "messages": 1},
    "is_done": True,
    "at": "2026-03-10T12:00:00Z",
}
PREVIEW = {
    "scope": "topic",
    "counts": {"propositions": 2, "messages": 1},
    "matches": [
        {"id": "mem_1", "noun": "proposition", "text": "Mara keeps bees.", "similarity": 0.71},
        {"id": "obs_1", "noun": "observation", "text": "hives", "similarity": None},
    ],
    "statements": ["Mara buys honey jars.", "Mara keeps bees."],
}


class Api:
    """What was asked of the API."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append((request.method, request.path, request.body))
        if request.path.endswith("/preview"):
            return Answer(json=PREVIEW)
        if request.method == "GET":
            return Answer(json={"items": [RECEIPT], "next_cursor": None})
        return Answer(json=RECEIPT)


def forget(api: Api, *arguments: str, typed: str = "") -> Result:
    with serve(api) as url:
        return CliRunner().invoke(
            app, ["--url", url, "--key", "idk_x", "forget", *arguments], input=typed
        )


@pytest.mark.parametrize(
    ("arguments", "scope"),
    [
        (
            ["proposition", "mem_1", "--evidence", "--keep", "mem_2"],
            {"scope": "proposition", "id": "mem_1", "with_evidence": True, "keep": ["mem_2"]},
        ),
        (["app", "Ink"], {"scope": "application", "name": "Ink"}),
        (["day", "2026-03-02"], {"scope": "day", "date": "2026-03-02"}),
        (["topic", "bees"], {"scope": "topic", "text": "bees", "keep": []}),
        (["everything"], {"scope": "everything"}),
    ],
)
def test_each_scope_is_sent_at_once_with_yes(arguments: list[str], scope: dict[str, Any]) -> None:
    api = Api()
    done = forget(api, *arguments, "--yes")
    assert (done.exit_code, json.loads(done.stdout)) == (0, RECEIPT)
    assert api.asked == [("POST", "/api/forgetting", scope)]


def test_what_would_go_is_shown_before_the_question() -> None:
    api = Api()
    refused = forget(api, "topic", "bees", typed="n\n")
    assert refused.exit_code == 1
    assert refused.stdout.strip() == "n", "what was typed, and nothing that was printed"
    for shown in ("propositions", "mem_1", "0.71", "by words", "--keep", "Mara buys honey jars."):
        assert shown in refused.stderr
    assert refused.stderr.count("Mara keeps bees.") == 1
    assert [path for _, path, _ in api.asked] == ["/api/forgetting/preview"]

    done = forget(api, "topic", "bees", typed="y\n")
    assert json.loads(done.stdout.splitlines()[-1]) == RECEIPT


def test_a_preview_alone_erases_nothing() -> None:
    api = Api()
    shown = forget(api, "topic", "bees", "--preview")
    assert json.loads(shown.stdout) == PREVIEW
    assert [path for _, path, _ in api.asked] == ["/api/forgetting/preview"]


@pytest.mark.parametrize(("typed", "erased"), [("y\n", False), ("everything\n", True)])
def test_everything_wants_the_word(typed: str, erased: bool) -> None:
    api = Api()
    done = forget(api, "everything", typed=typed)
    assert (done.exit_code == 0) is erased
    assert (("POST", "/api/forgetting", {"scope": "everything"}) in api.asked) is erased


def test_ids_stay_whole_in_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    id = f"mem_{'0' * 26}"
    table("Matches", ["id", "near", "says"], [[id, "by words", "A long statement. " * 9]])
    assert id in capsys.readouterr().out


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "nothing was there"),
        ({"propositions": 1, "messages": 2}, "1 proposition, 2 messages"),
        ({"records of replies": 1, "other memories": 1}, "1 record of replies, 1 other memory"),
        ({"adapters made stale": 1}, "1 adapter made stale"),
    ],
)
def test_one_of_something_is_said_as_one(counts: dict[str, int], said: str) -> None:
    assert in_words(counts) == said


def test_a_day_that_is_none_is_refused_before_anything_is_sent() -> None:
    api = Api()
    refused = forget(api, "day", "tuesday")
    assert isinstance(refused.exception, InvalidInputError)
    assert "2026-03-02" in refused.exception.hint
    assert api.asked == []


def test_receipts_are_listed() -> None:
    assert json.loads(forget(Api(), "ls").stdout) == [RECEIPT]
