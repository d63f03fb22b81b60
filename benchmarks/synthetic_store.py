"""A store with very many propositions that nobody wrote: to measure how time grows with them.

They are facts of the handbook's topics in many settings. Each has a unit vector near its topic's
random one (a cosine of about 0.7) and two observations as evidence; one in a hundred is shared with
assistants. Questions are the topics' own, with vectors as near, and a vector that is known is had
for nothing.
"""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, text

from idiolect import wiring
from idiolect.handbook.topics import Topic, load_topics
from idiolect.kit.clock import utc_now
from idiolect.kit.hashing import sha256_text
from idiolect.kit.ids import new_id
from idiolect.lm.protocols import Embedder
from idiolect.settings import Settings
from idiolect.store.database import Database
from idiolect.store.models import Memory, Observation, ProvenanceLink
from idiolect.store.repositories.user import create_key, create_user
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.wiring import Services

SEED = 7
DIMENSIONS = 384
ROWS_AT_ONCE = 2000
SETTINGS = (
    "on Mondays", "on Tuesdays", "at weekends", "in the evening", "before work", "since spring",
    "since last autumn", "every month", "now and then", "during the holidays", "with a neighbor",
    "with a cousin", "at the office", "in Lisbon", "in Leeds", "for a friend", "for the club",
    "with the children", "on the train", "in winter",
)  # fmt: skip
APPLICATIONS = ("Firefox", "the calendar", "the mail program", "a terminal", "a chat", "the notes")
Vectors = NDArray[np.float64]


class KnownEmbedder:
    """Gives the vector that was laid down for a text, at once; any other gets a fixed one."""

    name = "topics-384"

    def __init__(self) -> None:
        self.vectors: dict[str, list[float]] = {}
        self._other = near(np.zeros(DIMENSIONS), np.random.default_rng(SEED)).tolist()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [self.vectors.get(text, self._other) for text in texts]


def near(center: Vectors, rng: np.random.Generator) -> Vectors:
    """A unit vector near another one: as much of it as of chance."""
    mixed = center + rng.standard_normal(DIMENSIONS) / np.sqrt(DIMENSIONS)
    return np.asarray(mixed / np.linalg.norm(mixed))


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose propositions they are, a key of their own, and one of a program's."""

    user_id: str
    key: str
    program_key_id: str


def centers(topics: Sequence[Topic]) -> Vectors:
    """One unit vector for each topic; the same ones every time."""
    rng = np.random.default_rng(SEED)
    return np.stack([near(np.zeros(DIMENSIONS), rng) for _ in topics])


def fill(
    folder: Path, size: int, embedder: Embedder | None = None, *, database_url: str = ""
) -> None:
    """Makes a store with so many propositions; ``owner.json`` comes last, when all is there.

    Args:
        embedder: whose vectors the propositions get, and whose space they lie in; without one
            those of their topics.
        database_url: of an empty database; without one it is SQLite in the folder.
    """
    settings = Settings(data_dir=folder, database_url=database_url)
    database = Database(settings.database)
    database.migrate()
    now = utc_now()
    with database.transaction() as session:
        user_id = create_user(session, "Mara", now).id
        _, key = create_key(session, user_id, "own", ["admin"], now)
        program, _ = create_key(session, user_id, "program", ["read"], now)
        owner = {"user_id": user_id, "key": key, "program_key_id": program.id}
    memories, vectors = propositions(user_id, size, now)
    observed, links = evidence(user_id, [row["id"] for row in memories], now)
    for model, rows in ((Memory, memories), (Observation, observed), (ProvenanceLink, links)):
        for start in range(0, len(rows), ROWS_AT_ONCE):
            with database.transaction() as session:
                session.execute(insert(model), rows[start : start + ROWS_AT_ONCE])
    if database.engine.dialect.name == "postgresql":  # its autovacuum would do it in a minute
        with database.transaction() as session:
            session.execute(text("ANALYZE"))
    database.close()
    space = embedder.name if embedder else KnownEmbedder.name
    store = ChromaVectorStore.embedded(space, folder / "chroma")
    for start in range(0, size, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        ids = [row["id"] for row in memories[part]]
        texts = [row["text"] for row in memories[part]]
        rows = embedder.embed(texts) if embedder else vectors[part].tolist()
        store.upsert(user_id, ids, rows, [{"state": "activated"}] * len(ids))
    store.close()
    (folder / "owner.json").write_text(json.dumps(owner))


def propositions(user_id: str, size: int, now: datetime) -> tuple[list[dict[str, Any]], Vectors]:
    """Rows and their vectors."""
    topics = load_topics()
    middles = centers(topics)
    pick, rng = random.Random(SEED), np.random.default_rng(SEED + 1)
    rows, vectors = [], np.empty((size, DIMENSIONS))
    for number in range(size):
        place = pick.randrange(len(topics))
        fact = pick.choice(topics[place].facts).text
        text = f"Mara {fact} {pick.choice(SETTINGS)}."
        at = now - timedelta(days=pick.uniform(0, 700))
        id = new_id("mem")
        vectors[number] = near(middles[place], rng)
        rows.append(
            {
                "id": id,
                "user_id": user_id,
                "lineage_id": id,
                "version": 1,
                "kind": "proposition",
                "state": "activated",
                "text": text,
                "reasoning": f"Seen in {pick.choice(APPLICATIONS)} on {pick.randrange(2, 30)} days,"
                f" about {topics[place].name}.",
                "confidence": pick.uniform(0.1, 0.97),
                "durability": pick.random(),
                "payload": {"author": "pattern"},
                "content_hash": sha256_text(text),
                "supported_at": at,
                "recorded_at": at,
                "pinned": False,
                "scope": "private" if number % 100 else "assistants",
            }
        )
    return rows, vectors


def evidence(
    user_id: str, memory_ids: Sequence[str], now: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two observations for each proposition, each of them for ten."""
    pick = random.Random(SEED + 2)
    observed = [
        {
            "id": new_id("obs"),
            "user_id": user_id,
            "idempotency_key": str(number),
            "kind": "screen",
            "source": "benchmark",
            "text": "what was on the screen " * 20,
            "trust": pick.choice(("typed", "sent", "read", "read", "untrusted")),
            "occurred_at": now - timedelta(days=pick.uniform(0, 700)),
            "recorded_at": now,
            "content_hash": sha256_text(str(number)),
            "masked": {},
        }
        for number in range(max(2, len(memory_ids) // 5))
    ]
    links = [
        {
            "id": new_id("prv"),
            "memory_id": memory_id,
            "source_type": "observation",
            "source_id": seen["id"],
            "relation": "supports",
            "quote": "what was on the screen",
            "created_at": now,
        }
        for memory_id in memory_ids
        for seen in pick.sample(observed, 2)
    ]
    return observed, links


@contextmanager
def opened(
    folder: Path, queries: int, *, database_url: str = ""
) -> Iterator[tuple[Services, Owner, list[str]]]:
    """The services over a filled store, its owner, and questions whose vectors are known."""
    owner = Owner(**json.loads((folder / "owner.json").read_text()))
    services = wiring.build(Settings(data_dir=folder, database_url=database_url))
    topics = load_topics()
    middles = centers(topics)
    pick, rng = random.Random(SEED + 3), np.random.default_rng(SEED + 4)
    embedder = KnownEmbedder()
    while len(embedder.vectors) < queries:
        place = pick.randrange(len(topics))
        asked = pick.choice(topics[place].asks)
        embedder.vectors[asked] = near(middles[place], rng).tolist()
    vectors = ChromaVectorStore.embedded(embedder.name, folder / "chroma")
    model = UserModel(services.database, vectors, embedder, (), RulesRelater(), utc_now)
    yield replace(services, user_model=model), owner, list(embedder.vectors)
    vectors.close()
    services.database.close()
