"""Scenes put one after the other: the observations of a stream, with their moments."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from idiolect.observe.wire import MAX_APPLICATION_CHARS, MAX_TITLE_CHARS, ObservationIn
from idiolect.simulation.lives.protagonist import Protagonist
from idiolect.simulation.lives.scenes import Scene

SOURCE = "simulation"
_GAP_S = (8.0, 90.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation with what it shows.

    Attributes:
        observation: in the wire's form.
        facts: ids of the facts that it shows.
        traps: ids of the traps that it sets.
    """

    observation: ObservationIn
    facts: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


def run(who: Protagonist, scenes: Iterable[Scene], rng: random.Random) -> list[Seen]:
    """All scenes in their order, each after the one before it has ended.

    Every scene gives one observation of the application's use and one of each text seen in it.
    The texts show the scene's facts and set its traps; the use, which counts keys and clicks, does
    so only where there is no text, or where the window's title does.
    """
    seen: list[Seen] = []
    ordered = sorted(scenes, key=lambda scene: (scene.day, scene.minute))
    for day, of_day in groupby(ordered, key=lambda scene: scene.day):
        free_at = who.moment(day)
        for scene in of_day:
            begins_at = max(free_at, who.moment(day, scene.minute))
            begins_at += timedelta(seconds=rng.randint(0, 59))
            seen += _observed(who, scene, begins_at, len(seen), rng)
            pause = timedelta(seconds=round(rng.uniform(*_GAP_S)))
            free_at = begins_at + timedelta(seconds=scene.length_s) + pause
    return seen


def _observed(
    who: Protagonist, scene: Scene, begins_at: datetime, count: int, rng: random.Random
) -> Sequence[Seen]:
    keys = rng.randint(20, 400) if scene.trust == "typed" else rng.randint(0, 60)
    window = {
        "source": SOURCE,
        "application": scene.application[:MAX_APPLICATION_CHARS],
        "title": scene.title[:MAX_TITLE_CHARS],
        "url": scene.url,
    }
    use = ObservationIn.model_validate(
        {
            **window,
            "idempotency_key": f"{who.id}/{count:05}",
            "kind": "application",
            "text": f"{keys} keys, {rng.randint(0, 12)} clicks",
            "trust": scene.trust,
            "occurred_at": begins_at,
            "duration_s": scene.length_s,
        }
    )
    step = scene.length_s / (len(scene.shots) + 1)
    shots = [
        ObservationIn.model_validate(
            {
                **window,
                "idempotency_key": f"{who.id}/{count + place:05}",
                "kind": shot.kind,
                "text": shot.text,
                "trust": shot.trust,
                "occurred_at": begins_at + timedelta(seconds=round(place * step)),
            }
        )
        for place, shot in enumerate(scene.shots, 1)
    ]
    use_shows = scene.title_shows or not shots
    return [
        Seen(use, scene.facts, scene.traps) if use_shows else Seen(use),
        *(Seen(shot, scene.facts, scene.traps) for shot in shots),
    ]
