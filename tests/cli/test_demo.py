"""The demo's parts: what it replays, what it reports, whom it lets choose."""

import json
import random
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from idiolect.cli.demo.command import QUESTION
from idiolect.cli.demo.person import PEOPLE_SEED, Chooser, TrueWinRate
from idiolect.cli.demo.recording import load_recording
from idiolect.cli.demo.report import Example, Report
from idiolect.cli.demo.stages import Intake, Reply, finished
from idiolect.client.responses import Job, Proposition
from idiolect.errors import IdiolectError, NotReadyError
from idiolect.kit.resources import resource_dir
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.choosing import ChoiceModel
from idiolect.simulation.groups import default_groups
from idiolect.simulation.population import Population
from tests.simulation.replies import FEATURES, person

LONG = "You could try a walk, and then another one, and so on. " * 12


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
        truth=TrueWinRate(0.6875, (0.5125, 0.85), 20),
        example=Example("Why?", "A long story.", "Short."),
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
            "true_win_rate": {"questions": 20, "adapter": 0.6875, "interval": [0.5125, 0.85]},
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
    assert "on 20 questions that nothing was learned from" in text
    assert "wins 69% against the base's, 95 % interval 51% to 85%" in text
    assert text.index("A long story.") < text.index("Short.")


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


def test_the_demos_person_is_the_first_of_a_population_and_likes_replies_to_be_brief() -> None:
    chooser = Chooser.draw()
    assert chooser.person == Population.draw(50, default_groups(), PEOPLE_SEED).people[0]
    rng = random.Random(0)
    used = chooser.used_to(["Try a walk.", LONG, "Walk.", LONG + LONG])
    said = Counter(used.choose(("Try a walk.", LONG), place, rng) for place in range(100))
    assert said["first"] > 80


def test_the_person_tires_within_a_session_and_rests_after_it() -> None:
    tired = ChoiceModel(temperature=0.1, fatigue=100.0)
    chooser = Chooser(person(tired, length=-1.0), FEATURES)
    rng = random.Random(0)
    rested = [chooser.choose(("Walk.", LONG), 20, rng) for _ in range(50)]
    late = [chooser.choose(("Walk.", LONG), 19, rng) for _ in range(50)]
    assert set(rested) == {"first"}
    assert set(late) == {"first", "second"}


def test_the_true_win_rate_has_no_noise_and_an_interval_over_questions() -> None:
    chooser = Chooser(person(ChoiceModel(slips=1.0), length=-1.0), FEATURES)
    after = [["Walk.", LONG], ["Walk."], [LONG], ["Walk."]]
    before = [["Walk.", LONG], [LONG], ["Walk."], [LONG]]
    truth = chooser.truly_prefers(after, before)
    assert truth.share == (0.5 + 1 + 0 + 1) / 4
    assert truth.questions == 4
    low, high = truth.interval
    assert 0.0 <= low < truth.share < high <= 1.0


def test_without_the_packages_that_measure_replies_it_says_so_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "emoji", None)  # as if it were not installed
    with pytest.raises(NotReadyError) as error:
        Chooser.draw()
    assert "idiolect[simulation]" in error.value.hint


def test_a_job_that_did_not_succeed_says_why() -> None:
    failed = Job(  # type: ignore[typeddict-item]  # what is read of it
        id="job_1", state="failed", error={"code": "X", "message": "no room", "hint": "make some"}
    )
    with pytest.raises(IdiolectError, match="no room") as error:
        finished(failed)
    assert error.value.hint == "make some"
