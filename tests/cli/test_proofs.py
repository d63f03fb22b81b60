"""The command line lists proofs, runs them, and says honestly what came of them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.errors import IdiolectError, NotFoundError
from idiolect.proofs import NAMES


def test_the_list_has_every_proof_with_its_claim() -> None:
    listed = json.loads(CliRunner().invoke(app, ["proofs", "ls", "--json"]).output)
    assert [one["name"] for one in listed] == list(NAMES)
    assert all(one["claim"] and one["paper"] for one in listed)


def test_a_proof_gives_its_figures_and_its_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    arguments = ["prove", "gpm", "--quick", "--seeds", "2", "--plots", str(tmp_path), "--json"]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 0
    report = json.loads(answer.output)
    assert report["name"] == "gpm"
    assert report["seeds"] == 2
    assert report["verdict"] in {"shown", "not-shown", "opposite"}
    low, high = report["effect"]["interval"]
    assert low <= report["effect"]["mean"] <= high
    assert set(report["arms"]["general"]) == {"mean", "interval"}
    assert (tmp_path / "gpm.png").exists()


@pytest.mark.parametrize("name", ["nonsense", ""])
def test_an_unknown_proof_is_refused(name: str) -> None:
    answer = CliRunner().invoke(app, ["prove", name])
    assert isinstance(answer.exception, NotFoundError)


def test_one_seed_is_refused_before_anything_runs() -> None:
    answer = CliRunner().invoke(app, ["prove", "gpm", "--seeds", "1"])
    assert isinstance(answer.exception, IdiolectError)
    assert answer.exception.exit_code == 2
