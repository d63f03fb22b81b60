"""mem0 2.2.1 with Chroma, without its reporting home and without spaCy.

Its keyword search and entities need spaCy's English model, which is a download, and its Chroma
store has no keyword search at all: what is measured is what an installation from PyPI does, which
is search by vectors. Statements are put in as its own ``add`` would have left them.
"""

import hashlib
import json
import logging
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.user_model.arm import Job
from benchmarks.user_model.hashed import DIMENSIONS, NAME, hashed

_AT_ONCE = 2000
_WHEN = "2026-01-01T00:00:00+00:00"

Vectors = Callable[[str], list[float]]


class Mem0Engine:
    """See ``arm.Engine``."""

    def __init__(self, job: Job, user_name: str) -> None:
        os.environ["MEM0_TELEMETRY"] = "False"
        os.environ["MEM0_DIR"] = str(job.folder / "home")
        os.environ["OPENAI_API_KEY"] = "none"
        from mem0 import Memory

        logging.disable(logging.WARNING)
        self._user = user_name
        self._job = job
        model = {"model": "fake", "openai_base_url": job.url}
        embedder = {"model": NAME, "openai_base_url": job.url, "embedding_dims": DIMENSIONS}
        self._memory = Memory.from_config(
            {
                "vector_store": {
                    "provider": "chroma",
                    "config": {"collection_name": "memories", "path": str(job.folder / "chroma")},
                },
                "llm": {"provider": "openai", "config": model},
                "embedder": {"provider": "openai", "config": embedder},
                "history_db_path": str(job.folder / "history.db"),
            }
        )
        if job.embedding == "known":
            self.embed_with(hashed)

    def embed_with(self, vectors: Vectors) -> None:
        """Has questions embedded in this process instead of at the endpoint."""
        self._memory.embedding_model.embed = lambda text, *_: vectors(text)

    def fill(self, folder: Path, size: int) -> None:
        """See ``arm.Engine.fill``; what is filled stays so."""
        if self._memory.vector_store.collection.count() >= size:
            return
        statements = json.loads((folder / f"statements-{size}.json").read_text())
        texts = [one["text"] for one in statements]
        self.put(texts, [hashed(text) for text in texts])

    def put(self, texts: Sequence[str], vectors: Sequence[list[float]]) -> None:
        """Memories as its own ``add`` would have left them, in one collection of one user."""
        for start in range(0, len(texts), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            self._memory.vector_store.insert(
                vectors=list(vectors[part]),
                payloads=[self._payload(text) for text in texts[part]],
                ids=[str(uuid.uuid4()) for _ in texts[part]],
            )

    def _payload(self, text: str) -> Mapping[str, Any]:
        return {
            "user_id": self._user,
            "data": text,
            "text_lemmatized": text,
            "hash": hashlib.md5(text.encode()).hexdigest(),
            "created_at": _WHEN,
            "updated_at": _WHEN,
        }

    def ingest(self, texts: Sequence[str]) -> None:
        """See ``arm.Engine.ingest``."""
        messages = [{"role": "user", "content": text} for text in texts]
        self._memory.add(messages, user_id=self._user)

    def search(self, question: str, limit: int) -> list[str]:
        """See ``arm.Engine.search``."""
        filters = {"user_id": self._user}
        found = self._memory.search(question, filters=filters, top_k=limit)
        return [one["memory"] for one in found["results"]]

    def figures(self) -> dict[str, float]:
        """See ``arm.Engine.figures``."""
        return {"statements": self._memory.vector_store.collection.count()}

    def close(self) -> None:
        """See ``arm.Engine.close``."""
        self._memory.close()


def open_engine(job: Job, user_name: str) -> Mem0Engine:
    """The engine over a folder of its own."""
    job.folder.mkdir(parents=True, exist_ok=True)
    return Mem0Engine(job, user_name)
