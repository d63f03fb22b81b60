"""Rating from a terminal, and the figures and diagrams that come of it."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.cli.calibration import bar, print_calibration
from idiolect.cli.reliability_plot import draw
from idiolect.errors import ConflictError, InvalidInputError, NotReadyError
from idiolect.usermodel.calibration.recalibrate import Rating
from idiolect.usermodel.calibration.report import ENOUGH, calibration_report
from tests.client.server import Answer, Request, serve

KNOWN = {
    "id": "mem_1",
    "text": "Mara swims.",
    "reasoning": None,
    "confidence": 0.5,
    "raw_confidence": 0.8,
    "rating": "partly",
    "private": False,
    "contested": False,
    "state": "activated",
}


def calibration(ratings: int) -> Any:
    """What the API answers of ratings with 0.85, of which every other one is true."""
    made = [Rating(f"mem_{n}", "pattern", 0.85, float(n % 2)) for n in range(ratings)]
    plain = {**asdict(calibration_report(made)), "ratings_needed": ENOUGH}
    return json.loads(json.dumps(plain))


def idiolect(answer: Callable[[Request], Answer], *arguments: str) -> Result:
    """Runs the program against a server."""
    with serve(answer) as url:
        return CliRunner().invoke(app, ["--url", url, "--key", "idk_x", "profile", *arguments])


def printed(found: Any) -> str:
    text = StringIO()
    print_calibration(Console(file=text, width=100), found)
    return text.getvalue()


def test_a_rating_is_sent_and_what_came_of_it_is_told() -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Answer:
        asked.append(request)
        return Answer(json=KNOWN)

    rated = idiolect(answer, "rate", "mem_1", "partly")
    freed = idiolect(answer, "unrate", "mem_1")
    assert json.loads(rated.output) == json.loads(freed.output) == KNOWN
    assert [(one.method, one.path, one.body) for one in asked] == [
        ("PUT", "/api/propositions/mem_1/rating", {"mark": "partly"}),
        ("DELETE", "/api/propositions/mem_1/rating", None),
    ]


def test_another_mark_is_refused_before_anything_is_sent() -> None:
    refused = CliRunner().invoke(app, ["--key", "idk_x", "profile", "rate", "mem_1", "maybe"])
    assert refused.exit_code == 2
    assert "partly" in refused.output


def test_the_report_is_json_when_piped() -> None:
    found = calibration(ENOUGH)
    answer = idiolect(lambda _: Answer(json=found), "calibration")
    assert json.loads(answer.output) == found


def test_figures_stand_in_a_table_over_the_diagram() -> None:
    text = printed(calibration(ENOUGH))
    # 0.85 was right in half of the cases: ((1 - 0.85)^2 + 0.85^2) / 2, and 0.85 - 0.5.
    [row] = [line.split() for line in text.splitlines() if line.startswith("pattern")]
    assert row[:4] == ["pattern", str(ENOUGH), "50%", "0.372"]
    assert row[5] == "0.350"
    assert "Confidence before the map" in text
    assert "Confidence after the map" in text
    [before] = [line for line in text.splitlines() if line.startswith("80% to 90%")]
    # Half of 40 cells filled, and the mark in cell 34, at 85 %.
    assert f"{'█' * 20}{'░' * 14}┃{'░' * 5}" in before


def test_too_few_ratings_give_no_figure_and_say_how_many_are_missing() -> None:
    text = printed(calibration(3))
    assert f"3 of the {ENOUGH} ratings" in text
    assert "idiolect profile rate" in text
    assert "0.3" not in text


@pytest.mark.parametrize(("right", "expected"), [(0.0, 0.0), (1.0, 1.0), (0.03, 0.999)])
def test_a_bar_keeps_its_width(right: float, expected: float) -> None:
    assert len(bar(right, expected).plain) == 40


@pytest.mark.parametrize(("name", "start"), [("new/it.png", b"\x89PNG"), ("it.svg", b"<?xml")])
def test_the_diagram_is_a_picture(tmp_path: Path, name: str, start: bytes) -> None:
    pytest.importorskip("matplotlib")
    found, path = calibration(ENOUGH), tmp_path / name
    answer = idiolect(lambda _: Answer(json=found), "calibration", "--plot", str(path), "--json")
    assert answer.exit_code == 0
    assert path.read_bytes().startswith(start)


def test_a_picture_that_cannot_be_made_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = calibration(3)["overall"]
    with pytest.raises(InvalidInputError):
        draw(found, ENOUGH, tmp_path / "it.jpg")
    with pytest.raises(ConflictError, match="needs 20 ratings, and there are 3"):
        draw(found, ENOUGH, tmp_path / "it.png")
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # as if it were not installed
    with pytest.raises(NotReadyError) as refusal:
        draw(found, ENOUGH, tmp_path / "it.png")
    assert "idiolect[proofs]" in refusal.value.hint
    assert list(tmp_path.iterdir()) == []
