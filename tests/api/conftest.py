"""The whole API over real parts: SQLite, Chroma, the bundled embedder and a scripted model."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from idiolect.adapters.lifecycle import current_adapter
from idiolect.api.app import create_app
from idiolect.assistant.conversations import Assistant
from idiolect.assistant.feedback import Feedback
from idiolect.assistant.prefixes import Prefixes
from idiolect.assistant.suggestions.propose.templates import TemplateProposer
from idiolect.assistant.suggestions.suggester import Suggester
from idiolect.assistant.suggestions.triage import NotificationTriage
from idiolect.errors import ModelError
from idiolect.kit.clock import utc_now
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.scripted import ScriptedModel
from idiolect.observe.batches import BatchLimits
from idiolect.observe.ingest import Ingestor
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.observation import ObservationRepository
from idiolect.store.repositories.suggestion import SuggestionRepository
from idiolect.store.repositories.user import create_key, create_user
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.charter.contests import PropositionContests
from idiolect.usermodel.charter.stored import StoredCharters
from idiolect.usermodel.forgetting.forgetter import Forgetter
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.memory.promotion import Promotions
from idiolect.usermodel.memory.transfer import Transfer
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.upkeep import Upkeep
from idiolect.wiring import Services

MAX_REQUEST_BYTES = 200_000
BASE_URL = "http://127.0.0.1:8765"


@dataclass(frozen=True)
class Person:
    """A user and a client that acts for them with every scope."""

    id: str
    secret: str
    client: TestClient


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture
def model() -> ScriptedModel:
    """Repeats what it is told; told to fail, it does."""

    def reply(messages, _sampling) -> str:
        if messages[-1].content == "Fail":
            raise ModelError("the model has no more words")
        return f"You said: {messages[-1].content}"

    return ScriptedModel(reply)


@pytest.fixture
def services(
    database: Database, embedder: BundledEmbedder, model: ScriptedModel, tmp_path: Path
) -> Iterator[Services]:
    vectors = ChromaVectorStore.embedded(embedder.name, tmp_path / "vectors")
    blobs = BlobStore(tmp_path / "blobs")
    user_model = UserModel(database, vectors, embedder, (), RulesRelater(), utc_now)

    index = PropositionIndex(database, vectors, embedder)
    memories = Memories(database, index, blobs, utc_now)

    def serving(user_id: str):
        with database.transaction() as session:
            return current_adapter(session, user_id, blobs)

    yield Services(
        database=database,
        user_model=user_model,
        memories=memories,
        forgetter=Forgetter(database, vectors, blobs, index, embedder, utc_now, UTC),
        transfer=Transfer(database, index, blobs),
        upkeep=Upkeep(database, vectors, index, memories, RulesRelater(), utc_now),
        model=model,
        model_kind="scripted",
        ingestor=Ingestor(database, None, utc_now),
        assistant=Assistant(database, user_model, model, serving, utc_now),
        prefixes=Prefixes(Promotions(database, blobs, utc_now), None),
        feedback=Feedback(
            database, utc_now, context_characters=8000, held_out_share=0.25, needed=40
        ),
        charters=StoredCharters(database, utc_now),
        contests=PropositionContests(database, user_model, utc_now),
        suggester=Suggester(database, embedder, (TemplateProposer(),), utc_now),
        triage=NotificationTriage(database, user_model, utc_now),
        blobs=blobs,
        clock=utc_now,
        checks={"database": lambda: database.revision() or "empty"},
        batch_limits=BatchLimits(observations=2, tokens=3000),
        preferences_needed=40,
        max_request_bytes=MAX_REQUEST_BYTES,
        hosts=frozenset(),
    )
    vectors.close()


@pytest.fixture
def app(services: Services, tmp_path: Path) -> FastAPI:
    return create_app(services, page=tmp_path / "no-page")


@pytest.fixture
def anonymous(app: FastAPI) -> Iterator[TestClient]:
    """A client without a key."""
    with TestClient(app, base_url=BASE_URL) as client:
        yield client


class AnnouncingServer(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets=None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()


@pytest.fixture
def base_url(app) -> Iterator[str]:
    """Where the application listens: a loopback port of the system's choice."""
    server = AnnouncingServer(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.listening.wait(30)
    [port] = [each.getsockname()[1] for each in server.servers[0].sockets]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def client_of(app: FastAPI, anonymous: TestClient) -> Callable[[str], TestClient]:
    """A client with a key."""

    def make(secret: str) -> TestClient:
        headers = {"Authorization": f"Bearer {secret}"}
        return TestClient(app, base_url=BASE_URL, headers=headers)

    return make


@pytest.fixture
def person(database: Database, client_of) -> Callable[[str], Person]:
    """Adds a user of this name, with a key for everything."""

    def add(name: str) -> Person:
        with database.transaction() as session:
            user = create_user(session, name, utc_now())
            _, secret = create_key(session, user.id, "all", ["admin"], utc_now())
        return Person(user.id, secret, client_of(secret))

    return add


@pytest.fixture
def mara(person) -> Person:
    return person("Mara")


@pytest.fixture
def otto(person) -> Person:
    return person("Otto")


def observe(person: Person, text: str, key: str = "one") -> str:
    """Sends one statement and gives its id."""
    item = {
        "idempotency_key": key,
        "kind": "statement",
        "source": "test",
        "text": text,
        "trust": "typed",
        "occurred_at": utc_now().isoformat(),
    }
    receipt = person.client.post("/api/observations", json={"items": [item]}).json()
    return receipt["accepted"][0]["id"]


def believe(services: Services, user_id: str, text: str, observation_id: str | None = None) -> str:
    """Puts a proposition into a user's model and gives its id."""
    with services.database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memory = memories.add(
            "proposition",
            utc_now(),
            state="activated",
            text=text,
            reasoning="They said so.",
            confidence=0.8,
            durability=0.5,
            supported_at=utc_now(),
        )
        if observation_id is not None:
            seen = ObservationRepository(session, user_id).get(observation_id)
            memories.link(
                memory.id, "observation", seen.id, "supports", utc_now(), quote=seen.text[:20]
            )
    services.user_model.reindex(user_id)
    return memory.id


def suggest(services: Services, user_id: str, text: str, *, p: float = 0.8) -> str:
    """An offer that waits, resting on a proposition of its own; gives its id."""
    with services.database.transaction() as session:
        memory = MemoryRepository(session, user_id).add(
            "proposition", utc_now(), state="activated", text=f"About: {text}", confidence=0.9
        )
        row = SuggestionRepository(session, user_id).add(
            kind="event",
            text=text,
            prompt=f"Help me. {text}",
            evidence=[memory.lineage_id],
            stakes={"p": p, "benefit": 0.6, "cost_fp": 0.5, "cost_fn": 0.4},
            outcome="digest",
            reason="It may be of use.",
            valid_until=utc_now() + timedelta(hours=30),
            now=utc_now(),
        )
    return row.id


def add_adapter(services: Services, user_id: str, folder: Path, *, passed: bool) -> str:
    """Registers an adapter's files with what a route needs of a card; gives its id."""
    folder.mkdir()
    (folder / "adapter_config.json").write_text(f'{{"of": "{user_id}{passed}"}}')
    key = services.blobs.put_dir(folder)
    card = {"gate": {"promoted": passed}, "preferences": {"train": 40, "held_out": 12}}
    with services.database.transaction() as session:
        adapter = AdapterRepository(session, user_id).add(
            payload={"card": card, "takes_over_from": None, "promotion_reason": None},
            blob_key=key,
            content_hash=key.rpartition("/")[2],
            trained_on=[],
            now=utc_now(),
        )
    return adapter.id


def events_of(response) -> list[tuple[str, dict]]:
    """The events of a finished stream: name and data."""
    events = []
    for block in response.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            events.append((fields.get("event", "message"), json.loads(fields["data"])))
    return events


def talk_with(person: Person, text: str = "Hello", candidates: int = 1) -> tuple[str, list[dict]]:
    """Starts a conversation with a message; gives its id and the finished replies."""
    talk = person.client.post("/api/conversations", json={}).json()["id"]
    response = person.client.post(
        f"/api/conversations/{talk}/messages", json={"text": text, "candidates": candidates}
    )
    assert response.status_code == 200, response.text
    return talk, [data["message"] for name, data in events_of(response) if name == "done"]
