"""When two statements say the same: the matcher's threshold, checked against pairs read by hand.

The pairs lie around the threshold of the cosine: what arms believed beside the gold statement or
trap of the same screen that is nearest. Somebody read each and wrote whether the belief says what
the other says, or its main part.
"""

import tomllib
from pathlib import Path
from typing import Any

from idiolect.lm.protocols import Embedder
from idiolect.simulation.matching import SAME_MEANING, Matcher

BY_HAND = Path(__file__).with_name("matching_by_hand.toml")
THRESHOLDS = (0.6, 0.65, SAME_MEANING, 0.75, 0.8)

THRESHOLD = 0.75
"""For the screens: of the thresholds this one decides the most pairs as the reader did. Simulated
people keep ``SAME_MEANING``, for which their facts have several wordings each."""


def right_by_hand(embedder: Embedder) -> dict[str, Any]:
    """How many of the pairs each threshold decides as the reader did; wrong ones of both kinds."""
    with BY_HAND.open("rb") as file:
        pairs = tomllib.load(file)["pairs"]
    report: dict[str, Any] = {}
    for threshold in THRESHOLDS:
        matcher = Matcher(embedder, threshold)
        said = [
            bool(matcher.nearness([one["belief"]], [one["other"]], one["user"])[0, 0] > 0)
            for one in pairs
        ]
        same = [bool(one["same"]) for one in pairs]
        report[f"threshold {threshold}"] = {
            "right": sum(a == b for a, b in zip(said, same, strict=True)),
            "matched wrongly": sum(a and not b for a, b in zip(said, same, strict=True)),
            "missed": sum(b and not a for a, b in zip(said, same, strict=True)),
            "pairs": len(pairs),
        }
    return report
