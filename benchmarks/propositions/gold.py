"""Screens that a careful reader read, through the whole pipeline: what is found, what believed."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from benchmarks.propositions.arms import Arm, Forgiven
from benchmarks.propositions.figures import Count, summary
from benchmarks.propositions.pipeline import opened
from idiolect.lm.protocols import Embedder
from idiolect.observe.wire import ObservationIn
from idiolect.simulation.matching import Matcher
from idiolect.simulation.scoring import Belief
from tools.bundled_model.tasks.gold import part_of

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Part = Literal["development", "held out", "unseen by the model", "all"]


@dataclass(frozen=True, slots=True)
class Screen:
    """What stood on a screen, and what a careful reader concludes from it and what not."""

    id: str
    user: str
    application: str
    text: str
    trust: str
    statements: tuple[str, ...]
    traps: tuple[str, ...]

    def observation(self) -> ObservationIn:
        """As the observer sends it."""
        return ObservationIn.model_validate(
            {
                "idempotency_key": self.id,
                "kind": "screen",
                "source": "gold",
                "application": self.application,
                "text": self.text,
                "trust": self.trust,
                "occurred_at": MONDAY,
            }
        )


def half_of(key: str) -> Part:
    """The half that a row is in, told by a hash so that nobody chooses."""
    is_even = hashlib.sha256(key.encode()).digest()[0] % 2 == 0
    return "development" if is_even else "held out"


def is_in(key: str, part: Part) -> bool:
    """Whether a row is in a part; what the bundled model never saw lies across both halves."""
    if part == "unseen by the model":
        return part_of(key) == "test"
    return part in ("all", half_of(key))


def read_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one file of gold-user-model."""
    with gzip.open(folder / "gold-user-model" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_screens(folder: Path, part: Part) -> list[Screen]:
    """The screens of a part."""
    return [
        Screen(
            row["id"],
            row["user"],
            row["kind"],
            row["text"],
            row["trust"],
            tuple(one["text"] for one in row["propositions"]),
            tuple(row["traps"]),
        )
        for row in read_rows(folder, "observe")
        if is_in(row["id"], part)
    ]


def held_after(
    screens: Sequence[Screen], arm: Arm, embedder: Embedder
) -> tuple[list[list[Belief]], float]:
    """What is believed of each screen's user after it alone, and processor seconds a screen."""
    with opened(embedder, arm) as pipeline:
        held = []
        for screen in screens:
            user_id = pipeline.add_user(screen.user)
            pipeline.learn(user_id, [screen.observation()], MONDAY + timedelta(minutes=5))
            held.append(pipeline.beliefs(user_id))
        return held, pipeline.work.seconds / max(1, pipeline.work.observations)


def measured(
    screens: Sequence[Screen], arm: Arm, embedder: Embedder, matcher: Matcher
) -> dict[str, Any]:
    """One arm's figures."""
    held, seconds = held_after(screens, arm, embedder)
    counts = [
        counted(screen, beliefs, matcher) for screen, beliefs in zip(screens, held, strict=True)
    ]
    judges = [one for one in arm.proposers(UTC) if isinstance(one, Forgiven)]
    return {
        **summary(counts),
        "ms an observation": 1000 * seconds,
        "unusable answers": sum(one.unusable for one in judges),
    }


def counted(screen: Screen, beliefs: Sequence[Belief], matcher: Matcher) -> Count:
    """Holds beliefs against what a careful reader concludes and what he does not.

    A belief is right if it says a gold statement. It says a trap if it is nearer to it than to
    any gold statement: many traps are a gold statement with one word changed.
    """
    person = screen.user.split()[0]
    texts = [belief.text for belief in beliefs]
    to_gold = matcher.nearness(texts, screen.statements, person)
    to_traps = matcher.nearness(texts, screen.traps, person)
    nearest_gold = to_gold.max(axis=1, initial=0.0)
    nearest_trap = to_traps.max(axis=1, initial=0.0)
    is_misled = nearest_trap > nearest_gold
    trapped = to_traps.argmax(axis=1) if screen.traps else []
    believed: dict[int, float] = {}
    for place, belief in enumerate(beliefs):
        if is_misled[place]:
            trap = int(trapped[place])
            believed[trap] = max(believed.get(trap, 0.0), belief.confidence)
    return Count(
        gold=len(screen.statements),
        found=int((to_gold.max(axis=0, initial=0.0) > 0).sum()),
        confidences=tuple(belief.confidence for belief in beliefs),
        right=tuple(bool(near > 0) for near in nearest_gold * ~is_misled),
        traps=len(screen.traps),
        believed=tuple(believed.values()),
        is_untrusted=screen.trust == "untrusted",
    )
