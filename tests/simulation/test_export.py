"""What is written is read by the platform itself, without a row that it refuses."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from idiolect.api.schemas.preference import PreferenceIn
from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.kit.hashing import sha256_file
from idiolect.lm.embedding.bundled import MINILM_DIR, BundledEmbedder
from idiolect.observe.importers import ImportOptions, import_files
from idiolect.observe.ingest import Ingestor
from idiolect.preference.pairs import Pair
from idiolect.preference.reading import read_examples
from idiolect.simulation.export import PREFERENCES, Counts, write_society
from idiolect.simulation.features import FeatureMap
from idiolect.simulation.groups import CHOICE
from idiolect.simulation.matching import Matcher
from idiolect.simulation.person_json import person_from
from idiolect.simulation.reading import read_beliefs, read_truth
from idiolect.simulation.scoring import Belief, score
from idiolect.simulation.society import COMBINED, Design
from idiolect.simulation.splits import is_held_out, text_combination
from idiolect.store.database import Database
from idiolect.store.models import Observation
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import ObservationView

DESIGN = Design(people=2, days=3, choices=40, questions=10, seed=5, held_out_people=0.0)
NOW = datetime(2026, 3, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people and three days."""
    made = tmp_path_factory.mktemp("simulated") / "set"
    write_society(DESIGN, made)
    return made


def persons(folder: Path) -> list[Path]:
    return sorted((folder / "people").iterdir())


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def views(stored: list[Observation]) -> Iterator[ObservationView]:
    for row in stored:
        yield ObservationView(
            **{name: getattr(row, name) for name in ObservationView.__slots__},
        )


def test_every_observation_is_accepted_and_propositions_are_scored(
    folder: Path, database: Database, user_id: str
) -> None:
    """From the files to a score, through the platform's own intake and proposer."""
    if not (MINILM_DIR / "model.onnx").is_file():
        pytest.skip("the embedder is not exported: run `make setup`")
    person, _ = persons(folder)
    ingestor = Ingestor(database, clock=lambda: NOW)
    options = ImportOptions.around(NOW)
    files = [person / "observed" / "observations.jsonl", person / "observed" / "calendar.ics"]
    receipt = ingestor.ingest(user_id, list(import_files(files[:1], options)))
    assert not receipt.refused
    assert len(receipt.accepted) > 0.97 * len(lines(files[0]))  # near-identical screens are dropped
    again = ingestor.ingest(user_id, list(import_files(files, options)))
    assert not again.refused
    # The calendar's wider window has entries of habits that lie further away, and nothing else.
    with database.transaction() as session:
        stored = ObservationRepository(session, user_id).page(limit=1000).items
        seen = list(views(stored))
    extra = len(again.accepted)
    assert len(seen) == len(receipt.accepted) + extra
    truth = read_truth(person)
    drafts = PatternProposer().propose(seen, [], user_name=truth.name, now=NOW)
    beliefs = [Belief(draft.text, draft.confidence) for draft in drafts]
    found, judged = score(beliefs, truth, Matcher(BundledEmbedder()))
    assert found.precision is not None
    assert found.recall is not None
    assert found.planted_share is not None
    assert found.precision > 0.3, judged
    assert found.recall > 0.1, judged
    assert found.planted_share < 0.3, judged


def test_choices_are_read_by_the_trainer_and_by_the_api(folder: Path) -> None:
    for person in persons(folder):
        for name in ("train", "held-out"):
            path = person / "preferences" / f"{name}.jsonl"
            if rows := lines(path):
                assert len(read_examples(path)) == len(rows)
            for row in rows:
                PreferenceIn.model_validate(row)
    for name in PREFERENCES:
        path = folder / "preferences" / f"{name}.jsonl"
        if lines(path):
            examples = read_examples(path)
            assert all(isinstance(one, Pair) for one in examples)
            assert {one.source for one in examples} <= {path.name for path in persons(folder)}


def test_held_out_combinations_are_in_no_pair_to_learn_from(folder: Path) -> None:
    def has_held_out(row: dict[str, Any]) -> bool:
        return any(
            is_held_out(text_combination(row[side], COMBINED), 0.1, DESIGN.seed)
            for side in ("chosen", "rejected")
        )

    assert not any(map(has_held_out, lines(folder / "preferences" / "train.jsonl")))
    assert all(map(has_held_out, lines(folder / "preferences" / "held-out-combinations.jsonl")))


def test_all_choices_of_held_out_people_are_held_out(tmp_path: Path) -> None:
    design = replace(DESIGN, people=6, days=1, choices=10, seed=1, held_out_people=0.5)
    counts = write_society(design, tmp_path / "set")
    assert 0 < counts.held_out_people < 6
    held_out = {
        values["id"]
        for path in persons(tmp_path / "set")
        if (values := json.loads((path / "truth.json").read_text())["person"])["is_held_out"]
    }
    sources = {
        name: {row["source"] for row in lines(tmp_path / "set" / "preferences" / f"{name}.jsonl")}
        for name in PREFERENCES
    }
    assert sources["held-out-people"] == held_out
    assert sources["train"].isdisjoint(held_out)
    assert sources["held-out-combinations"].isdisjoint(held_out)


def test_choices_follow_the_written_utility(folder: Path) -> None:
    features = FeatureMap()
    for path in persons(folder):
        person = person_from(json.loads((path / "truth.json").read_text())["person"])
        rows = lines(path / "preferences" / "train.jsonl")
        right = [
            person.advantage(features(row["chosen"]), features(row["rejected"])) > 0 for row in rows
        ]
        assert sum(right) / len(right) > 0.65


def test_noise_turns_choices_round(tmp_path: Path) -> None:
    sure = replace(CHOICE, temperature=0.001, slips=0.0, ties=0.0)
    designs = {
        "sure": replace(DESIGN, choice=sure),
        "reversed": replace(DESIGN, choice=replace(sure, slips=1.0)),
    }
    chosen = {}
    for name, design in designs.items():
        write_society(replace(design, days=1), tmp_path / name)
        rows = lines(tmp_path / name / "preferences" / "train.jsonl")
        chosen[name] = {row["id"]: (row["chosen"], row["rejected"]) for row in rows}
    assert chosen["sure"].keys() == chosen["reversed"].keys()
    assert all(chosen["reversed"][id] == pair[::-1] for id, pair in chosen["sure"].items())


def test_the_same_design_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_society(DESIGN, tmp_path / "again")
    written = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    again = tmp_path / "again"
    assert written == {
        p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()
    }


def test_the_manifest_names_every_file_with_its_hash(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert set(manifest["sha256"]) == files - {"manifest.json"}
    assert all(sha256_file(folder / name) == hash for name, hash in manifest["sha256"].items())


def test_the_card_counts_what_is_there(folder: Path, tmp_path: Path) -> None:
    counts = write_society(DESIGN, tmp_path / "again")
    observed = sum(len(lines(path / "observed" / "observations.jsonl")) for path in persons(folder))
    card = (folder / "README.md").read_text()
    assert counts.observations.total() == observed
    for promise in (f"{observed} observations", "CC0", "--seed 5", "What it is not"):
        assert promise in card
    assert isinstance(counts, Counts)


def test_files_of_others_are_never_touched(tmp_path: Path) -> None:
    mine = tmp_path / "notes.txt"
    mine.write_text("mine")
    with pytest.raises(ConflictError, match="not empty"):
        write_society(DESIGN, tmp_path)
    write_society(DESIGN, tmp_path, force=True)
    assert mine.read_text() == "mine"
    smaller = replace(DESIGN, people=1, days=1, choices=4)
    write_society(smaller, tmp_path, force=True)
    assert len(persons(tmp_path)) == 1  # nothing is left of the earlier simulation
    assert mine.read_text() == "mine"


def test_a_manifest_cannot_lead_out_of_its_folder(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("mine")
    target = tmp_path / "set"
    target.mkdir()
    (target / "manifest.json").write_text('{"sha256": {"../other.txt": "x"}}')
    write_society(replace(DESIGN, people=1, days=1, choices=0), target, force=True)
    assert other.read_text() == "mine"


def test_impossible_designs_are_refused() -> None:
    for fault in ({"people": 0}, {"days": 0}, {"choices": -1}, {"held_out_people": 1.0}):
        with pytest.raises(InvalidInputError):
            Design(**fault)  # type: ignore[arg-type] # numbers of either type


def test_lives_ahead_of_the_clock_are_the_importers_to_refuse(
    tmp_path: Path, database: Database, user_id: str
) -> None:
    later = (NOW + timedelta(days=30)).date()
    design = replace(DESIGN, people=1, days=1, choices=0, start=later)
    write_society(design, tmp_path / "set")
    (person,) = persons(tmp_path / "set")
    items = list(
        import_files([person / "observed" / "observations.jsonl"], ImportOptions.around(NOW))
    )
    receipt = Ingestor(database, clock=lambda: NOW).ingest(user_id, items)
    assert {one.code for one in receipt.refused} == {"INVALID_TIME"}


@pytest.mark.parametrize("form", ["lines", "list"])
def test_propositions_are_read_in_both_forms(tmp_path: Path, form: str) -> None:
    rows = [
        {"text": "Mara sings.", "confidence": 0.5, "id": "mem_1"},
        {"text": "x", "confidence": 1},
    ]
    path = tmp_path / "propositions"
    path.write_text(json.dumps(rows) if form == "list" else "\n".join(map(json.dumps, rows)))
    assert read_beliefs(path) == [Belief("Mara sings.", 0.5), Belief("x", 1.0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "x"}', "proposition 1 has no text with a confidence"),
        ('{"text": "x", "confidence": true}', "proposition 1"),
        ('{"text": "x", "confidence": 1}\nnonsense', "line 2 is not JSON"),
        ("[1, 2", "begins as a JSON list"),
        ("[3]", "proposition 1"),
        ('{"text": "x", "confidence": 7}', "cannot be scored"),
    ],
)
def test_broken_propositions_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "propositions.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidInputError, match=message):
        read_beliefs(path)
    with pytest.raises(NotFoundError):
        read_beliefs(tmp_path / "nothing.jsonl")
    with pytest.raises(InvalidInputError):
        read_truth(path)
