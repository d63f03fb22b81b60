"""The model server: one language model in memory, spoken to in OpenAI's language.

Only Idiolect's own processes use it, over the loopback interface and with a key of their own.
Adapters are loaded and unloaded by name, as in vLLM, so that either can take the other's place.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from idiolect.api.openai.completion import Completion, answer, opened
from idiolect.api.problems import install_problem_handlers
from idiolect.api.schemas.base import MAX_MESSAGE_CHARACTERS
from idiolect.api.schemas.openai import CompletionIn, CompletionMessage, ModelOut, ModelsOut
from idiolect.errors import ConflictError, NotFoundError, UnauthorizedError
from idiolect.kit.clock import Clock, utc_now
from idiolect.lm.protocols import (
    AdaptableModel,
    AdapterRef,
    ChatMessage,
    ComputedPrefix,
    PrefixRef,
)

_bearer = HTTPBearer(auto_error=False, description="The model server's own key")

Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Text = Annotated[str, Field(max_length=MAX_MESSAGE_CHARACTERS)]


class LoadAdapterIn(BaseModel):
    """An adapter by its immutable name, and the folder that holds it."""

    lora_name: str = Field(min_length=1, max_length=200)
    lora_path: Path


class UnloadAdapterIn(BaseModel):
    """An adapter by its name."""

    lora_name: str


class PrefixIn(BaseModel):
    """Whose computed prefixes may be used for a completion, and a file with one of theirs."""

    owner: str = Field(min_length=1, max_length=40)
    file: str = ""
    sha256: str = Field("", max_length=64)

    def as_ref(self) -> PrefixRef:
        """As the model takes it."""
        return PrefixRef(self.owner, Path(self.file) if self.file else None, self.sha256)


class OwnCompletionIn(CompletionIn):
    """OpenAI's request, and what of its context may be known already."""

    prefix: PrefixIn | None = None


class ComputePrefixIn(BaseModel):
    """The first paragraphs of a user's system messages, and the folder for what they come to."""

    model: str
    head: Text
    owner: str = Field(min_length=1, max_length=40)
    folder: Path


class ForgetPrefixesIn(BaseModel):
    """A user of whom nothing computed is to stay in memory."""

    owner: str = Field(min_length=1, max_length=40)


class RevisionOut(BaseModel):
    """The base model's content, as a hash."""

    revision: str


class ScoreIn(BaseModel):
    """Responses to one conversation, to be told how likely the model holds them."""

    model: str
    messages: list[CompletionMessage] = Field(min_length=1, max_length=500)
    responses: list[Text] = Field(max_length=64)


class ScoreOut(BaseModel):
    """A response's log-probability in nats, and its length."""

    log_prob: float
    tokens: int


class ScoresOut(BaseModel):
    """The scores in the order of the responses."""

    scores: list[ScoreOut]


class ServedModels:
    """The names that can be asked for: the base model's and those of the loaded adapters."""

    def __init__(self, model: AdaptableModel) -> None:
        self.model = model
        self._adapters: dict[str, AdapterRef] = {}
        self._lock = Lock()

    def names(self) -> list[str]:
        """The base model's name first."""
        with self._lock:
            return [self.model.name, *self._adapters]

    def find(self, name: str) -> AdapterRef | None:
        """The adapter of this name; None for the base model.

        Raises:
            NotFoundError: no model has this name (``MODEL_NOT_FOUND``).
        """
        if name == self.model.name:
            return None
        with self._lock:
            adapter = self._adapters.get(name)
        if adapter is None:
            raise _unknown(name)
        return adapter

    def load(self, adapter: AdapterRef) -> None:
        """Makes an adapter known by its name; loading it again changes nothing.

        Raises:
            ConflictError: the name is the base model's or that of another folder: a name
                always means the same weights.
            InvalidInputError: the adapter cannot be used with this model.
        """
        self.model.load_adapter(adapter)
        with self._lock:
            known = self._adapters.setdefault(adapter.name, adapter)
        if known != adapter or adapter.name == self.model.name:
            raise ConflictError(
                f"the name {adapter.name} stands for other weights",
                hint="Load every version of an adapter under a name of its own.",
            )

    def unload(self, name: str) -> None:
        """Forgets an adapter.

        Raises:
            NotFoundError: none of this name is loaded.
        """
        with self._lock:
            adapter = self._adapters.pop(name, None)
        if adapter is None:
            raise _unknown(name)
        self.model.unload_adapter(adapter)


def create_model_server(model: AdaptableModel, key: str, clock: Clock = utc_now) -> FastAPI:
    """An application that serves one model.

    Args:
        model: generates, scores and takes adapters.
        key: what callers send as ``Authorization: Bearer``.
        clock: dates the completions.
    """
    app = FastAPI(title="Idiolect model server", docs_url=None, redoc_url=None, openapi_url=None)
    install_problem_handlers(app)
    app.include_router(_routes(ServedModels(model), clock), dependencies=[Depends(_holds(key))])

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _holds(key: str) -> Callable[[HTTPAuthorizationCredentials | None], None]:
    def check(credentials: Credentials) -> None:
        sent = credentials.credentials if credentials else ""
        if not secrets.compare_digest(sent.encode(), key.encode()):
            raise UnauthorizedError("this is not the model server's key")

    return check


def _routes(served: ServedModels, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/v1")
    started: datetime = clock()

    @router.get("/models")
    def models() -> ModelsOut:
        created = int(started.timestamp())
        return ModelsOut(
            data=[
                ModelOut(id=name, created=created, owned_by="idiolect") for name in served.names()
            ]
        )

    def opened_completion(asked: OwnCompletionIn) -> Iterator[Completion]:
        adapter = served.find(asked.model)
        prefix = asked.prefix.as_ref() if asked.prefix else None
        deltas = served.model.stream(
            asked.turns(), asked.sampling(), adapter=adapter, prefix=prefix
        )
        with opened(deltas, asked.model, clock()) as completion:
            yield completion

    @router.post("/chat/completions", response_model=None)
    def complete_chat(
        asked: OwnCompletionIn, completion: Annotated[Completion, Depends(opened_completion)]
    ) -> Response:
        return answer(asked, completion)

    @router.post("/score")
    def score(asked: ScoreIn) -> ScoresOut:
        messages = [ChatMessage(message.role, message.content) for message in asked.messages]
        adapter = served.find(asked.model)
        scores = served.model.score(messages, asked.responses, adapter=adapter)
        return ScoresOut(scores=[ScoreOut(log_prob=s.log_prob, tokens=s.tokens) for s in scores])

    @router.get("/revision")
    def revision() -> RevisionOut:
        return RevisionOut(revision=served.model.revision())

    @router.post("/compute_prefix")
    def compute_prefix(asked: ComputePrefixIn) -> ComputedPrefix:
        adapter = served.find(asked.model)
        return served.model.compute_prefix(asked.head, asked.owner, asked.folder, adapter=adapter)

    @router.post("/forget_prefixes")
    def forget_prefixes(asked: ForgetPrefixesIn) -> dict[str, str]:
        served.model.forget_prefixes(asked.owner)
        return {"status": f"nothing of {asked.owner} is in memory"}

    @router.post("/load_lora_adapter")
    def load_adapter(asked: LoadAdapterIn) -> dict[str, str]:
        served.load(AdapterRef(asked.lora_name, asked.lora_path))
        return {"status": f"{asked.lora_name} is loaded"}

    @router.post("/unload_lora_adapter")
    def unload_adapter(asked: UnloadAdapterIn) -> dict[str, str]:
        served.unload(asked.lora_name)
        return {"status": f"{asked.lora_name} is unloaded"}

    return router


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(
        f"there is no model {name} here",
        hint="GET /v1/models lists the names; adapters are loaded with /v1/load_lora_adapter.",
        code="MODEL_NOT_FOUND",
    )
