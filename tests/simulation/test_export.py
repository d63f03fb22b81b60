"""What is written is read by the platform itself, without a row that it refuses."""

import json
from collections.abc import Iterable, Iterator
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
from idiolect.simulation.card import card
from idiolect.simulation.export import PREFERENCES, Counts, write_society
from idiolect.simulation.groups import CHOICE
from idiolect.simulation.matching import Matcher
from idiolect.simulation.person_json import person_from
from idiolect.simulation.reading import read_beliefs, read_truth
from idiolect.simulation.scoring import Belief, score
from idiolect.simulation.society import Design, Society
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
    with database.transaction() as session:
        stored = ObservationRepository(session, user_id).page(limit=1000).items
        seen = list(views(stored))
    # The calendar's wider window has entries of habits that lie further away, and nothing else.
    further = [row for row in stored if row.id in {one.id for one in again.accepted}]
    assert len(further) == len(again.accepted) > 0
    assert {row.kind for row in further} == {"calendar"}
    in_stream = [row.occurred_at for row in stored if row not in further]
    assert all(row.occurred_at > max(in_stream) for row in further)
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


def test_rankings_thumbs_and_edits_are_read_by_the_trainer(folder: Path) -> None:
    """Each person says as much as is asked of them, and each file is one that training takes."""
    offered = {
        json.dumps(row["context"]): row["replies"] for row in lines(folder / "candidates.jsonl")
    }
    edited = 0
    for person in persons(folder):
        read: dict[str, list[Any]] = {}
        for form in ("rankings", "thumbs", "edits"):
            files = [person / "preferences" / f"{form}{part}.jsonl" for part in ("", "-held-out")]
            read[form] = [one for path in files if lines(path) for one in read_examples(path)]
            assert len(read[form]) == sum(len(lines(path)) for path in files)
            if form != "edits":  # pairs of one person are named by whoever imports them
                assert len({one.id for one in read[form]}) == len(read[form])
        # Of 40 pairs a tenth is 4, and half is 20; of what they would leave as it is, no edit.
        assert (len(read["rankings"]), len(read["thumbs"])) == (4, 20)
        assert len(read["edits"]) <= 4
        edited += len(read["edits"])
        for ranking in read["rankings"]:
            replies = offered[json.dumps(list(ranking.context))]
            assert sorted(ranking.samples) == sorted(replies)
            assert ranking.rewards == (5.0, 4.0, 3.0, 2.0, 1.0, 0.0)
        assert {thumb.rewards for thumb in read["thumbs"]} == {(1.0,), (-1.0,)}
        for row in lines(person / "preferences" / "edits.jsonl"):
            PreferenceIn.model_validate(row)
        for edit in read["edits"]:
            replies = offered[json.dumps(list(edit.context_w))]
            assert edit.sample_l in replies
            assert edit.sample_w not in replies
    assert edited


def test_held_out_combinations_are_in_nothing_to_learn_from(folder: Path) -> None:
    society = Society.draw(DESIGN)

    def has_held_out(texts: Iterable[str]) -> bool:
        return any(society.bands(text) in society.held_out_combinations for text in texts)

    def pairs(path: Path) -> list[bool]:
        return [has_held_out((row["chosen"], row["rejected"])) for row in lines(path)]

    assert society.held_out_combinations
    everybody = folder / "preferences"
    for seen in (everybody / "train.jsonl", *folder.glob("people/*/preferences/train.jsonl")):
        assert pairs(seen)
        assert not any(pairs(seen))
    held_out = pairs(everybody / "held-out-combinations.jsonl")
    assert held_out
    assert all(held_out)
    for part, expected in (("", False), ("-held-out", True)):
        files = folder.glob(f"people/*/preferences/thumbs{part}.jsonl")
        thumbs = [row["completion"] for path in files for row in lines(path)]
        assert thumbs
        assert all(has_held_out([text]) is expected for text in thumbs)


def test_somebody_is_always_learned_from(tmp_path: Path) -> None:
    for seed in (22, 23):
        society = Society.draw(replace(DESIGN, people=1, seed=seed, held_out_people=0.2))
        assert not society.held_out
    design = Design(people=10, questions=10, seed=5)
    assert [len(Society.draw(replace(design, seed=seed)).held_out) for seed in (1, 2)] == [2, 2]


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
    features = Society.draw(DESIGN).features
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
    text = (folder / "README.md").read_text()
    assert counts.observations.total() == observed
    for promise in (f"{observed} observations", "CC0", "What it is not"):
        assert promise in text
    for form in ("rankings", "thumbs", "edits"):
        files = folder.glob(f"people/*/preferences/{form}*.jsonl")
        written = sum(len(lines(path)) for path in files)
        assert getattr(counts, form) == written > 0
        assert f"{written} {form}" in text


def test_the_card_names_a_command_only_where_one_makes_the_set() -> None:
    numbers = {"slips": 0.123456789, "temperature": 0.7654321}
    design = Design(people=1, days=1, choices=0, choice=replace(CHOICE, **numbers))
    plain = card(Society.draw(design), Counts(), 0)
    assert "--noise 0.123456789 --temperature 0.7654321 --start 2026-03-02`" in plain
    other = card(Society.draw(replace(design, questions=10)), Counts(), 0)
    assert "idiolect simulate --people" not in other
    assert "from the design in `manifest.json`" in other


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


def test_nothing_is_left_of_a_run_that_was_interrupted(tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        if done == of:
            raise KeyboardInterrupt

    folder = tmp_path / "set"
    with pytest.raises(KeyboardInterrupt):
        write_society(replace(DESIGN, days=1), folder, on_progress=stop)
    assert len(persons(folder)) == 2
    assert not (folder / "manifest.json").exists()
    write_society(replace(DESIGN, people=1, days=1, choices=4), folder, force=True)
    assert len(persons(folder)) == 1
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    named = json.loads((folder / "manifest.json").read_text())["sha256"]
    assert files == {*named, "manifest.json"}


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
            Design(**fault)


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


def test_a_line_ends_where_json_lines_end(tmp_path: Path) -> None:
    path = tmp_path / "propositions.jsonl"
    texts = ["Mara\u2028sings.", "Mara\x85rows.", "Mara runs."]
    rows = [json.dumps({"text": text, "confidence": 1}, ensure_ascii=False) for text in texts]
    path.write_bytes("\r\n".join(rows).encode())
    assert [belief.text for belief in read_beliefs(path)] == texts


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
