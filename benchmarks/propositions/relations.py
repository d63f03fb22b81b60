"""How well it is told how two statements stand to each other, on pairs made to be hard."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.propositions.figures import share
from benchmarks.propositions.gold import Part, half_of, is_in, read_rows
from idiolect.lm.protocols import Embedder, LanguageModel
from idiolect.usermodel.relate.model import ModelRelater
from idiolect.usermodel.relate.protocols import Pair, Relater
from idiolect.usermodel.relate.rules import RulesRelater
from tools.bundled_model.tasks.ask_relation import CompactRelater
from tools.bundled_model.tasks.scores_relation import Thresholds

Labelled = tuple[Pair, str]


def read_pairs(folder: Path, embedder: Embedder) -> list[Labelled]:
    """All labelled pairs with the similarity that the platform would see."""
    rows = read_rows(folder, "relate")
    old = np.array(embedder.embed([row["old"] for row in rows]))
    new = np.array(embedder.embed([row["new"] for row in rows]))
    cosines = (old * new).sum(axis=1)
    return [
        (Pair(row["old"], row["new"], float(cosine)), row["label"])
        for row, cosine in zip(rows, cosines, strict=True)
    ]


def measured(
    pairs: Sequence[Labelled], part: Part, model: LanguageModel | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and figures of the judges on a part; thresholds are fitted on the development half."""
    known = [one for one in pairs if half_of(one[0].old) == "development"]
    asked = [one for one in pairs if is_in(one[0].old, part)]
    if part == "unseen by the model":  # the thresholds must not have seen them either
        known = [one for one in known if not is_in(one[0].old, part)]
    thresholds = Thresholds.fitted([pair for pair, _ in known], [label for _, label in known])
    commonest = Counter(label for _, label in known).most_common(1)[0][0]
    questions = [pair for pair, _ in asked]
    judges: dict[str, Relater] = {"rules": RulesRelater()}
    if model is not None:
        judges["model in short form"] = CompactRelater(model)
        judges["model asked for JSON"] = ModelRelater(model)
    yield "the commonest label", _figures(asked, [commonest] * len(asked))
    yield "cosine thresholds", _figures(asked, thresholds.relate(questions))
    for name, judge in judges.items():
        # Pair by pair, since not all of them have room in the bundled model's context.
        yield name, _figures(asked, [judge.relate([pair])[0] for pair in questions])


def _figures(asked: Sequence[Labelled], labels: Sequence[str | None]) -> dict[str, Any]:
    right = [(label == given) for (_, label), given in zip(asked, labels, strict=True)]
    merged = [
        label for (_, label), given in zip(asked, labels, strict=True) if given == "identical"
    ]
    return {
        "accuracy": share(right, int, lambda _: 1),
        "merged": len(merged),
        "merged wrongly": sum(label != "identical" for label in merged),
        "unanswered": sum(given is None for given in labels),
        "pairs": len(asked),
    }
