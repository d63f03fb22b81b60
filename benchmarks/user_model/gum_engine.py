"""GUM 0.1.11, driven without its observers, which exist for macOS alone.

Its package imports them at its top, so the two modules they want stand in ``sys.modules`` empty.
Statements are put in as rows of its own tables; each has two observations of 300 words as evidence,
each of those is evidence for ten. That is kind: after its own ingest a proposition has some twenty.
"""

import asyncio
import json
import logging
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.user_model.arm import Job

_SEED = 3
_TEN = 10.0


def _imported() -> Any:
    sys.modules["Quartz"] = ModuleType("Quartz")
    pynput = ModuleType("pynput")
    pynput.mouse = ModuleType("pynput.mouse")  # type: ignore[attr-defined]  # a stand-in
    sys.modules["pynput"] = pynput
    import gum

    return gum


class GumEngine:
    """See ``arm.Engine``."""

    def __init__(self, job: Job, user_name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._gum = _imported().gum(
            user_name,
            "fake",
            data_directory=str(job.folder),
            api_base=job.url,
            api_key="none",
            verbosity=logging.ERROR,
        )
        self._loop.run_until_complete(self._gum.connect_db())
        self._seen = 0

    def fill(self, folder: Path, size: int) -> None:
        """See ``arm.Engine.fill``."""
        statements = json.loads((folder / f"statements-{size}.json").read_text())
        screens = json.loads((folder / "material.json").read_text())["batches"]
        texts = [text for batch in screens for text in batch]
        self.put(statements, [texts[n % len(texts)] for n in range(max(2, size // 5))])

    def put(self, statements: Sequence[dict[str, Any]], observed: Sequence[str]) -> None:
        """Rows as its own ingest would have left them.

        Args:
            statements: with ``text``, ``reasoning``, ``confidence``, ``durability``, ``age_days``.
            observed: texts of which each statement gets two as evidence; none for no evidence.
        """
        self._loop.run_until_complete(self._put(statements, observed))

    async def _put(self, statements: Sequence[dict[str, Any]], observed: Sequence[str]) -> None:
        from gum.models import Observation, Proposition, observation_proposition
        from sqlalchemy import insert

        pick, now = random.Random(_SEED), datetime.now(UTC)
        propositions = [
            {
                "id": number,
                "text": one["text"],
                "reasoning": one["reasoning"],
                "confidence": max(1, round(_TEN * one["confidence"])),
                "decay": max(1, round(_TEN * one["durability"])),
                "created_at": now - timedelta(days=one["age_days"]),
                "revision_group": str(number),
                "version": 1,
            }
            for number, one in enumerate(statements, start=1)
        ]
        observations = [
            {"id": n, "observer_name": "screen", "content": text, "content_type": "input_text"}
            for n, text in enumerate(observed, start=1)
        ]
        links = [
            {"observation_id": n, "proposition_id": one["id"]}
            for one in propositions
            for n in pick.sample(range(1, len(observed) + 1), 2 if observed else 0)
        ]
        async with self._gum._session() as session:
            tables = (
                (Proposition, propositions),
                (Observation, observations),
                (observation_proposition, links),
            )
            for table, rows in tables:
                if rows:
                    await session.execute(insert(table), rows)

    def ingest(self, texts: Sequence[str]) -> None:
        """See ``arm.Engine.ingest``; an error, which it swallows, is raised by the counts."""
        batch = [
            {
                "id": str(self._seen + n),
                "observer_name": "screen",
                "content": text,
                "content_type": "input_text",
            }
            for n, text in enumerate(texts)
        ]
        self._seen += len(texts)
        self._loop.run_until_complete(self._gum._process_batch(batch))
        if self._gum.batcher.size():
            raise RuntimeError("GUM failed on a batch and put it back into its queue")

    def search(self, question: str, limit: int) -> list[str]:
        """See ``arm.Engine.search``."""
        found = self._loop.run_until_complete(self._gum.query(question, limit=limit))
        return [proposition.text for proposition, _ in found]

    def ranked(self, question: str, limit: int, **options: bool) -> list[str]:
        """Its search with its own switches: ``enable_decay``, ``enable_mmr``, ..."""
        return self._loop.run_until_complete(self._ranked(question, limit, **options))

    async def _ranked(self, question: str, limit: int, **options: bool) -> list[str]:
        from gum.db_utils import search_propositions_bm25

        async with self._gum._session() as session:
            found = await search_propositions_bm25(session, question, limit=limit, **options)
            return [proposition.text for proposition, _ in found]

    def figures(self) -> dict[str, float]:
        """See ``arm.Engine.figures``."""
        return self._loop.run_until_complete(self._counts())

    async def _counts(self) -> dict[str, float]:
        from gum.models import Observation, Proposition, observation_proposition
        from sqlalchemy import func, select

        tables = {
            "statements": Proposition,
            "observations_kept": Observation,
            "links": observation_proposition,
        }
        async with self._gum._session() as session:
            return {
                name: (await session.execute(select(func.count()).select_from(table))).scalar_one()
                for name, table in tables.items()
            }

    def close(self) -> None:
        """See ``arm.Engine.close``."""
        self._loop.run_until_complete(self._gum.engine.dispose())
        self._loop.close()


def open_engine(job: Job, user_name: str) -> GumEngine:
    """The engine over a folder of its own."""
    job.folder.mkdir(parents=True, exist_ok=True)
    return GumEngine(job, user_name)
