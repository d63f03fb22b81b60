"""The user model as the platform is wired: ingest, batches, audit, propose, relate, revise."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from benchmarks.propositions.arms import Arm
from idiolect.kit.clock import utc_now
from idiolect.lm.protocols import Embedder
from idiolect.observe.batches import BatchLimits, close_batches
from idiolect.observe.ingest import Ingestor
from idiolect.observe.wire import MAX_BATCH_ITEMS, ObservationIn
from idiolect.settings import UserModelSettings
from idiolect.simulation.scoring import Belief
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.store.repositories.user import create_user
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.upkeep import Upkeep, UpkeepReport

DEFAULTS = UserModelSettings()
LIMITS = BatchLimits(DEFAULTS.batch_size, DEFAULTS.batch_tokens)


@dataclass(slots=True)
class Work:
    """What was done, and the processor time that it took without ingest.

    Attributes:
        seconds: of audit, propose, relate and revise.
        observations: that were learned from.
        outcomes: of observations and drafts, as ``ProcessReport`` counts them.
    """

    seconds: float = 0.0
    observations: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


class Pipeline:
    """One arm over SQLite and Chroma in a folder; many users may share it.

    Args:
        folder: empty; the caller removes it.
        embedder: for statements.
        arm: who proposes and who relates.
        timezone: the users'.
    """

    def __init__(self, folder: Path, embedder: Embedder, arm: Arm, timezone: tzinfo = UTC) -> None:
        self.database = Database(f"sqlite:///{folder / 'idiolect.db'}")
        self.database.migrate()
        self.vectors = ChromaVectorStore.embedded(embedder.name, folder / "chroma")
        self.now = utc_now()
        self.work = Work()
        self._ingestor = Ingestor(self.database)
        self._model = UserModel(
            self.database,
            self.vectors,
            embedder,
            arm.proposers(timezone),
            arm.relater,
            lambda: self.now,
        )
        index = PropositionIndex(self.database, self.vectors, embedder)
        memories = Memories(self.database, index, BlobStore(folder / "blobs"), lambda: self.now)
        self._upkeep = Upkeep(
            self.database, self.vectors, index, memories, RulesRelater(), lambda: self.now
        )

    def add_user(self, name: str) -> str:
        """A new user's id."""
        with self.database.transaction() as session:
            return create_user(session, name, self.now).id

    def learn(self, user_id: str, observations: Sequence[ObservationIn], now: datetime) -> None:
        """Takes observations in and learns from them, in batches as the platform closes them."""
        self.now = now
        for start in range(0, len(observations), MAX_BATCH_ITEMS):
            items = observations[start : start + MAX_BATCH_ITEMS]
            raw = [item.model_dump(mode="json", exclude_none=True) for item in items]
            receipt = self._ingestor.ingest(user_id, raw)
            if receipt.refused:
                raise ValueError(f"refused: {receipt.refused[0]}")
        with self.database.transaction() as session:
            jobs = close_batches(session, user_id, LIMITS, now=now, partial=True)
            batches = [_ids(session, user_id, job.id) for job in jobs]
        for ids in batches:
            started = time.process_time()
            report = self._model.process(user_id, ids)
            self.work.seconds += time.process_time() - started
            self.work.observations += len(ids)
            self.work.outcomes.update(
                {name: getattr(report, name) for name in report.__slots__ if name != "observations"}
            )

    def beliefs(self, user_id: str) -> list[Belief]:
        """What is held of a user."""
        with self.database.transaction() as session:
            held = MemoryRepository(session, user_id).list_current("proposition")
            return [
                Belief(one.text or "", one.confidence or 0.0)
                for one in held
                if one.state == "activated"
            ]

    def upkeep(self, user_id: str) -> UpkeepReport:
        """Runs a user's upkeep, which measures duplicates, contradictions and junk."""
        return self._upkeep.run(user_id, since=None, tell=lambda _share, _doing: None)

    def close(self) -> None:
        """Lets go of the files."""
        self.vectors.close()
        self.database.close()


@contextmanager
def opened(embedder: Embedder, arm: Arm, timezone: tzinfo = UTC) -> Iterator[Pipeline]:
    """A pipeline whose files are gone afterwards."""
    with TemporaryDirectory() as folder:
        pipeline = Pipeline(Path(folder), embedder, arm, timezone)
        try:
            yield pipeline
        finally:
            pipeline.close()


def _ids(session: Session, user_id: str, job_id: str) -> list[str]:
    return [row.id for row in ObservationRepository(session, user_id).in_batch(job_id)]
