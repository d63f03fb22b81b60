"""Simulated people, of whom the truth is known: a week of their lives through the pipeline."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from benchmarks.propositions.arms import UNRELATED, UNRETRIEVED, WIRED, Arm
from benchmarks.propositions.figures import mean
from benchmarks.propositions.noise import seen_again
from benchmarks.propositions.pipeline import opened
from idiolect.lm.protocols import Embedder
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.lives import Life
from idiolect.simulation.matching import Matcher
from idiolect.simulation.scoring import Judged, Score, score
from idiolect.simulation.society import Design, Society
from idiolect.usermodel.calibration.figures import bins_of, brier
from idiolect.usermodel.upkeep import UpkeepReport

DAY = timedelta(days=1)


def draw_lives(people: int, days: int, seed: int) -> list[Life]:
    """The lives of a simulated set, the same ones as ``idiolect simulate`` writes."""
    society = Society.draw(Design(people=people, days=days, seed=seed, choices=0))
    return [member.life for member in society.members()]


def unpoisoned(life: Life) -> list[ObservationIn]:
    """The stream without what strangers planted falsehoods in."""
    planted = {key for trap in life.truth.traps if trap.is_planted for key in trap.evidence}
    return [one for one in life.observations if one.idempotency_key not in planted]


def noisy(life: Life) -> list[ObservationIn]:
    """The stream with all words seen three times, the later times with letters misread."""
    return list(seen_again(life.observations, seed=1))


def whole(life: Life) -> Sequence[ObservationIn]:
    """The stream as it is."""
    return life.observations


ARMS: Mapping[str, tuple[Arm, Callable[[Life], Sequence[ObservationIn]]]] = {
    "as wired": (WIRED, whole),
    "without what strangers planted": (WIRED, unpoisoned),
    "nothing related": (UNRELATED, whole),
    "nothing retrieved": (UNRETRIEVED, whole),
    "seen three times, misread": (WIRED, noisy),
    "the same, nothing retrieved": (UNRETRIEVED, noisy),
}
"""Who learns, and from what."""


def by_day(
    observations: Sequence[ObservationIn], first: datetime
) -> Iterator[tuple[datetime, list[ObservationIn]]]:
    """A stream in the days on which it comes in, each with its end; a calendar on the first."""

    def day(one: ObservationIn) -> int:
        return 0 if one.kind == "calendar" else max(0, (one.occurred_at - first) // DAY)

    for number, of_day in groupby(sorted(observations, key=day), key=day):
        yield first + (number + 1) * DAY, list(of_day)


def lived(
    life: Life,
    observations: Sequence[ObservationIn],
    arm: Arm,
    embedder: Embedder,
    matcher: Matcher,
) -> tuple[Score, list[Judged], UpkeepReport, float]:
    """One person's stream through one arm, day by day.

    Returns:
        What the beliefs are worth at the end, each with its outcome, what upkeep finds, and
        processor milliseconds an observation.
    """
    first = life.who.moment(0)
    with opened(embedder, arm, life.who.zone) as pipeline:
        user_id = pipeline.add_user(life.who.full)
        for end, of_day in by_day(observations, first):
            pipeline.learn(user_id, of_day, end)
        beliefs = pipeline.beliefs(user_id)
        pipeline.now = life.truth.ends_at
        report = pipeline.upkeep(user_id)
        ms = 1000 * pipeline.work.seconds / max(1, pipeline.work.observations)
    result, judged = score(beliefs, life.truth, matcher)
    return result, judged, report, ms


def measured(
    lives: Sequence[Life], arms: Sequence[str], embedder: Embedder, matcher: Matcher
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and figures of arms, one after the other: means over people with intervals."""
    for name in arms:
        arm, stream = ARMS[name]
        yield name, summary([lived(life, stream(life), arm, embedder, matcher) for life in lives])


def summary(runs: Sequence[tuple[Score, list[Judged], UpkeepReport, float]]) -> dict[str, Any]:
    """Means over people."""
    scores = [run[0] for run in runs]
    reports = [run[2] for run in runs]
    return {
        "beliefs": mean([one.beliefs for one in scores]),
        "precision": mean([one.precision for one in scores]),
        "precision beyond the desk": mean([one.precision_beyond_desk for one in scores]),
        "recall": mean([one.recall for one in scores]),
        "Brier": mean([one.brier for one in scores]),
        "Brier, each statement once": mean([brier_once(run[1]) for run in runs]),
        "calibration error": mean([one.calibration_error for one in scores]),
        "bins": bins([one for run in runs for one in run[1]]),
        "planted believed": [
            sum(s.planted_believed for s in scores),
            sum(s.planted for s in scores),
        ],
        "planted confidence": [s.planted_confidence for s in scores if s.planted_confidence],
        "misread believed": [
            sum(s.misread_believed for s in scores),
            sum(s.misread for s in scores),
        ],
        "stale": sum(s.outcomes["stale"] for s in scores),
        "said again": mean([said_again(judged) for _, judged, _, _ in runs]),
        "duplicate rate": mean([one.duplicate_rate for one in reports]),
        "contradiction rate": mean([one.contradiction_rate for one in reports]),
        "junk rate": mean([one.junk_rate for one in reports]),
        "ms an observation": mean([run[3] for run in runs]),
    }


def said_again(judged: Sequence[Judged]) -> float | None:
    """Share of the beliefs that say something which another one says already, by the truth."""
    named = [one.id for one in judged if one.id]
    return (len(named) - len(set(named))) / len(judged) if judged else None


def brier_once(judged: Sequence[Judged]) -> float | None:
    """The Brier score where what several beliefs say counts once, as the surest of them says it.

    Beliefs that only repeat what is known and true would else make a score look good.
    """
    surest: dict[str, Judged] = {}
    for one in judged:
        key = one.id or one.belief.text
        if key not in surest or one.belief.confidence > surest[key].belief.confidence:
            surest[key] = one
    kept = surest.values()
    return brier(
        [one.belief.confidence for one in kept], [float(one.outcome == "true") for one in kept]
    )


def bins(judged: Sequence[Judged]) -> list[list[float]]:
    """Of everybody's beliefs together: lower end, how many, mean confidence, share that is true."""
    held = bins_of(
        [one.belief.confidence for one in judged],
        [float(one.outcome == "true") for one in judged],
    )
    return [[b.low, b.beliefs, round(b.confidence, 3), round(b.right, 3)] for b in held]
