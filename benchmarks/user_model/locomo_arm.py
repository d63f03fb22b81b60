"""What one engine finds for every question of every conversation, in a process of its own.

Called by ``benchmarks.user_model`` with a JSON object; prints one, of rankings by arm. All engines
that embed get the same vectors, so that it is ranking that is compared. Every turn is one statement
of middling confidence (0.7) and durability (0.5: a half-life of 13 days with us, the rate 5 with
GUM). Decay counts from the last session, which is when the questions are asked.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.user_model.arm import LIMIT, Job

CONFIDENCE, DURABILITY = 0.7, 0.5
Rankings = dict[str, list[list[str]]]
"""By arm and question: the ids of turns, best first."""


class Given:
    """One conversation as it lies in the material, with its vectors."""

    def __init__(self, raw: dict[str, Any], turns: Any, questions: Any) -> None:
        self.turns: list[dict[str, Any]] = raw["turns"]
        self.questions = [one["text"] for one in raw["questions"]]
        self.texts = [one["text"] for one in self.turns]
        self.vectors: list[list[float]] = turns.tolist()
        texts = (one.strip() for one in (*self.texts, *self.questions))
        self._vectors = dict(zip(texts, [*self.vectors, *questions.tolist()], strict=True))
        self._ids: dict[str, list[str]] = {}
        for turn in self.turns:
            self._ids.setdefault(turn["text"], []).append(turn["id"])

    def vector(self, text: str) -> list[float]:
        """Of a turn or a question; mem0 takes the spaces off its ends first."""
        return self._vectors[text.strip()]

    def ids(self, texts: Sequence[str]) -> list[str]:
        """The turns that say these; where several say the same, all of them."""
        return list(dict.fromkeys(id for text in texts for id in self._ids[text]))[:LIMIT]


def ours(job: Job, given: Given, name: str) -> Rankings:
    """Full text alone, vectors alone, and our search with and without its decay."""
    from datetime import timedelta

    from sqlalchemy import insert

    from idiolect.kit.clock import utc_now
    from idiolect.kit.hashing import sha256_text
    from idiolect.settings import Settings
    from idiolect.store.database import Database
    from idiolect.store.models import Memory
    from idiolect.store.repositories.full_text import FullText
    from idiolect.store.repositories.user import create_user
    from idiolect.store.vectors.chroma import ChromaVectorStore
    from idiolect.usermodel.pipeline import UserModel
    from idiolect.usermodel.relate.rules import RulesRelater
    from idiolect.usermodel.retrieve import query_words

    class Known:
        """Gives the vectors of the material."""

        name = "given"

        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            return [given.vector(text) for text in texts]

    folder, now = job.folder / name, utc_now()
    database = Database(Settings(data_dir=folder).database)
    database.migrate()
    vectors = ChromaVectorStore.embedded(Known.name, folder / "chroma")
    with database.transaction() as session:
        user_id = create_user(session, "Nobody", now).id
        rows = [
            {
                "id": f"mem_{number}",
                "user_id": user_id,
                "lineage_id": f"mem_{number}",
                "version": 1,
                "kind": "proposition",
                "state": "activated",
                "text": turn["text"],
                "confidence": CONFIDENCE,
                "durability": DURABILITY,
                "payload": {},
                "content_hash": sha256_text(turn["text"]),
                "supported_at": now - timedelta(days=turn["age_days"]),
                "recorded_at": now,
                "pinned": False,
                "scope": "private",
            }
            for number, turn in enumerate(given.turns)
        ]
        session.execute(insert(Memory), rows)
    ids = [row["id"] for row in rows]
    vectors.upsert(user_id, ids, given.vectors, [{"state": "activated"}] * len(ids))
    turn_of = {row["id"]: turn["id"] for row, turn in zip(rows, given.turns, strict=True)}
    model = UserModel(database, vectors, Known(), (), RulesRelater(), utc_now)
    # Before the first turn everything is from the future, which counts as fresh.
    before = now - timedelta(days=10_000)

    def searched(question: str, at: Any) -> list[str]:
        found = model.search(user_id, question, LIMIT, at)
        return [turn_of[one.memory.lineage_id] for one in found]

    def by_words(question: str) -> list[str]:
        with database.transaction() as session:
            found = FullText(session, user_id).coverage(query_words(question), LIMIT)
        return [turn_of[lineage] for lineage in found]

    def by_vectors(question: str) -> list[str]:
        found = vectors.query(user_id, given.vector(question), LIMIT)
        return [turn_of[match.id] for match in found]

    rankings = {
        "full text alone": [by_words(one) for one in given.questions],
        "vectors alone": [by_vectors(one) for one in given.questions],
        "ours": [searched(one, before) for one in given.questions],
        "ours, with decay": [searched(one, now) for one in given.questions],
    }
    vectors.close()
    database.close()
    return rankings


def gum(job: Job, given: Given, name: str) -> Rankings:
    """GUM's own search as it is, and with its own switches set otherwise."""
    from dataclasses import replace

    from benchmarks.user_model.gum_engine import open_engine

    engine = open_engine(replace(job, folder=job.folder / name), "Nobody")
    rows = [
        {
            "text": turn["text"],
            "reasoning": "",
            "confidence": CONFIDENCE,
            "durability": DURABILITY,
            "age_days": turn["age_days"],
        }
        for turn in given.turns
    ]
    engine.put(rows, ())
    switches = {
        "GUM": {},
        "GUM, without decay": {"enable_decay": False},
        "GUM, BM25 alone": {"enable_decay": False, "enable_mmr": False},
    }
    rankings = {
        arm: [given.ids(engine.ranked(one, LIMIT, **options)) for one in given.questions]
        for arm, options in switches.items()
    }
    engine.close()
    return rankings


def mem0(job: Job, given: Given, name: str) -> Rankings:
    """mem0's search by the given vectors."""
    from dataclasses import replace

    from benchmarks.user_model.mem0_engine import open_engine

    engine = open_engine(replace(job, folder=job.folder / name), "Nobody")
    engine.embed_with(given.vector)
    engine.put(given.texts, given.vectors)
    found = [given.ids(engine.search(one, LIMIT)) for one in given.questions]
    engine.close()
    return {"mem0": found}


ENGINES = {"ours": ours, "gum": gum, "mem0": mem0}


def conversations(material: Path) -> Iterator[Given]:
    """All that was written."""
    vectors = np.load(material / "locomo.npz")
    for number, raw in enumerate(json.loads((material / "locomo.json").read_text())):
        yield Given(raw, vectors[f"turns-{number}"], vectors[f"questions-{number}"])


def main() -> None:
    """Ranks and reports."""
    given = json.loads(sys.argv[1])
    job = Job(
        engine=given["engine"],
        url=given["url"],
        folder=Path(given["folder"]),
        material=Path(given["material"]),
    )
    rankings: dict[str, list[list[list[str]]]] = {}
    for number, conversation in enumerate(conversations(job.material)):
        for arm, found in ENGINES[job.engine](job, conversation, str(number)).items():
            rankings.setdefault(arm, []).append(found)
    print(json.dumps(rankings))


if __name__ == "__main__":
    main()
