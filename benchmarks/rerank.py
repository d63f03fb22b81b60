"""Whether a language model that reorders what was found finds more: on LoCoMo, with and without.

    python -m benchmarks.rerank --locomo FOLDER [--model FOLDER_OR_NAME] [--questions 100]

Each turn of a conversation is a statement; a question's evidence are the turns that hold its answer
(category 5, which has none, is left out). Told are recall at 5 and at 10, the share of the evidence
among the first five or ten, and the mean reciprocal rank of its first; once for the search alone,
once with the rerank, which reads the first 20. The questions are drawn with a fixed seed from all
conversations. The data are CC-BY-NC-4.0: they are read where they lie, and nothing of them is kept.
"""

import argparse
import gzip
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idiolect.kit.clock import utc_now
from idiolect.lm.bundled import MODEL_DIR
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.local import LocalModel
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_user
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.rerank import ModelReranker
from idiolect.usermodel.retrieve import Retrieved

SEED = 5
LIMIT = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about one conversation, and the statements that answer it."""

    user_id: str
    text: str
    evidence: frozenset[str]


class Counting(ModelReranker):
    """Counts how often the model's answer was an order that differs from what it was given."""

    changed = 0

    def rank(self, question: str, found: Sequence[Retrieved]) -> list[Retrieved]:
        """See ``ModelReranker.rank``."""
        ranked = super().rank(question, found)
        self.changed += [one.memory.id for one in ranked] != [one.memory.id for one in found]
        return ranked


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--locomo", type=Path, required=True)
    parser.add_argument("--model", default=str(MODEL_DIR))
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--conversations", type=int, default=6)
    given = parser.parse_args()
    source = MODEL_DIR if given.model == str(MODEL_DIR) else given.model
    reranker = Counting(LocalModel(source, "cpu", threads=1), hosted=False)
    embedder = BundledEmbedder()
    with tempfile.TemporaryDirectory() as work:
        database = Database(f"sqlite:///{work}/rerank.db")
        database.migrate()
        vectors = ChromaVectorStore.embedded(embedder.name, Path(work) / "vectors")
        model = UserModel(
            database, vectors, embedder, (), RulesRelater(), utc_now, reranker=reranker
        )
        asked: list[Asked] = []
        for number, row in enumerate(conversations(given.locomo)):
            if number < given.conversations:
                asked += fill(database, model, row, number)
        asked = random.Random(SEED).sample(asked, min(given.questions, len(asked)))
        for rerank in (False, True):
            began = time.process_time()
            places = [found_at(model, one, rerank=rerank) for one in asked]
            took = (time.process_time() - began) / len(asked)
            print(
                f"{'reranked' if rerank else 'search alone'}: {len(asked)} questions,"
                f" recall@5 {mean(recall(p, 5) for p in places):.3f},"
                f" recall@10 {mean(recall(p, 10) for p in places):.3f},"
                f" MRR {mean(reciprocal(p) for p in places):.3f},"
                f" {took * 1000:.0f} ms of processor time a question"
            )
        print(f"orders that differ from the search's: {reranker.changed} of {len(asked)}")
        vectors.close()
        database.close()


def conversations(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of the data."""
    with gzip.open(folder / "conversations.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def fill(database: Database, model: UserModel, row: dict[str, Any], number: int) -> list[Asked]:
    """Puts a conversation's turns in as the statements of a user; gives its questions."""
    now = utc_now()
    lineages: dict[str, str] = {}
    with database.transaction() as session:
        user_id = create_user(session, f"Reader {number}", now).id
        memories = MemoryRepository(session, user_id)
        for name, turns in row["conversation"].items():
            if not name.startswith("session_") or not isinstance(turns, list):
                continue
            for turn in turns:
                added = memories.add(
                    "proposition",
                    now,
                    state="activated",
                    text=f"{turn['speaker']}: {turn['text']}",
                    confidence=0.8,
                    durability=1.0,
                    supported_at=now,
                )
                lineages[turn["dia_id"]] = added.lineage_id
    model.reindex(user_id)
    return [
        Asked(user_id, question["question"], evidence)
        for question in row["qa"]
        if question["category"] != 5
        and (evidence := frozenset(lineages[id] for id in question["evidence"] if id in lineages))
    ]


def found_at(model: UserModel, asked: Asked, *, rerank: bool) -> tuple[list[int], int]:
    """The places from 0 at which evidence is found, and how much of it there is."""
    found = model.search(asked.user_id, asked.text, LIMIT, rerank=rerank)
    places = [place for place, one in enumerate(found) if one.memory.lineage_id in asked.evidence]
    return places, len(asked.evidence)


def recall(found: tuple[list[int], int], at: int) -> float:
    """The share of the evidence among the first so many."""
    places, count = found
    return sum(place < at for place in places) / count


def reciprocal(found: tuple[list[int], int]) -> float:
    """One over the rank of the first evidence; 0 if none is found."""
    places, _ = found
    return 1 / (places[0] + 1) if places else 0.0


def mean(values: Iterator[float]) -> float:
    """The arithmetic mean."""
    every = list(values)
    return sum(every) / len(every)


if __name__ == "__main__":
    main()
