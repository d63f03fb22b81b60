"""What a careful reader would not believe, the pattern proposer does not believe either."""

import gzip
import json
import os
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from idiolect.lm.embedding.bundled import MINILM_DIR, BundledEmbedder
from idiolect.usermodel.propose.pattern import PatternProposer
from tests.usermodel.seeds import MONDAY, view

SAME_MEANING = 0.7
"""Cosine from which a trap counts as believed; by eye most of such pairs still differ, so the
share below is an upper bound."""


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    folder = os.environ.get("IDIOLECT_DATA")
    if not folder or not (Path(folder) / "gold-user-model").is_dir():
        pytest.skip("IDIOLECT_DATA does not name a folder with gold-user-model")
    if not (MINILM_DIR / "model.onnx").is_file():
        pytest.skip("the embedder is not exported: run `make setup`")
    with gzip.open(Path(folder) / "gold-user-model" / "observe.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def test_few_traps_are_believed_and_none_from_untrusted_screens(rows: list[dict[str, Any]]) -> None:
    embedder = BundledEmbedder()
    traps = believed = drafted = 0
    for row in rows:
        screen = view(
            row["text"], kind="screen", application=row["kind"], trust=row["trust"], id=row["id"]
        )
        drafts = PatternProposer(UTC).propose([screen], [], user_name=row["user"], now=MONDAY)
        traps += len(row["traps"])
        drafted += len(drafts)
        if row["trust"] == "untrusted":
            assert drafts == []
        if not drafts:
            continue
        held = embedder.embed([draft.text for draft in drafts])
        for trap in embedder.embed(row["traps"]):
            nearest = max(sum(a * b for a, b in zip(trap, known, strict=True)) for known in held)
            believed += nearest >= SAME_MEANING
    assert drafted >= 30
    assert believed / traps < 0.03
