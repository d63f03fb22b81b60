"""Ours, put together as the platform does it: ``wiring.build``, SQLite and Chroma's files.

A batch goes the whole way: ingest (secrets masked, duplicates left out), audit, both proposers,
checks of tone and sensitivity, relating, revising, vectors. The model proposer asks the endpoint.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import SecretStr

from benchmarks.synthetic_store import Owner, fill
from benchmarks.user_model.arm import Job
from benchmarks.user_model.endpoint import MODEL
from benchmarks.user_model.hashed import NAME, HashedEmbedder
from idiolect import wiring
from idiolect.kit.clock import utc_now
from idiolect.settings import EmbeddingSettings, ModelSettings, Settings, UserModelSettings
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_user
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.wiring import Services

STEP = timedelta(minutes=2)
A_DAY = 240
"""Observations of a day, one every other minute: eight hours at the desk."""

DAYS = 20
"""How long ago the first was made: all are in the four weeks in which habits are counted."""

APPLICATIONS = ("Firefox", "LibreOffice", "Thunderbird", "Terminal", "Notes")


class OurEngine:
    """See ``arm.Engine``."""

    def __init__(self, job: Job, user_name: str) -> None:
        self._job = job
        self._services = _services(job)
        self._services.database.migrate()
        self._seen = 0
        self._user_id = ""
        self._first = utc_now() - timedelta(days=DAYS)
        if not job.size:
            with self._services.database.transaction() as session:
                self._user_id = create_user(session, user_name, utc_now()).id

    def fill(self, folder: Path, size: int) -> None:
        """See ``arm.Engine.fill``; the statements are made where they were had from."""
        del folder
        path = self._job.folder / "owner.json"
        if not path.exists():
            fill(self._job.folder, size, HashedEmbedder())
        self._user_id = Owner(**json.loads(path.read_text())).user_id

    def ingest(self, texts: Sequence[str]) -> None:
        """See ``arm.Engine.ingest``."""
        receipt = self._services.ingestor.ingest(self._user_id, [self._raw(one) for one in texts])
        observed = [one.id for one in receipt.accepted]
        if len(observed) != len(texts):
            raise RuntimeError(f"of {len(texts)} observations {len(observed)} were taken in")
        self._services.user_model.process(self._user_id, observed)

    def search(self, question: str, limit: int) -> list[str]:
        """See ``arm.Engine.search``."""
        found = self._services.user_model.search(self._user_id, question, limit)
        return [one.memory.text or "" for one in found]

    def figures(self) -> dict[str, float]:
        """See ``arm.Engine.figures``."""
        with self._services.database.transaction() as session:
            return {"statements": MemoryRepository(session, self._user_id).count("proposition")}

    def close(self) -> None:
        """See ``arm.Engine.close``."""
        self._services.database.close()

    def _raw(self, text: str) -> dict[str, object]:
        day, place = divmod(self._seen, A_DAY)
        self._seen += 1
        application = APPLICATIONS[self._seen % len(APPLICATIONS)]
        return {
            "idempotency_key": f"benchmark-{self._seen}",
            "kind": "screen",
            "source": "benchmark",
            "application": application,
            "title": f"{' '.join(text.split()[:4])} - {application}",
            "text": text,
            "trust": "read",
            "occurred_at": (self._first + timedelta(days=day) + place * STEP).isoformat(),
        }


def _services(job: Job) -> Services:
    embedding = (
        EmbeddingSettings(kind="endpoint", name=NAME, base_url=job.url, api_key=SecretStr("none"))
        if job.embedding == "endpoint"
        else EmbeddingSettings()
    )
    settings = Settings(
        data_dir=job.folder,
        model=ModelSettings(
            kind="endpoint", name=MODEL, base_url=job.url, api_key=SecretStr("none")
        ),
        embedding=embedding,
        user_model=UserModelSettings(proposer="both"),
    )
    services = wiring.build(settings)
    if job.embedding != "known":
        return services
    embedder = HashedEmbedder()
    vectors = wiring.build_vectors(settings, embedder.name)
    known = UserModel(services.database, vectors, embedder, (), RulesRelater(), utc_now)
    return replace(services, user_model=known)


def open_engine(job: Job, user_name: str) -> OurEngine:
    """The engine over a folder of its own."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return OurEngine(job, user_name)
