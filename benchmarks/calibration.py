"""Whether calibrated confidence beats raw confidence on propositions that were not rated.

    python -m benchmarks.calibration [--people N] [--days N] [--draws N] [--json]

A map is fitted to 20, 60 or 200 ratings of one author, as ``usermodel.calibration`` does it, and
judged by propositions of the same author that it has not seen: Brier score and expected calibration
error, raw and calibrated, the mean over draws, and in which share of them calibrated had the lower
Brier score. Two kinds of sources:

*made up*: 20 raw confidences drawn at random and a rule that says how often each is right, so that
each way of being wrong is there, and being right.

*simulated people*: what the pattern proposer believes of people whose lives are known after some
days of observations, with the confidence that it gives, rated as the truth says. People's
propositions are taken together, as of one user, since one has too few.
"""

import argparse
import json
import math
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from benchmarks.propositions.arms import WIRED
from benchmarks.propositions.people import draw_lives, lived, whole
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.simulation.matching import Matcher
from idiolect.usermodel.calibration.figures import bins_of, brier, calibration_error
from idiolect.usermodel.calibration.recalibrate import Rating, recalibration

AUTHOR = "pattern"
NUMBERS = (20, 60, 200)
HELD_OUT = 500
"""Propositions of a made-up source that are judged."""

Truth = Callable[[float], float]
"""The probability that a proposition of this raw confidence is true."""


def bent(shift: float, slope: float) -> Truth:
    """True log-odds that are ``shift + slope`` times the raw ones."""
    return lambda raw: 1 / (1 + math.exp(-shift - slope * math.log(raw / (1 - raw))))


MADE_UP: Mapping[str, Truth] = {
    "right about itself": lambda raw: raw,
    "too sure": bent(-0.6, 0.6),
    "too timid": bent(0.5, 1.5),
    "says nothing": lambda _: 0.5,
    "a step at 0.75": lambda raw: 0.3 if raw < 0.75 else 0.85,
}


def made_up(truth: Truth, ratings: int, seed: int) -> list[Rating]:
    """Ratings of a source's propositions, of raw confidences spread over the scale."""
    chance = random.Random(seed)
    raws = [round(chance.uniform(0.05, 0.95), 2) for _ in range(20)]
    drawn = chance.choices(raws, k=ratings)
    return [
        Rating(f"mem_{place}", AUTHOR, raw, float(chance.random() < truth(raw)))
        for place, raw in enumerate(drawn)
    ]


def of_people(people: int, days: int) -> list[Rating]:
    """Ratings of all that is believed of simulated people, by the truth of their lives."""
    embedder = BundledEmbedder()
    matcher = Matcher(embedder)
    found = []
    for number, life in enumerate(draw_lives(people, days, seed=7)):
        _, judged, _, _ = lived(life, whole(life), WIRED, embedder, matcher)
        for place, one in enumerate(judged):
            outcome = 1.0 if one.outcome == "true" else 0.0
            found.append(Rating(f"mem_{number}_{place}", AUTHOR, one.belief.confidence, outcome))
    return found


def judged(known: Sequence[Rating], held_out: Sequence[Rating]) -> dict[str, float]:
    """Figures of raw and calibrated confidence in what was not rated."""
    learned = recalibration(known)
    outcomes = [rating.outcome for rating in held_out]
    raw = [rating.raw for rating in held_out]
    calibrated = [learned.confidence(AUTHOR, rating.raw) for rating in held_out]
    return {
        "raw Brier": brier(raw, outcomes) or 0.0,
        "Brier": brier(calibrated, outcomes) or 0.0,
        "raw ECE": calibration_error(bins_of(raw, outcomes)) or 0.0,
        "ECE": calibration_error(bins_of(calibrated, outcomes)) or 0.0,
    }


def summary(draws: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Means over draws, and the share of them in which calibrated is better."""
    means = {name: fmean(one[name] for one in draws) for name in draws[0]}
    return {**means, "better": fmean(one["Brier"] < one["raw Brier"] for one in draws)}


def measured(people: int, days: int, draws: int) -> list[dict[str, object]]:
    """A row for each source and number of ratings."""
    rows: list[dict[str, object]] = []
    for name, truth in MADE_UP.items():
        for number in NUMBERS:
            found = []
            for seed in range(draws):
                every = made_up(truth, number + HELD_OUT, seed)
                found.append(judged(every[:number], every[number:]))
            rows.append({"source": name, "ratings": number, **summary(found)})
    pool = of_people(people, days)
    for number in NUMBERS:
        if 2 * number > len(pool):
            continue
        found = []
        for seed in range(draws):
            every = random.Random(seed).sample(pool, len(pool))
            found.append(judged(every[:number], every[number:]))
        source = f"simulated people ({len(pool)} propositions)"
        rows.append({"source": source, "ratings": number, **summary(found)})
    return rows


def main(arguments: Sequence[str]) -> None:
    """Measures and prints a table in Markdown, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--days", type=int, default=4)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    rows = measured(chosen.people, chosen.days, chosen.draws)
    if chosen.json:
        print(json.dumps(rows))
        return
    columns = ("source", "ratings", "raw Brier", "Brier", "raw ECE", "ECE", "better")
    print("| " + " | ".join(columns) + " |")
    print("| " + " | ".join("---" for _ in columns) + " |")
    for row in rows:
        cells = [
            f"{row[name]:.3f}" if isinstance(row[name], float) else str(row[name])
            for name in columns
        ]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
