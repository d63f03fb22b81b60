"""LoCoMo's conversations as memories to be found: one for each turn, and the turns that answer.

A. Maharana et al., ACL 2024; CC-BY-NC-4.0, for measuring only. Questions without evidence are left
out; the adversarial ones (category 5), which ask of the wrong speaker, are counted apart.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.user_model.measures import recall_at, reciprocal_rank
from idiolect.lm.protocols import Embedder

ADVERSARIAL = 5
_SESSION = re.compile(r"session_(\d+)")
_EVIDENCE = re.compile(r"D\d+:\d+")

Rankings = Sequence[Sequence[Sequence[str]]]
"""By conversation and question: the turns that were found, best first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ids of the turns that hold its answer."""

    text: str
    evidence: tuple[str, ...]
    is_adversarial: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said, by days before the conversation's last session."""

    id: str
    text: str
    age_days: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """One of them."""

    id: str
    turns: tuple[Turn, ...]
    questions: tuple[Asked, ...]


def read(folder: Path) -> list[Conversation]:
    """All conversations in ``nc-locomo`` of the data folder; none where there is no such file."""
    path = folder / "nc-locomo" / "conversations.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [parse(json.loads(line)) for line in lines]


def parse(raw: Mapping[str, Any]) -> Conversation:
    """One line of the file."""
    told = raw["conversation"]
    sessions = {
        int(found[1]): turns
        for name, turns in told.items()
        if (found := _SESSION.fullmatch(name)) and isinstance(turns, list)
    }
    times = {
        number: datetime.strptime(told[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y")  # noqa: DTZ007 - only differences count
        for number in sessions
    }
    last = max(times.values())
    turns = tuple(
        Turn(turn["dia_id"], _said(turn), (last - times[number]).total_seconds() / 86_400)
        for number, session in sorted(sessions.items())
        for turn in session
    )
    return Conversation(raw["sample_id"], turns, tuple(_questions(raw["qa"], turns)))


def _said(turn: Mapping[str, Any]) -> str:
    shown = f" (a picture: {turn['blip_caption']})" if turn.get("blip_caption") else ""
    return f"{turn['speaker']}: {turn['text']}{shown}"


def _questions(raw: Sequence[Mapping[str, Any]], turns: Sequence[Turn]) -> Iterator[Asked]:
    known = {turn.id for turn in turns}
    for one in raw:
        named = _EVIDENCE.findall(" ".join(one.get("evidence") or ()))
        evidence = tuple(dict.fromkeys(id for id in named if id in known))
        if evidence:
            yield Asked(one["question"], evidence, one["category"] == ADVERSARIAL)


def write(folder: Path, conversations: Sequence[Conversation], embedder: Embedder) -> None:
    """The conversations and the vectors of all their texts, for ``locomo_arm``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "locomo.json").write_text(json.dumps([asdict(one) for one in conversations]))
    vectors = {}
    for number, one in enumerate(conversations):
        vectors[f"turns-{number}"] = np.array(embedder.embed([turn.text for turn in one.turns]))
        vectors[f"questions-{number}"] = np.array(embedder.embed([q.text for q in one.questions]))
    np.savez(folder / "locomo.npz", **vectors)


def figures(conversations: Sequence[Conversation], rankings: Rankings) -> dict[str, Any]:
    """Recall at 5 and 10 and the mean reciprocal rank among ten, over questions."""
    found = [
        (question, ranked)
        for conversation, by_question in zip(conversations, rankings, strict=True)
        for question, ranked in zip(conversation.questions, by_question, strict=True)
    ]
    return {
        "answerable": _averaged([(q, r) for q, r in found if not q.is_adversarial]),
        "adversarial": _averaged([(q, r) for q, r in found if q.is_adversarial]),
    }


def _averaged(found: Sequence[tuple[Asked, Sequence[str]]]) -> dict[str, float]:
    if not found:
        return {"questions": 0}
    return {
        "questions": len(found),
        "recall@5": fmean(recall_at(ranked, one.evidence, 5) for one, ranked in found),
        "recall@10": fmean(recall_at(ranked, one.evidence, 10) for one, ranked in found),
        "mrr": fmean(reciprocal_rank(ranked, one.evidence) for one, ranked in found),
    }
