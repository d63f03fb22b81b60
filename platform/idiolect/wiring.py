"""The parts of a running Idiolect, put together in one place: here settings become values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from idiolect.adapters.lifecycle import current_adapter
from idiolect.assistant.conversations import Assistant
from idiolect.assistant.feedback import Feedback
from idiolect.assistant.prefixes import Prefixes
from idiolect.assistant.suggestions.propose.model import ModelSuggestionProposer
from idiolect.assistant.suggestions.propose.protocols import SuggestionProposer
from idiolect.assistant.suggestions.propose.templates import TemplateProposer
from idiolect.assistant.suggestions.suggester import Suggester
from idiolect.assistant.suggestions.triage import NotificationTriage
from idiolect.client.transport import LOOPBACK_HOSTS
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
from idiolect.observe.batches import BatchLimits
from idiolect.observe.ingest import Ingestor
from idiolect.settings import Settings
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.audit.auditor import Auditor
from idiolect.usermodel.audit.judge import ModelJudge
from idiolect.usermodel.audit.user_policy import Installation
from idiolect.usermodel.charter.contests import PropositionContests
from idiolect.usermodel.charter.stored import StoredCharters
from idiolect.usermodel.forgetting.forgetter import Forgetter
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.memory.promotion import Promotions
from idiolect.usermodel.memory.transfer import Transfer
from idiolect.usermodel.pipeline import UserModel
from idiolect.usermodel.propose.model import ModelProposer
from idiolect.usermodel.propose.pattern import PatternProposer
from idiolect.usermodel.propose.protocols import Proposer
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.rerank import ModelReranker, Reranker
from idiolect.usermodel.upkeep import Upkeep

CONTEXT_CHARACTERS = {"bundled": 2000}
"""How much of a conversation and of notes is shown to a model. The bundled one has 1024 positions:
256 are for the reply and some 120 for the rest of the system message; a token is 3 to 4 characters
of ordinary text."""

CHARTER_CHARACTERS = {"bundled": 0}
"""Room in the system message for the charter's rules and the user's wishes. The bundled model is
not told the rules: it was never taught to keep any, and its context has no room for them."""


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
    memories: Memories
    forgetter: Forgetter
    transfer: Transfer
    upkeep: Upkeep
    model: LanguageModel
    model_kind: str
    ingestor: Ingestor
    assistant: Assistant
    prefixes: Prefixes
    feedback: Feedback
    charters: StoredCharters
    contests: PropositionContests
    suggester: Suggester
    triage: NotificationTriage
    blobs: BlobStore
    clock: Clock
    checks: Mapping[str, Callable[[], str]]
    batch_limits: BatchLimits
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
    charters = StoredCharters(database, utc_now)
    user_model = UserModel(
        database,
        vectors,
        embedder,
        _proposers(settings, model),
        RulesRelater(),
        utc_now,
        Auditor(installation(settings), ModelJudge(model)),
        build_reranker(settings, model),
    )

    index = PropositionIndex(database, vectors, embedder)
    own = model if settings.model.kind in ("bundled", "local") else None
    prefixes = Prefixes(
        Promotions(database, blobs, utc_now), own if isinstance(own, EndpointModel) else None
    )
    memories = Memories(database, index, blobs, utc_now, on_erased=prefixes.forget)

    def serving(user_id: str) -> AdapterRef | None:
        prefixes.settle(user_id)
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
        charter_of=charters.of,
        charter_characters=CHARTER_CHARACTERS.get(settings.model.kind, 2000),
        prefixes=prefixes,
        hosted=installation(settings).recipient == "hosted model",
    )
    return Services(
        database=database,
        user_model=user_model,
        memories=memories,
        forgetter=Forgetter(
            database,
            vectors,
            blobs,
            index,
            embedder,
            utc_now,
            settings.user_model.zone,
            on_erased=prefixes.forget,
        ),
        transfer=Transfer(database, index, blobs),
        upkeep=Upkeep(database, vectors, index, memories, RulesRelater(), utc_now),
        model=model,
        model_kind=settings.model.kind,
        ingestor=Ingestor(database, RapidOcrReader()),
        assistant=assistant,
        prefixes=prefixes,
        feedback=Feedback(
            database,
            utc_now,
            context_characters=assistant.talk_characters,
            held_out_share=settings.training.held_out_share,
            needed=settings.training.minimum_preferences,
        ),
        charters=charters,
        contests=PropositionContests(database, user_model, utc_now),
        suggester=Suggester(
            database,
            embedder,
            _suggestion_proposers(settings, model),
            utc_now,
            timezone=settings.user_model.zone,
        ),
        triage=NotificationTriage(database, user_model, utc_now, timezone=settings.user_model.zone),
        blobs=blobs,
        clock=utc_now,
        checks=_checks(database, vectors, embedder, model),
        batch_limits=BatchLimits(settings.user_model.batch_size, settings.user_model.batch_tokens),
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


def build_reranker(settings: Settings, model: LanguageModel) -> Reranker | None:
    """What orders the findings of a search, where these settings want a model to."""
    if not settings.user_model.rerank:
        return None
    return ModelReranker(model, hosted=installation(settings).recipient == "hosted model")


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


def installation(settings: Settings) -> Installation:
    """What the audit must know: under which addresses our page is reached, and who reads along."""
    given = settings.api
    elsewhere = settings.model.kind == "endpoint" and (
        urlsplit(settings.model.base_url).hostname not in LOOPBACK_HOSTS
    )
    names = sorted({given.host, *given.hosts, *LOOPBACK_HOSTS})
    return Installation(
        own_origins=tuple(f"http://{_in_address(name)}:{given.port}" for name in names),
        recipient="hosted model" if elsewhere else "own model",
    )


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _proposers(settings: Settings, model: LanguageModel) -> Sequence[Proposer]:
    pattern = PatternProposer(settings.user_model.zone)
    proposers: dict[str, Sequence[Proposer]] = {
        "pattern": (pattern,),
        "model": (ModelProposer(model),),
        "both": (pattern, ModelProposer(model)),
    }
    return proposers[settings.user_model.proposer]


def _suggestion_proposers(settings: Settings, model: LanguageModel) -> Sequence[SuggestionProposer]:
    """The bundled model cannot weigh what an offer is worth, so there the templates are alone."""
    templates = TemplateProposer(settings.user_model.zone)
    if settings.model.kind in ("local", "endpoint"):
        return (templates, ModelSuggestionProposer(model))
    return (templates,)


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
