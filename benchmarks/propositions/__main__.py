"""How good propositions are: on screens with a careful reader's answers, and on simulated people.

    IDIOLECT_DATA=... PYTHONPATH=. python -m benchmarks.propositions gold [--part ...] [--model]
    PYTHONPATH=. python -m benchmarks.propositions people [--people 12] [--days 7] [--seed 2]

Everything runs through the pipeline as it is wired: ingest, batches, audit, propose, relate,
revise, on SQLite and Chroma in a folder that is thrown away. Time is processor time of what comes
after ingest.

*gold* is gold-user-model (CC0, written for Idiolect). It is parted in halves by a hash: patterns
and rules are changed by looking at the development half, and the held-out half is reported. The
bundled model was trained on four fifths of the rows, so what it does is measured on the rest,
``--part "unseen by the model"``.

*people* are drawn with a seed: seed 1 is looked at, another one is reported.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import structlog

from benchmarks.propositions import gold, relations
from benchmarks.propositions.arms import WIRED, with_model
from benchmarks.propositions.matching import THRESHOLD, right_by_hand
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.protocols import Embedder, LanguageModel
from idiolect.simulation.matching import Matcher


def main() -> int:
    """Measures and shows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    of_gold = kinds.add_parser("gold")
    of_gold.add_argument("--part", choices=get_args(gold.Part), default="held out")
    of_gold.add_argument("--model", action="store_true", help="the bundled model's arms, too")
    of_people = kinds.add_parser("people")
    of_people.add_argument("--people", type=int, default=12)
    of_people.add_argument("--days", type=int, default=7)
    of_people.add_argument("--seed", type=int, default=2)
    of_people.add_argument("--arm", action="append", help="of people.ARMS; default all")
    for each in (of_gold, of_people):
        each.add_argument("--json", action="store_true", help="end with one JSON object")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    embedder = BundledEmbedder()
    report: dict[str, Any] = {}
    if given.kind == "people":
        from benchmarks.propositions import people  # it needs the extra "simulation"

        lives = people.draw_lives(given.people, given.days, given.seed)
        arms = people.measured(lives, given.arm or list(people.ARMS), embedder, Matcher(embedder))
    else:
        folder = Path(os.environ.get("IDIOLECT_DATA", ""))
        if not (folder / "gold-user-model").is_dir():
            print("IDIOLECT_DATA does not name a folder with gold-user-model", file=sys.stderr)
            return 2
        arms = _gold_arms(folder, given.part, _bundled() if given.model else None, embedder)
    for name, figures in arms:
        report[name] = figures
        show(name, figures)
    if given.json:
        print(json.dumps(report))
    return 0


def _gold_arms(
    folder: Path, part: gold.Part, model: LanguageModel | None, embedder: Embedder
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and figures of the arms on a part of the gold rows, one after the other."""
    yield "pairs matched as by hand", right_by_hand(embedder)
    yield from relations.measured(relations.read_pairs(folder, embedder), part, model)
    screens, matcher = gold.read_screens(folder, part), Matcher(embedder, THRESHOLD)
    for arm in (WIRED, *(with_model(model) if model else ())):
        yield arm.name, gold.measured(screens, arm, embedder, matcher)


def show(arm: str, figures: Mapping[str, Any]) -> None:
    """An arm's figures, a line each."""
    print(arm)
    for name, value in figures.items():
        if isinstance(value, float):
            shown = f"{value:.3f}"
        elif isinstance(value, list) and value and isinstance(value[0], float):
            shown = "  ".join(f"{each:.3f}" for each in value)
        else:
            shown = str(value)
        print(f"    {name:<36}{shown}", flush=True)


def _bundled() -> LanguageModel:
    from idiolect.lm.bundled import MODEL_DIR
    from idiolect.lm.local import LocalModel

    return LocalModel(MODEL_DIR, device="cpu")


if __name__ == "__main__":
    sys.exit(main())
