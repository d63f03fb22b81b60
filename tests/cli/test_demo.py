"""The demo's parts: what it replays, what it reports, whom it lets choose."""

import json
import random
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from idiolect.cli.demo.command import QUESTION, TASTE
from idiolect.cli.demo.recording import load_recording
from idiolect.cli.demo.report import Report
from idiolect.cli.demo.stages import Intake, Reply, finished
from idiolect.client.responses import Job, Proposition
from idiolect.errors import IdiolectError, NotReadyError
from idiolect.kit.resources import resource_dir
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.person import SimulatedPerson, Taste


def proposition(text: str, confidence: float, evidence: int) -> Proposition:
    return Proposition(  # type: ignore[typeddict-item]  # the report reads these three
        text=text, confidence=confidence, evidence_count=evidence
    )


def report(*, promoted: bool) -> Report:
    gate = {
        "pairs": 20,
        "base": 0.45,
        "adapter": 0.75,
        "difference": 0.3,
        "interval": [0.1, 0.5],
        "promoted": promoted,
    }
    return Report(
        name="Mara",
        intake=Intake(accepted=61, duplicates=7, masked=Counter({"CARD_NUMBER": 2})),
        propositions=[proposition("Mara runs.", 0.91234, 5), proposition("Mara cooks.", 0.5, 2)],
        reply=Reply(QUESTION, "Go for a run.", [{"text": "Mara runs."}]),
        preferences=80,
        training={"gate": gate, "preferences": {"train": 60, "held_out": 20}},
        before=Reply("Why?", "A long story.", []),
        after=Reply("Why?", "Short.", []),
        seconds={"start": 3.21, "train": 40.0},
    )


def test_the_object_for_programs_has_what_the_issue_names() -> None:
    assert json.loads(json.dumps(report(promoted=True).as_json())) == {
        "observations": 61,
        "propositions": [
            {"text": "Mara runs.", "confidence": 0.912, "evidence": 5},
            {"text": "Mara cooks.", "confidence": 0.5, "evidence": 2},
        ],
        "reply": {"text": "Go for a run.", "used": ["Mara runs."]},
        "training": {
            "preferences": 80,
            "held_out": {"pairs": 20, "base": 0.45, "adapter": 0.75, "interval": [0.1, 0.5]},
            "promoted": True,
        },
        "seconds": {"start": 3.2, "train": 40.0},
    }


@pytest.mark.parametrize("promoted", [True, False])
def test_the_page_for_a_person_says_whether_the_adapter_won(promoted: bool) -> None:
    console = Console(record=True, width=200, file=StringIO())
    report(promoted=promoted).print(console)
    text = console.export_text()
    assert "61 observations" in text
    assert "2 CARD_NUMBER" in text
    assert "the base agrees with 45% of them, the adapter with 75%" in text
    assert "+10% to +50%" in text
    assert ("not promoted" in text) is not promoted
    assert ("A long story." in text) is promoted


def test_the_recording_is_replayed_whole_and_in_the_wire_form() -> None:
    recording = load_recording(resource_dir("recording"))
    rows = [ObservationIn.model_validate(row) for row in (*recording.events, *recording.screens)]
    assert len(recording.screens) == 48
    assert len(recording.events) > 243  # the calendar's entries come on top
    keys = Counter(row.idempotency_key for row in rows)
    assert sum(keys.values()) - len(keys) == 4  # sent twice, as a daemon does after a lost answer
    assert recording.time_zone == "Europe/Lisbon"
    assert len(set(recording.asks)) == len(recording.asks) > 100


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError) as error:
        load_recording(tmp_path)
    assert error.value.reason_code == "NO_RECORDING"
    assert error.value.hint


def test_the_demos_person_prefers_short_replies_and_lists() -> None:
    person = SimulatedPerson("Mara", Taste(TASTE))
    short, long = "Try a walk.", "You could try a walk, and then another one, and so on. " * 12
    rng = random.Random(0)
    picks = Counter(person.choose([short, long], rng) for _ in range(100))
    assert picks[0] >= 95


def test_a_job_that_did_not_succeed_says_why() -> None:
    failed = Job(  # type: ignore[typeddict-item]  # what is read of it
        id="job_1", state="failed", error={"code": "X", "message": "no room", "hint": "make some"}
    )
    with pytest.raises(IdiolectError, match="no room") as error:
        finished(failed)
    assert error.value.hint == "make some"
