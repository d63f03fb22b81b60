"""What all arms are given: screens of 300 words, a store of statements, and questions.

It is made once and written into a folder, so that every interpreter reads the same.
"""

import json
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.synthetic_store import propositions
from idiolect.handbook.topics import load_topics
from idiolect.kit.clock import utc_now
from idiolect.usermodel.sensitivity import sensitive

USER_NAME = "Mara"
BATCH = 5
WORDS = 300
SEED = 11


@cache
def deeds() -> list[str]:
    """What people do, in the handbook's words; none touches a sensitive category."""
    facts = (fact.text for topic in load_topics() for fact in topic.facts)
    return [text for text in facts if not sensitive(text)]


@cache
def _sentences() -> list[str]:
    topics = load_topics()
    said = [point.long for topic in topics for point in topic.points]
    said += [text for topic in topics for text in (topic.why, topic.example, topic.caution)]
    return [text for text in said if not sensitive(text)]


def screens(batches: int) -> list[list[str]]:
    """Batches of texts as they are seen: sentences of the handbook, one on each line.

    Those that touch a sensitive category are left out, so that every arm learns from all of them.
    """
    pick = random.Random(SEED)
    return [[_screen(pick) for _ in range(BATCH)] for _ in range(batches)]


def _screen(pick: random.Random) -> str:
    lines: list[str] = []
    left = WORDS
    while left > 0:
        words = pick.choice(_sentences()).split()[:left]
        lines.append(" ".join(words))
        left -= len(words)
    return "\n".join(lines)


def questions(count: int) -> list[str]:
    """What people ask about the matters that the statements are about."""
    asks = sorted({ask for topic in load_topics() for ask in topic.asks})
    return random.Random(SEED).sample(asks, count)


def statements(size: int) -> list[dict[str, Any]]:
    """The statements of ``synthetic_store``, as plain values; ``age_days`` since their support."""
    now = utc_now()
    rows, _ = propositions("", size, now)
    return [
        {
            "text": row["text"],
            "reasoning": row["reasoning"],
            "confidence": row["confidence"],
            "durability": row["durability"],
            "age_days": (now - row["supported_at"]).total_seconds() / 86_400,
        }
        for row in rows
    ]


def write(folder: Path, batches: int, sizes: Sequence[int], queries: int) -> None:
    """Everything, as JSON files that ``arm`` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"user_name": USER_NAME, "batches": screens(batches), "questions": questions(queries)}
    (folder / "material.json").write_text(json.dumps(given))
    for size in sizes:
        (folder / f"statements-{size}.json").write_text(json.dumps(statements(size)))
