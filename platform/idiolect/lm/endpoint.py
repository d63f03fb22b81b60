"""A language model behind any OpenAI-compatible server: vLLM, Ollama, ours, a remote one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import openai
from openai import OpenAI, Stream
from openai.types.chat import ChatCompletionChunk

from idiolect.errors import InvalidInputError, ModelError
from idiolect.lm.protocols import (
    AdapterRef,
    ChatMessage,
    ComputedPrefix,
    Delta,
    PrefixRef,
    Sampling,
    Score,
)

T = TypeVar("T")

_JSON = cast(type[dict[str, Any]], object)

_TOO_LONG = ("CONTEXT_TOO_LONG", "context_length_exceeded")
"""How our model server and others say that a conversation is too long."""

_PREFIX_S = 600.0
"""How long to wait for a prefix to be computed: some minutes of a large model without a GPU."""


class EndpointModel:
    """A model by its name at an OpenAI-compatible URL.

    An adapter is asked for by its own name. When the server does not know the name, the adapter
    is loaded through ``/v1/load_lora_adapter`` (vLLM's, and that of our model server) first.

    Args:
        base_url: with its version, such as ``http://127.0.0.1:11434/v1``.
        name: the model's id at the server.
        api_key: empty where none is needed.
        timeout_s: how long to wait for a reply's next piece.
    """

    def __init__(self, *, base_url: str, name: str, api_key: str, timeout_s: float = 120.0) -> None:
        self._name = name
        self._base_url = base_url
        self._constrains = True
        self._client = OpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # the client refuses an empty one
            timeout=timeout_s,
            max_retries=1,
        )

    @property
    def name(self) -> str:
        return self._name

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        adapter: AdapterRef | None = None,
        json_schema: dict[str, object] | None = None,
        prefix: PrefixRef | None = None,
    ) -> Iterator[Delta]:
        """See ``LanguageModel.stream``; of servers, ours alone reads the prefix.

        A server that writes one reply whatever ``n`` says is asked again for the others.
        """
        written: set[int] = set()
        with self._as_model_errors():
            while len(written) < sampling.n:
                first = len(written)
                seed = None if sampling.seed is None else sampling.seed + first
                rest = replace(sampling, n=sampling.n - first, seed=seed)
                asked = self._ask(messages, rest, adapter, json_schema, prefix)
                with closing(asked) as chunks:
                    for delta in _deltas(chunks):
                        written.add(first + delta.index)
                        yield replace(delta, index=first + delta.index)
                if len(written) == first:
                    raise ModelError(f"{self._base_url} answered without any reply")

    def score(
        self,
        messages: Sequence[ChatMessage],
        responses: Sequence[str],
        *,
        adapter: AdapterRef | None = None,
    ) -> list[Score]:
        """See ``ScoringModel.score``; only Idiolect's own model server can do this.

        Raises:
            ModelError: the server cannot, or failed.
        """
        ask = partial(
            self._client.post,
            "/score",
            cast_to=_JSON,
            body={
                "model": adapter.name if adapter else self._name,
                "messages": [message.as_dict() for message in messages],
                "responses": list(responses),
            },
        )
        with self._as_model_errors():
            answer = self._with_adapter(adapter, ask)
        return [Score(score["log_prob"], score["tokens"]) for score in answer["scores"]]

    def revision(self) -> str:
        """See ``PrefixModel.revision``; only Idiolect's own model server tells.

        Raises:
            ModelError: the server does not tell, or failed.
        """
        with self._as_model_errors():
            answer = self._client.get("/revision", cast_to=_JSON)
        return str(answer["revision"])

    def compute_prefix(
        self, head: str, owner: str, folder: Path, *, adapter: AdapterRef | None = None
    ) -> ComputedPrefix:
        """See ``PrefixModel.compute_prefix``; only Idiolect's own model server can do this.

        Raises:
            ModelError: the server cannot, or failed.
        """
        ask = partial(
            self._client.post,
            "/compute_prefix",
            cast_to=_JSON,
            body={
                "model": adapter.name if adapter else self._name,
                "head": head,
                "owner": owner,
                "folder": str(folder),
            },
            options={"timeout": _PREFIX_S},
        )
        with self._as_model_errors():
            return ComputedPrefix(**self._with_adapter(adapter, ask))

    def forget_prefixes(self, owner: str) -> None:
        """See ``PrefixModel.forget_prefixes``.

        Raises:
            ModelError: the server keeps none, or failed.
        """
        with self._as_model_errors():
            self._client.post("/forget_prefixes", cast_to=str, body={"owner": owner})

    def check(self) -> str:
        """A line about the server, which must know the model.

        Raises:
            ModelError: it does not answer, or has no model of this name.
        """
        with self._as_model_errors():
            names = [model.id for model in self._client.models.list()]
        if self._name not in names:
            raise ModelError(
                f"{self._base_url} has no model {self._name}",
                hint=f"Set IDIOLECT_MODEL__NAME to one that it has: {', '.join(names[:5])}.",
            )
        return f"{self._name} at {self._base_url}"

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()

    def _ask(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        adapter: AdapterRef | None,
        json_schema: dict[str, object] | None,
        prefix: PrefixRef | None,
    ) -> Stream[ChatCompletionChunk]:
        own = {"prefix": _told(prefix)} if prefix else None

        def ask(**constraint: object) -> Stream[ChatCompletionChunk]:
            create: Callable[..., Any] = self._client.chat.completions.create
            answer = create(
                model=adapter.name if adapter else self._name,
                messages=[message.as_dict() for message in messages],
                stream=True,
                n=sampling.n,
                max_tokens=sampling.max_tokens,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                seed=openai.omit if sampling.seed is None else sampling.seed,
                stop=list(sampling.stop) or openai.omit,
                extra_body=own,
                **constraint,
            )
            return cast("Stream[ChatCompletionChunk]", answer)

        if json_schema is None or not self._constrains:
            return self._with_adapter(adapter, ask)
        schema = {"name": "answer", "schema": json_schema}
        constraint = {"type": "json_schema", "json_schema": schema}
        try:
            return self._with_adapter(adapter, partial(ask, response_format=constraint))
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            answer = self._with_adapter(adapter, ask)
            self._constrains = False  # it was the constraint that this server does not know
            return answer

    def _with_adapter(self, adapter: AdapterRef | None, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except openai.NotFoundError:
            if adapter is None:
                raise
        self._client.post(
            "/load_lora_adapter",
            cast_to=str,
            body={"lora_name": adapter.name, "lora_path": str(adapter.path)},
        )
        return ask()

    @contextmanager
    def _as_model_errors(self) -> Iterator[None]:
        try:
            yield
        except openai.NotFoundError as error:
            raise ModelError(
                f"{self._base_url} does not know {self._name}, or cannot do this: {error.message}",
                hint="Check IDIOLECT_MODEL__NAME; `idiolect doctor` lists what the server has.",
            ) from error
        except openai.APIConnectionError as error:
            raise ModelError(
                f"no language model answers at {self._base_url}",
                hint="Start it, or correct IDIOLECT_MODEL__BASE_URL.",
                code="MODEL_UNREACHABLE",
            ) from error
        except openai.AuthenticationError as error:
            raise ModelError(
                f"{self._base_url} refused the key", hint="Correct IDIOLECT_MODEL__API_KEY."
            ) from error
        except openai.APIError as error:
            if error.code == "PREFIX_TOO_SHORT":
                raise InvalidInputError(
                    "the stable beginning of the context has too few tokens to be worth keeping,"
                    " or more than the model can read",
                    hint="Nothing is lost: a short one is computed as fast as it is found.",
                    code="PREFIX_TOO_SHORT",
                ) from error
            if error.code in _TOO_LONG:
                raise InvalidInputError(
                    "the conversation is longer than the model can read",
                    hint="Start a new conversation or send less text.",
                    code="CONTEXT_TOO_LONG",
                ) from error
            raise ModelError(f"{self._base_url} failed: {error.message[:200]}") from error


def _told(prefix: PrefixRef) -> dict[str, str]:
    file = str(prefix.file) if prefix.file else ""
    return {"owner": prefix.owner, "file": file, "sha256": prefix.sha256}


def _deltas(chunks: Stream[ChatCompletionChunk]) -> Iterator[Delta]:
    for chunk in chunks:
        for choice in chunk.choices:
            text = choice.delta.content or ""
            if choice.finish_reason is not None:
                yield Delta(
                    choice.index, text, "length" if choice.finish_reason == "length" else "stop"
                )
            elif text:
                yield Delta(choice.index, text)
