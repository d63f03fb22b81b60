"""The real services of a worker on a tiny model, and rows for it to work on."""

from datetime import timedelta
from pathlib import Path

from idiolect.assistant.suggestions.propose.templates import TemplateProposer
from idiolect.assistant.suggestions.suggester import Suggester
from idiolect.kit.clock import utc_now
from idiolect.settings import Settings
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.repositories.job import enqueue
from idiolect.store.repositories.preference import PreferenceRepository
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.upkeep import Upkeep
from idiolect.workers.services import WorkerServices
from tests.fakes.hashing_embedder import HashingEmbedder

RECIPE = {"epochs": 10, "threads": 1, "checkpoint_every_steps": 2, "batch_size": 4}
PAIRS = 40


def worker_services(settings: Settings, base: Path | None) -> WorkerServices:
    """Services over the settings' database and folders."""
    database = Database(settings.database)
    embedder = HashingEmbedder()
    vectors = ChromaVectorStore.embedded(embedder.name, settings.data_dir / "chroma")
    blobs = BlobStore(settings.data_dir / "blobs")
    index = PropositionIndex(database, vectors, embedder)
    memories = Memories(database, index, blobs, utc_now)
    return WorkerServices(
        database=database,
        user_model=UserModel(
            database, vectors, embedder, [PatternProposer()], RulesRelater(), utc_now
        ),
        upkeep=Upkeep(database, vectors, index, memories, RulesRelater(), utc_now),
        suggester=Suggester(database, embedder, (TemplateProposer(),), utc_now),
        blobs=blobs,
        base=base,
        device="cpu",
        minimum_preferences=PAIRS,
        clock=utc_now,
    )


def add_preferences(database: Database, user_id: str, count: int = PAIRS) -> None:
    """Somebody who likes it short, with every fourth pair held out."""
    made_at = utc_now() - timedelta(hours=1)
    with database.transaction() as session:
        preferences = PreferenceRepository(session, user_id)
        for number in range(count):
            preferences.add(
                [{"role": "user", "content": f"What is {number} and {number}?"}],
                f"It is {2 * number}.",
                f"Well, let us see, it may be {2 * number}.",
                source="choice",
                split="train" if number % 4 else "held_out",
                now=made_at + timedelta(seconds=number),
            )


def ask_to_train(database: Database, user_id: str) -> str:
    """A train job with a recipe that takes some seconds."""
    with database.transaction() as session:
        return enqueue(session, user_id, "train", {"recipe": RECIPE}, now=utc_now()).id
