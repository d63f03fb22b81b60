"""Taking part in the charter from a terminal, and what is sent for it."""

import json
import sys
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from idiolect.api.schemas.charter import CharterOut, SettledOut
from idiolect.cli.app import app
from idiolect.errors import InvalidInputError
from idiolect.usermodel.charter.charters import default_charter
from idiolect.usermodel.charter.lifecycle import contest, settle
from idiolect.usermodel.charter.platform_vote import vote_on_contest
from idiolect.usermodel.charter.quorum import Ballot
from tests.client.server import Answer, Request, serve
from tests.usermodel.charter.seeds import MONDAY

SHIPS = CharterOut.model_validate(default_charter()).model_dump(mode="json")
VERSION = default_charter().version


def settled() -> Any:
    """What the API answers when the user has a standard retired."""
    contested = contest(default_charter(), "says_how_sure", "user", "I know.", at=MONDAY)
    theirs = vote_on_contest(contested, contested.get("says_how_sure"), None)
    ballots = [Ballot("user", {"retire": 1.0, "uphold": 0.2}, "Away with it."), theirs]
    result = settle(contested, "says_how_sure", ballots, at=MONDAY)
    return SettledOut.model_validate(result).model_dump(mode="json")


def idiolect(answer: Any, *arguments: str) -> tuple[Result, list[Request]]:
    """Runs the program against a server that has the charter that ships; what it was asked."""
    asked: list[Request] = []

    def answered(request: Request) -> Answer:
        if request.method == "GET" and request.path == "/api/charter":
            return Answer(json=SHIPS)
        asked.append(request)
        return Answer(json=answer)

    with serve(answered) as url:
        return CliRunner().invoke(app, ["--url", url, "--key", "idk_x", *arguments]), asked


def test_the_charter_is_shown_whole_or_one_standard_of_it() -> None:
    whole, _ = idiolect(None, "charter", "show")
    assert json.loads(whole.output) == SHIPS
    one, _ = idiolect(None, "charter", "show", "no_manipulation")
    assert json.loads(one.output)["text"] == default_charter().get("no_manipulation").text
    missing, _ = idiolect(None, "charter", "show", "nosuch")
    assert isinstance(missing.exception, InvalidInputError)
    assert "says_how_sure" in missing.exception.hint


def test_a_proposal_says_what_it_is_about_in_a_form_that_is_weighed() -> None:
    proposed = {**SHIPS, "standards": [{**SHIPS["standards"][0], "id": "short"}]}
    result, [request] = idiolect(
        proposed,
        *("charter", "propose", "short", "Be short.", "--reason", "There is little time."),
        *("--concern", "length=short,brief", "--concern", "format!=prose", "--concern", "flatter"),
    )
    assert result.exit_code == 0
    assert request.path == "/api/charter/standards"
    assert request.body == {
        "version": VERSION,
        "id": "short",
        "text": "Be short.",
        "rationale": "There is little time.",
        "kind": "obligation",
        "role": "all",
        "scope": "always",
        "priority": 0,
        "concerns": [
            {"subject": "length", "admits": ["short", "brief"]},
            {"subject": "format", "excludes": ["prose"]},
            {"subject": "flatter"},
        ],
    }


def test_acts_are_decided_on_the_charter_as_it_is_read() -> None:
    _, [contested] = idiolect(SHIPS, "charter", "contest", "says_how_sure", "--reason", "I know.")
    assert (contested.path, contested.body) == (
        "/api/charter/standards/says_how_sure/contest",
        {"version": VERSION, "reason": "I know."},
    )
    _, [voted] = idiolect(
        settled(),
        *("charter", "settle", "says_how_sure", "amend", "--text", "Say it once."),
        *("--reason", "Once is enough.", "--score", "uphold=0.2"),
    )
    assert voted.body == {
        "version": VERSION,
        "scores": {"amend": 1.0, "uphold": 0.2},
        "reason": "Once is enough.",
        "vetoes": [],
        "amendment": {"text": "Say it once."},
        "review_by": None,
    }
    _, [ratified] = idiolect(settled(), "charter", "ratify", "says_how_sure", "--reason", "Yes.")
    assert ratified.body["scores"] == {"ratify": 1.0}


def test_propositions_are_contested_and_settled() -> None:
    answer = {"id": "mem_2", "lineage_id": "mem_1", "version": 2, "contested": True}
    result, [contested] = idiolect(answer, "profile", "contest", "mem_1", "--reason", "Is it so?")
    assert json.loads(result.output) == answer
    assert (contested.method, contested.path) == ("PUT", "/api/propositions/mem_1/contest")
    _, [done] = idiolect(answer, "profile", "settle", "mem_1", "uphold", "--reason", "It is.")
    assert done.body == {"outcome": "uphold", "reason": "It is.", "text": None}


@pytest.mark.parametrize(
    "arguments",
    [
        ("propose", "a", "Be short.", "--reason", "No time.", "--concern", "length="),
        ("settle", "says_how_sure", "amend", "--reason", "Better."),
        ("settle", "says_how_sure", "uphold", "--reason", "Better.", "--text", "Say it."),
        ("ratify", "says_how_sure", "--reason", "Yes.", "--score", "reject"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    arguments: tuple[str, ...],
) -> None:
    result, asked = idiolect(settled(), "charter", *arguments)
    assert isinstance(result.exception, InvalidInputError)
    assert asked == []


def test_a_person_at_a_terminal_reads_tables(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    after = settled()

    def answer(request: Request) -> Answer:
        return Answer(json=after["charter"] if request.method == "GET" else after)

    with serve(answer) as url:
        for arguments in (
            ["show"],
            ["show", "says_how_sure"],
            ["settle", "says_how_sure", "retire", "--reason", "Away with it."],
        ):
            app(["--url", url, "--key", "idk_x", "charter", *arguments], standalone_mode=False)
    printed = capsys.readouterr().out
    assert f"version {after['charter']['version']}" in printed
    assert "contested" in printed
    assert "Away with it." in printed
    assert "chosen: retire; says_how_sure is retired" in printed


def test_the_check_counts_what_reaches_a_model_and_the_sham_shows_that_it_can_fail() -> None:
    result = CliRunner().invoke(app, ["charter", "check"])
    assert result.exit_code == 0
    told, not_told = json.loads(result.output)
    for arm in (told, not_told):
        assert (arm["on"], arm["off"], arm["passed"]) == (0, 0, [])
        assert arm["sham"] > arm["pulling"] / 2
