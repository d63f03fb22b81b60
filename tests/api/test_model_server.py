"""The model server through the official client, on a real port."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import openai
import pytest
from openai import OpenAI

from idiolect.api.model_server import create_model_server
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import (
    AdapterRef,
    ChatMessage,
    ComputedPrefix,
    Delta,
    PrefixRef,
    Sampling,
    Score,
)
from tests.http_server import serving
from tests.tiny_adapter import save_tiny_adapter
from tests.tiny_model import save_tiny_model

KEY = "the model server's key"
ASK = [{"role": "user", "content": "How are you?"}]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalModel, str]]:
    model = LocalModel(save_tiny_model(tmp_path_factory.mktemp("tiny")), "cpu", threads=1)
    with serving(create_model_server(model, KEY)) as url:
        yield model, url


@pytest.fixture(scope="module")
def model(served: tuple[LocalModel, str]) -> LocalModel:
    return served[0]


@pytest.fixture
def client(served: tuple[LocalModel, str]) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{served[1]}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def whole(client: OpenAI, name: str) -> str | None:
    completion = client.chat.completions.create(
        model=name, messages=ASK, temperature=0, max_tokens=16
    )
    return completion.choices[0].message.content


def test_whole_and_streamed_are_the_same(client: OpenAI, model: LocalModel) -> None:
    asked = {"model": model.name, "messages": ASK, "max_tokens": 16, "n": 2, "seed": 3}
    completion = client.chat.completions.create(**asked)
    streamed = ["", ""]
    reasons: list[str | None] = [None, None]
    for chunk in client.chat.completions.create(**asked, stream=True):
        for choice in chunk.choices:
            streamed[choice.index] += choice.delta.content or ""
            reasons[choice.index] = choice.finish_reason or reasons[choice.index]
    assert streamed == [choice.message.content for choice in completion.choices]
    assert reasons == [choice.finish_reason for choice in completion.choices]
    assert len(set(streamed)) == 2


def test_an_adapter_is_loaded_used_and_unloaded(
    client: OpenAI, model: LocalModel, tmp_path: Path
) -> None:
    base = whole(client, model.name)
    body = {"lora_name": "adp_1", "lora_path": str(save_tiny_adapter(tmp_path / "1", 1))}
    with pytest.raises(openai.NotFoundError) as unknown:
        whole(client, "adp_1")
    assert unknown.value.code == "MODEL_NOT_FOUND"
    for _ in range(2):  # loading it again changes nothing
        client.post("/load_lora_adapter", cast_to=str, body=body)
    assert [listed.id for listed in client.models.list()] == [model.name, "adp_1"]
    assert whole(client, "adp_1") != base
    assert whole(client, model.name) == base
    client.post("/unload_lora_adapter", cast_to=str, body={"lora_name": "adp_1"})
    for path in ("/unload_lora_adapter", "/chat/completions"):
        with pytest.raises(openai.NotFoundError):
            client.post(
                path, cast_to=str, body={"lora_name": "adp_1", "model": "adp_1", "messages": ASK}
            )


def test_a_name_keeps_its_weights(client: OpenAI, model: LocalModel, tmp_path: Path) -> None:
    one, two = (str(save_tiny_adapter(tmp_path / str(seed), seed)) for seed in (1, 2))
    client.post("/load_lora_adapter", cast_to=str, body={"lora_name": "adp_2", "lora_path": one})
    for body in (
        {"lora_name": "adp_2", "lora_path": two},
        {"lora_name": model.name, "lora_path": one},
    ):
        with pytest.raises(openai.ConflictError, match="stands for other weights"):
            client.post("/load_lora_adapter", cast_to=str, body=body)
    with pytest.raises(openai.UnprocessableEntityError, match="cannot be used"):
        client.post(
            "/load_lora_adapter", cast_to=str, body={"lora_name": "x", "lora_path": "/nowhere"}
        )


def test_scores(client: OpenAI, model: LocalModel) -> None:
    body = {"model": model.name, "messages": ASK, "responses": ["Fine.", "So so."]}
    answer = client.post("/score", cast_to=object, body=body)
    expected = model.score([ChatMessage("user", "How are you?")], ["Fine.", "So so."])
    assert answer == {
        "scores": [{"log_prob": pytest.approx(s.log_prob), "tokens": s.tokens} for s in expected]
    }


def test_without_the_key_nothing_but_health(served: tuple[LocalModel, str]) -> None:
    _, url = served
    assert httpx.get(f"{url}/healthz").json() == {"status": "ok"}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer \u00e4"}):
        raw = {name: value.encode() for name, value in headers.items()}
        assert httpx.get(f"{url}/v1/models", headers=raw).status_code == 401
        body = {"lora_name": "x", "lora_path": "/"}
        answer = httpx.post(f"{url}/v1/load_lora_adapter", json=body, headers=raw)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "I begin."}]},
        {"n": 0},
        {"temperature": -1},
        {"max_tokens": 0},
        {"messages": [{"role": "user", "content": "x" * 600}]},
    ],
)
def test_what_cannot_be_used_is_refused(
    client: OpenAI, model: LocalModel, change: dict[str, object]
) -> None:
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(**{"model": model.name, "messages": ASK, **change})


class Endless:
    """Writes until it is stopped, and says when that was."""

    name = "endless"

    def __init__(self) -> None:
        self.stopped = threading.Event()

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        adapter: AdapterRef | None = None,
        json_schema: dict[str, object] | None = None,
        prefix: PrefixRef | None = None,
    ) -> Iterator[Delta]:
        try:
            while True:
                yield Delta(0, "on and on ")
        finally:
            self.stopped.set()

    def score(
        self,
        messages: Sequence[ChatMessage],
        responses: Sequence[str],
        *,
        adapter: AdapterRef | None = None,
    ) -> list[Score]:
        return []

    def load_adapter(self, adapter: AdapterRef) -> None:
        return None

    def unload_adapter(self, adapter: AdapterRef) -> None:
        return None

    def revision(self) -> str:
        return "none"

    def compute_prefix(
        self, head: str, owner: str, folder: Path, *, adapter: AdapterRef | None = None
    ) -> ComputedPrefix:
        raise NotImplementedError

    def forget_prefixes(self, owner: str) -> None:
        return None


def test_a_reader_who_leaves_stops_the_writing() -> None:
    model = Endless()
    with (
        serving(create_model_server(model, KEY)) as url,
        OpenAI(base_url=f"{url}/v1", api_key=KEY) as client,
    ):
        stream = client.chat.completions.create(model="endless", messages=ASK, stream=True)
        next(iter(stream))
        stream.close()
        assert model.stopped.wait(20)
