"""Rules and model: how a new statement stands to a known one."""

import gzip
import json
import os
from pathlib import Path

import pytest

from idiolect.errors import ModelError
from idiolect.lm.embedding.bundled import MINILM_DIR, BundledEmbedder
from idiolect.lm.scripted import ScriptedModel
from idiolect.usermodel.relate.model import ModelRelater
from idiolect.usermodel.relate.protocols import Pair
from idiolect.usermodel.relate.rules import RulesRelater, relation


@pytest.mark.parametrize(
    ("old", "new", "similarity", "label"),
    [
        ("Mara likes tea.", "mara likes tea", 1.0, "identical"),
        ("Mara is learning the piano.", "Mara learns to play the piano.", 0.9, "identical"),
        ("Mara likes tea.", "Mara doesn't like tea.", 0.9, "contradicts"),
        ("Mara swims on Mondays.", "Mara swims on Fridays.", 0.9, "contradicts"),
        ("Mara has two hives.", "Mara has five hives.", 0.9, "contradicts"),
        ("Mara flies on 28 March 2026.", "Mara flies on 2 April 2026.", 0.97, "contradicts"),
        ("Mara won in May 2024.", "Mara won in May 2024 and 2026.", 0.9, "similar"),
        ("Mara flies to Faro on 2 May.", "Mara flies to Porto on 9 May.", 0.85, "similar"),
        ("Mara runs in the morning.", "Mara runs in the evening.", 0.8, "contradicts"),
        ("Mara manages Piotr.", "Piotr manages Mara.", 0.95, "contradicts"),
        ("Mara plays the piano on Mondays in Porto.", "Mara plays music.", 0.6, "generalizes"),
        ("Mara visits Faro with Ana.", "Mara visits Porto with Rui.", 0.85, "similar"),
        ("Mara eats fish.", "Mara's dog eats fish.", 0.9, "unrelated"),
        ("Mara likes tea.", "Mara repairs clocks at night.", 0.3, "unrelated"),
    ],
)
def test_rules(old: str, new: str, similarity: float, label: str) -> None:
    assert relation(Pair(old, new, similarity)) == label


def test_rules_beat_chance_on_careful_pairs() -> None:
    """On 239 pairs made to be hard, five labels about equally often: chance is 0.2."""
    folder = os.environ.get("IDIOLECT_DATA")
    if not folder or not (Path(folder) / "gold-user-model").is_dir():
        pytest.skip("IDIOLECT_DATA does not name a folder with gold-user-model")
    if not (MINILM_DIR / "model.onnx").is_file():
        pytest.skip("the embedder is not exported: run `make setup`")
    with gzip.open(Path(folder) / "gold-user-model" / "relate.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    embedder = BundledEmbedder()
    old = embedder.embed([row["old"] for row in rows])
    new = embedder.embed([row["new"] for row in rows])
    pairs = [
        Pair(row["old"], row["new"], sum(a * b for a, b in zip(left, right, strict=True)))
        for row, left, right in zip(rows, old, new, strict=True)
    ]
    labels = RulesRelater().relate(pairs)
    right_ones = sum(label == row["label"] for label, row in zip(labels, rows, strict=True))
    assert right_ones / len(rows) > 0.5
    merged = [row["label"] for label, row in zip(labels, rows, strict=True) if label == "identical"]
    assert merged.count("unrelated") == 0


PAIRS = [Pair("Mara likes tea.", "Mara likes no tea.", 0.9), Pair("a", "b", 0.5)]


def test_the_model_is_asked_once_for_all_pairs() -> None:
    answer = {"relations": [{"pair": 2, "label": "Similar"}, {"pair": 1, "label": "contradicts"}]}
    model = ScriptedModel([json.dumps(answer)])
    assert ModelRelater(model).relate(PAIRS) == ["contradicts", "similar"]
    assert len(model.calls) == 1


def test_missing_and_unknown_answers_are_none() -> None:
    answer = {"relations": [{"pair": 1, "label": "sort of"}, {"pair": 9, "label": "similar"}]}
    model = ScriptedModel([json.dumps(answer)])
    assert ModelRelater(model).relate(PAIRS) == [None, None]


def test_an_answer_that_is_no_json_relates_nothing() -> None:
    assert ModelRelater(ScriptedModel(["no", "no"])).relate(PAIRS) == [None, None]


def test_no_pairs_need_no_model() -> None:
    model = ScriptedModel([])
    assert ModelRelater(model).relate([]) == []
    assert model.calls == []


def test_a_model_that_fails_is_an_error() -> None:
    with pytest.raises(ModelError):
        ModelRelater(ScriptedModel([])).relate(PAIRS)
