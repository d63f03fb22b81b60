"""The parts of a running Idiolect, put together in one place: here settings become values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from idiolect.adapters.lifecycle import current_adapter
from idiolect.assistant.conversations import Assistant
from idiolect.assistant.feedback import Feedback
from idiolect.errors import NotReadyError
from idiolect.handbook.handbook import Handbook
from idiolect.kit.clock import Clock, utc_now
from idiolect.kit.secret_files import read_or_make_secret
from idiolect.lm.bundled import MODEL_NAME
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.embedding.endpoint import EndpointEmbedder
from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.models import LANGUAGE_MODELS, ModelOptions
from idiolect.lm.ocr import RapidOcrReader
from idiolect.lm.protocols import AdapterRef, Embedder, LanguageModel
from idiolect.observe.ingest import Ingestor
from idiolect.settings import Settings
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.model import ModelProposer
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Proposer
from idiolect.usermodel.relate.rules import RulesRelater

CONTEXT_CHARACTERS = {"bundled": 2000}
"""How much of a conversation and of notes is shown to a model. The bundled one has 1024 positions:
256 are for the reply and some 120 for the rest of the system message; a token is 3 to 4 characters
of ordinary text."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the API and the worker work with.

    ``checks`` maps a part's name to a probe that returns a line about it and raises an
    ``IdiolectError`` when it cannot serve; the one called ``model`` decides whether the page shows
    the model as ready. ``hosts`` are the names under which this machine may be addressed, beside
    the loopback ones. ``handbook`` is None where the model is given no notes.
    """

    database: Database
    user_model: UserModel
    model: LanguageModel
    model_kind: str
    ingestor: Ingestor
    assistant: Assistant
    feedback: Feedback
    blobs: BlobStore
    clock: Clock
    checks: Mapping[str, Callable[[], str]]
    batch_size: int
    preferences_needed: int
    max_request_bytes: int
    hosts: frozenset[str]
    handbook: Handbook | None = None


def build(settings: Settings) -> Services:
    """Everything that these settings ask for; connections are made when first used."""
    database = Database(settings.database)
    blobs = BlobStore(settings.data_dir / "blobs")
    embedder = build_embedder(settings)
    vectors = build_vectors(settings, embedder.name)
    model = build_model(settings)
    handbook = build_handbook(settings, vectors, embedder)
    user_model = UserModel(
        database, vectors, embedder, _proposers(settings, model), RulesRelater(), utc_now
    )

    def serving(user_id: str) -> AdapterRef | None:
        with database.transaction() as session:
            return current_adapter(session, user_id, blobs)

    assistant = Assistant(
        database,
        user_model,
        model,
        serving,
        utc_now,
        handbook=handbook,
        context_characters=CONTEXT_CHARACTERS.get(settings.model.kind, 8000),
    )
    return Services(
        database=database,
        user_model=user_model,
        model=model,
        model_kind=settings.model.kind,
        ingestor=Ingestor(database, RapidOcrReader()),
        assistant=assistant,
        feedback=Feedback(
            database,
            utc_now,
            context_characters=assistant.talk_characters,
            held_out_share=settings.training.held_out_share,
            needed=settings.training.minimum_preferences,
        ),
        blobs=blobs,
        clock=utc_now,
        checks=_checks(database, vectors, embedder, model),
        batch_size=settings.user_model.batch_size,
        preferences_needed=settings.training.minimum_preferences,
        max_request_bytes=settings.api.max_request_mb * 1_000_000,
        hosts=frozenset({settings.api.host, *settings.api.hosts}),
        handbook=handbook,
    )


def build_model(settings: Settings) -> LanguageModel:
    """The language model as the API and the worker reach it.

    Torch stays out of this process: what the model server holds is an endpoint from here.
    """
    given = settings.model
    options = ModelOptions(
        name=given.name,
        base_url=given.base_url,
        api_key=given.api_key.get_secret_value(),
        timeout_s=given.timeout_s,
    )
    if given.kind not in ("bundled", "local"):
        return LANGUAGE_MODELS[given.kind](options)
    own = replace(
        options,
        name=given.name if given.kind == "local" else MODEL_NAME,
        base_url=f"{settings.model_server.base_url}/v1",
        api_key=read_or_make_secret(settings.data_dir / "secrets" / "model-server.key"),
    )
    return LANGUAGE_MODELS["endpoint"](own)


def build_embedder(settings: Settings) -> Embedder:
    """The embedding model: the bundled one, or an endpoint's."""
    given = settings.embedding
    if given.kind == "bundled":
        return BundledEmbedder()
    return EndpointEmbedder(
        base_url=given.base_url, name=given.name, api_key=given.api_key.get_secret_value()
    )


def build_vectors(settings: Settings, embedding_name: str) -> ChromaVectorStore:
    """Chroma: its files in the data directory, or a server."""
    given = settings.vectors
    if given.kind == "embedded":
        return ChromaVectorStore.embedded(embedding_name, settings.data_dir / "chroma")
    return ChromaVectorStore.server(embedding_name, given.host, given.port)


def build_handbook(settings: Settings, vectors: VectorStore, embedder: Embedder) -> Handbook | None:
    """The handbook, where these settings want the model to be given notes."""
    automatic = "on" if settings.model.kind == "bundled" else "off"
    wanted = automatic if settings.handbook == "auto" else settings.handbook
    return Handbook(vectors, embedder) if wanted == "on" else None


def _proposers(settings: Settings, model: LanguageModel) -> Sequence[Proposer]:
    pattern = PatternProposer(settings.user_model.zone)
    proposers: dict[str, Sequence[Proposer]] = {
        "pattern": (pattern,),
        "model": (ModelProposer(model),),
        "both": (pattern, ModelProposer(model)),
    }
    return proposers[settings.user_model.proposer]


def _checks(
    database: Database, vectors: ChromaVectorStore, embedder: Embedder, model: LanguageModel
) -> Mapping[str, Callable[[], str]]:
    def check_database() -> str:
        revision = database.revision()
        if revision is None:
            raise NotReadyError("the database has no tables yet", hint="Run `idiolect migrate`.")
        return f"revision {revision}"

    def check_vectors() -> str:
        vectors.count("nobody")
        return "Chroma answers"

    def check_embedder() -> str:
        return f"{embedder.name}, {len(embedder.embed(['ready'])[0])} dimensions"

    checks = {"database": check_database, "vectors": check_vectors, "embedder": check_embedder}
    if isinstance(model, EndpointModel):
        checks["model"] = model.check
    return checks
