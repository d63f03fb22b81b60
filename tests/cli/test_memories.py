"""What the commands on memories ask of the API, and what they say of its answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import Result
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.cli.memory_text import marks, print_memories, tree
from idiolect.cli.output import when
from idiolect.errors import ConflictError, InvalidInputError
from tests.client.server import Answer, Request, serve

MEMORY: dict[str, Any] = {
    "id": "mem_1", "lineage_id": "mem_1", "version": 2, "kind": "proposition",
    "state": "activated", "text": "Mara swims.", "reasoning": None, "confidence": 0.8,
    "durability": 0.5, "pinned": True, "scope": "assistants", "stale": None, "valid_from": None,
    "valid_to": None, "supported_at": None, "expires_at": None,
    "recorded_at": "2026-03-02T09:00:00Z", "superseded_at": None,
}  # fmt: skip
PLANNED = {"purged": 2, "reweighed": 1, "stale": 1, "files": 0}


class Api:
    """Answers every request alike, and keeps what was asked."""

    def __init__(self, *answers: Any, status: int = 200) -> None:
        self.answers = list(answers)
        self.status = status
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Answer(self.status, answer)

    def calls(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.asked]


def idiolect(answer: Callable[[Request], Answer], *arguments: str, typed: str = "") -> Result:
    """Runs the program against a server."""
    with serve(answer) as url:
        command = ["--url", url, "--key", "idk_x", *arguments]
        return CliRunner().invoke(app, command, input=typed)


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (["pin", "mem_1", "--version", "2"], "mem_1/pin", {"version": 2}),
        (["restore", "mem_1", "--reason", "mine"], "mem_1/restore", {"reason": "mine"}),
        (["unshare", "mem_1"], "mem_1/unshare", {}),
        (["share", "mem_1", "key_1"], "mem_1/share", {"scope": "key_1"}),
        (["rollback", "mem_1", "1"], "mem_1/rollback", {"to_version": 1}),
        (["expire", "mem_1", "never"], "mem_1/expiry", {"at": None}),
        (["expire", "mem_1"], "mem_1/expire", {}),
        (["activate", "mem_1"], "mem_1/activate", {}),
        (["merge", "mem_1", "mem_2"], "merge", {"ids": ["mem_1", "mem_2"]}),
        (
            ["update", "mem_1", "Mara sails.", "--version", "2"],
            "mem_1",
            {"text": "Mara sails.", "version": 2},
        ),
        (
            ["update", "mem_1", "--version", "2", "--confidence", "0.5"],
            "mem_1",
            {"confidence": 0.5, "version": 2},
        ),
    ],
)
def test_an_act_sends_what_was_said_and_nothing_else(
    arguments: list[str], path: str, body: dict[str, Any]
) -> None:
    api = Api(MEMORY)
    answer = idiolect(api, "memories", *arguments)
    assert answer.exit_code == 0, answer.output
    [request] = api.asked
    assert (request.path, request.body) == (f"/api/memories/{path}", body)
    assert json.loads(answer.stdout) == MEMORY


def test_what_is_told_is_sent_with_when_it_holds() -> None:
    api = Api(MEMORY)
    told = ["Mara rows.", "--since", "2026-03-01T00:00:00+00:00", "--from", "mem_2", "--draft"]
    answer = idiolect(api, "memories", "add", *told)
    assert answer.exit_code == 0, answer.output
    assert api.asked[0].path == "/api/memories"
    body = dict(api.asked[0].body)
    assert datetime.fromisoformat(body.pop("valid_from")) == datetime(2026, 3, 1, tzinfo=UTC)
    assert body == {
        "text": "Mara rows.",
        "kind": "proposition",
        "state": "generated",
        "derived_from": ["mem_2"],
    }


def test_why_something_was_believed_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    at = "2026-03-02T09:00:00Z"
    seen = {"relation": "supports", "source_type": "observation", "source_id": "obs_1",
            "quote": "I swim", "known_at": at, "occurred_at": at,
            "application": "Mail"}  # fmt: skip
    act = {"at": at, "verb": "update", "actor": "system", "reason": "observed again"}
    explained = {**MEMORY, "act": act, "reasons": [seen], "valid_from": at}
    print_memories([explained], why=True)  # type: ignore[list-item]
    moment = when(at)
    assert capsys.readouterr().out.splitlines() == [
        "Mara swims.",
        "  mem_1, version 2, activated, 80% sure",
        f"  update by system on {moment}: observed again",
        f"  holds from {moment}",
        f"  supports observation obs_1, {moment} in Mail, known since {moment}: I swim",
        "",
    ]
    print_memories([], why=True)
    assert capsys.readouterr().out == "no memories\n"


def test_a_question_of_the_past_names_its_moment() -> None:
    api = Api({"items": []})
    asked = ["swims?", "--as-of", "2026-03-01T00:00:00+00:00", "--why"]
    assert idiolect(api, "memories", "search", *asked).stdout == "[]\n"
    query = parse_qs(urlsplit(api.asked[0].path).query)
    assert datetime.fromisoformat(query.pop("as_of")[0]) == datetime(2026, 3, 1, tzinfo=UTC)
    assert query == {"query": ["swims?"], "why": ["true"], "limit": ["10"]}


def test_a_version_that_was_not_seen_ends_with_the_hint() -> None:
    problem = {"status": 409, "code": "CONFLICT", "detail": "it is at 3", "hint": "Read it again."}
    answer = idiolect(Api(problem, status=409), "memories", "pin", "mem_1", "--version", "2")
    assert isinstance(answer.exception, ConflictError)
    assert answer.exception.hint == "Read it again."


def test_a_day_is_a_moment_of_the_local_zone() -> None:
    api = Api({"items": [], "next_cursor": None})
    idiolect(api, "memories", "ls", "--kind", "profile", "--as-of", "2026-03-01")
    query = parse_qs(urlsplit(api.asked[0].path).query)
    [moment] = query.pop("as_of")
    assert datetime.fromisoformat(moment) == datetime(2026, 3, 1).astimezone()
    assert query == {"kind": ["profile"], "state": ["activated"], "limit": ["50"]}
    refused = idiolect(api, "memories", "ls", "--as-of", "yesterday")
    assert isinstance(refused.exception, InvalidInputError)


def test_deleting_asks_first_and_a_preview_never_deletes() -> None:
    for arguments, typed, calls in (
        (["--preview"], "", ["GET"]),
        ([], "n\n", ["GET"]),
        ([], "y\n", ["GET", "DELETE"]),
        (["--yes", "--version", "2"], "", ["GET", "DELETE"]),
    ):
        api = Api(PLANNED)
        answer = idiolect(api, "memories", "delete", "mem_1", *arguments, typed=typed)
        assert [method for method, _ in api.calls()] == calls, arguments
        assert answer.exit_code == (1 if typed == "n\n" else 0)
        assert ("2 purged, 1 reweighed" in answer.stderr) == bool(typed)
    assert api.calls()[-1][1] == "/api/memories/mem_1?version=2"


def test_export_writes_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "memories.zip"
    answer = idiolect(lambda _: Answer(raw=b"PK"), "memories", "export", str(target))
    assert (answer.exit_code, target.read_bytes()) == (0, b"PK")
    target.unlink()
    idiolect(Api({"detail": "no"}, status=403), "memories", "export", str(target))
    assert list(tmp_path.iterdir()) == []


def test_provenance_is_told_as_a_tree() -> None:
    seen = {"relation": "supports", "source_type": "observation", "source_id": "obs_1",
            "quote": "I swim", "memory": None, "branches": []}  # fmt: skip
    derived = {"relation": "derived_from", "source_type": "memory", "source_id": "mem_1",
               "quote": None, "memory": MEMORY, "branches": [seen]}  # fmt: skip
    assert list(tree([derived], "")) == [  # type: ignore[list-item]
        "derived_from memory mem_1: Mara swims.",
        "  supports observation obs_1: I swim",
    ]


def test_a_row_says_what_is_special_about_a_memory() -> None:
    special = {**MEMORY, "stale": "something is gone", "expires_at": "2026-03-02T09:00:00Z"}
    [*told, until] = marks(special)  # type: ignore[arg-type]
    assert told == ["pinned", "shared with assistants", "stale: something is gone"]
    assert until.startswith("until 2026-03-02")


def test_the_last_upkeep_is_shown_and_a_new_one_asked_for() -> None:
    answer = idiolect(Api({"active": 3}), "profile", "health")
    assert json.loads(answer.stdout) == {"active": 3}
    job = {"id": "job_1", "kind": "upkeep"}
    api = Api(job)
    idiolect(api, "profile", "upkeep")
    assert (api.asked[0].path, api.asked[0].body) == (
        "/api/jobs",
        {"kind": "upkeep", "payload": {}},
    )
