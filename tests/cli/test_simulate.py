"""The command line writes simulated people and scores against their truth."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from idiolect.cli.app import app
from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.lm.embedding.bundled import MINILM_DIR


def run(*arguments: str | float | Path) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("simulated") / "set"
    answer = run("--people", 2, "--days", 2, "--choices", 5, "--seed", 4, "--out", made, "--json")
    assert answer.exit_code == 0, answer.output
    counts = json.loads(answer.output)
    assert (counts["people"], sum(counts["pairs"].values())) == (2, 10)
    return made


def test_the_folder_has_a_card_and_people(folder: Path) -> None:
    assert (folder / "README.md").read_text().startswith("# 2 simulated people, 2 days each")
    assert len(list(folder.glob("people/*/observed/observations.jsonl"))) == 2


def test_a_full_folder_is_refused_without_force(folder: Path) -> None:
    again = run("--people", 2, "--days", 2, "--choices", 5, "--seed", 4, "--out", folder)
    assert isinstance(again.exception, ConflictError)
    assert "--force" in again.exception.hint


@pytest.mark.parametrize(
    "arguments",
    [("--people", "1"), ("--people", "1", "--out", "x", "--start", "Monday")],
)
def test_what_cannot_be_done_is_said(arguments: tuple[str, ...], tmp_path: Path) -> None:
    answer = run(*arguments)
    assert isinstance(answer.exception, InvalidInputError)
    assert answer.exception.exit_code == 2


TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("start", "days"),
    [
        ("1989-12-31", 1),
        (TODAY.isoformat(), 1),  # it is not over
        ((TODAY - timedelta(days=20)).isoformat(), 22),
        ("9999-12-30", 7),
    ],
)
def test_days_that_are_not_past_are_refused(start: str, days: int, tmp_path: Path) -> None:
    answer = run("--people", 1, "--start", start, "--days", days, "--out", tmp_path / "set")
    assert isinstance(answer.exception, InvalidInputError)
    assert "Begin between 1990-01-01 and " in answer.exception.hint
    assert not (tmp_path / "set").exists()


def test_the_command_on_the_card_writes_the_same_set(tmp_path: Path) -> None:
    """Also with numbers of many digits, up to days that ended a short while ago."""
    start = (TODAY - timedelta(days=3)).isoformat()
    numbers = ("--temperature", 0.71234567, "--noise", 0.0123456789, "--seed", 9)
    size = ("--people", 1, "--days", 2, "--choices", 12, "--start", start)
    assert run(*size, *numbers, "--out", tmp_path / "one").exit_code == 0
    card = (tmp_path / "one" / "README.md").read_text()
    found = re.search(r"`idiolect simulate (.*?)`", card)
    assert found
    assert run(*found[1].split(), "--out", tmp_path / "two").exit_code == 0
    manifests = [(tmp_path / name / "manifest.json").read_bytes() for name in ("one", "two")]
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize("option", [("--people", "0"), ("--noise", "2"), ("--days", "none")])
def test_numbers_out_of_range_are_refused(option: tuple[str, str], tmp_path: Path) -> None:
    assert run(*option, "--out", tmp_path / "set").exit_code == 2
    assert not (tmp_path / "set").exists()


def test_help_says_what_it_is_for() -> None:
    for arguments in ([], ["--help"]):
        answer = run(*arguments)
        assert "truth is known" in answer.output
        assert "score" in answer.output


def test_propositions_are_scored(folder: Path, tmp_path: Path) -> None:
    if not (MINILM_DIR / "model.onnx").is_file():
        pytest.skip("the embedder is not exported: run `make setup`")
    person = next(folder.glob("people/*"))
    truth = json.loads((person / "truth.json").read_text())
    stated = next(fact for fact in truth["facts"] if fact["revelation"] == "stated")
    planted = next(trap for trap in truth["traps"] if trap["kind"] == "spam")
    rows: list[dict[str, Any]] = [
        {"text": stated["statement"], "confidence": 0.9},
        {"text": planted["statement"], "confidence": 0.7},
    ]
    path = tmp_path / "propositions.json"
    path.write_text(json.dumps(rows))
    answer = json.loads(run("score", person, path, "--json").output)
    assert [one["outcome"] for one in answer["judged"]] == ["true", "planted"]
    assert answer["score"]["precision"] == 0.5
    assert answer["score"]["planted_confidence"] == pytest.approx(0.7)


def test_a_missing_truth_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('{"text": "x", "confidence": 1}\n')
    answer = run("score", tmp_path / "nobody.json", tmp_path / "p.jsonl")
    assert isinstance(answer.exception, NotFoundError)
