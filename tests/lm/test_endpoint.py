"""The endpoint model against our model server, and against servers with other habits."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from idiolect.errors import InvalidInputError, ModelError
from idiolect.lm.embedding.endpoint import EndpointEmbedder
from idiolect.lm.endpoint import EndpointModel
from idiolect.lm.local import LocalModel
from idiolect.lm.protocols import AdapterRef, ChatMessage, Sampling
from idiolect.lm.structured import complete
from tests.http_server import serving
from tests.lm.conftest import KEY

ASK = [ChatMessage("user", "How are you?")]
GREEDY = Sampling(max_tokens=16, temperature=0)
Adapters = tuple[AdapterRef, AdapterRef]


def test_it_is_the_same_model(
    endpoint_model: EndpointModel, local_model: LocalModel, adapters: Adapters
) -> None:
    drawn = Sampling(max_tokens=20, n=2, seed=5, stop=("q",))
    for adapter in (None, *adapters):
        here = complete(local_model, ASK, drawn, adapter=adapter)
        assert complete(endpoint_model, ASK, drawn, adapter=adapter) == here
        texts = ["Fine.", "Not so well."]
        theirs = endpoint_model.score(ASK, texts, adapter=adapter)
        assert theirs == local_model.score(ASK, texts, adapter=adapter)


def test_an_adapter_that_cannot_be_used_is_named(endpoint_model: EndpointModel, tmp_path) -> None:
    with pytest.raises(ModelError, match="the adapter cannot be used"):
        complete(endpoint_model, ASK, GREEDY, adapter=AdapterRef("adp_bad", tmp_path))


def test_too_long_is_the_callers_mistake(endpoint_model: EndpointModel) -> None:
    with pytest.raises(InvalidInputError) as caught:
        complete(endpoint_model, [ChatMessage("user", "x" * 600)], GREEDY)
    assert caught.value.reason_code == "CONTEXT_TOO_LONG"


def test_the_check(endpoint_model: EndpointModel) -> None:
    assert endpoint_model.check().startswith(endpoint_model.name)
    url = str(endpoint_model._client.base_url)
    for name, key, message in (
        ("another", KEY, "has no model another"),
        (endpoint_model.name, "wrong", "refused the key"),
    ):
        model = EndpointModel(base_url=url, name=name, api_key=key)
        with pytest.raises(ModelError, match=message):
            model.check()
        model.close()


def test_an_unknown_model_is_named(endpoint_model: EndpointModel) -> None:
    url = str(endpoint_model._client.base_url)
    model = EndpointModel(base_url=url, name="another", api_key=KEY)
    with pytest.raises(ModelError, match="does not know another"):
        complete(model, ASK, GREEDY)
    model.close()


def test_nobody_there() -> None:
    with socket.socket() as taken:  # bound and not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        model = EndpointModel(base_url=url, name="any", api_key="")
        with pytest.raises(ModelError) as caught:
            complete(model, ASK, GREEDY)
        assert caught.value.reason_code == "MODEL_UNREACHABLE"
        model.close()


class PlainServer:
    """Knows no ``response_format``, writes one reply whatever ``n`` is, may break off."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.app = FastAPI()
        self.app.post("/v1/chat/completions", response_model=None)(self.complete)
        self.app.post("/v1/embeddings")(self.embed)

    async def complete(self, request: Request) -> Response:
        asked = await request.json()
        self.asked.append(asked)
        if "response_format" in asked:
            return JSONResponse({"error": {"message": "unknown: response_format"}}, 400)
        reply = f"reply {len(self.asked)}"
        end = '{"error": {"message": "out of memory"}}' if asked["model"] == "failing" else "[DONE]"
        chunk = (
            '{"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices":'
            f' [{{"index": 0, "delta": {{"content": "{reply}"}}, "finish_reason": null}}]}}'
        )
        return Response(f"data: {chunk}\n\ndata: {end}\n\n", media_type="text/event-stream")

    async def embed(self, request: Request) -> dict[str, Any]:
        asked = await request.json()
        self.asked.append(asked)
        data = [
            {"object": "embedding", "index": index, "embedding": [3.0, float(len(text))]}
            for index, text in enumerate(asked["input"])
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return {"object": "list", "model": "m", "data": data[::-1], "usage": usage}


@pytest.fixture
def plain() -> Iterator[tuple[PlainServer, str]]:
    server = PlainServer()
    with serving(server.app) as url:
        yield server, f"{url}/v1"


def test_a_server_that_ignores_n_is_asked_again(plain: tuple[PlainServer, str]) -> None:
    server, url = plain
    model = EndpointModel(base_url=url, name="plain", api_key="")
    sampling = Sampling(n=3, seed=10, stop=("###",))
    assert complete(model, ASK, sampling) == ["reply 1", "reply 2", "reply 3"]
    assert [asked["n"] for asked in server.asked] == [3, 2, 1]
    assert [asked["seed"] for asked in server.asked] == [10, 11, 12]
    assert server.asked[0]["messages"] == [{"role": "user", "content": "How are you?"}]
    assert server.asked[0]["stop"] == ["###"]
    model.close()


def test_a_server_without_schemas_is_asked_without_from_then_on(
    plain: tuple[PlainServer, str],
) -> None:
    server, url = plain
    model = EndpointModel(base_url=url, name="plain", api_key="")
    for _ in range(2):
        complete(model, ASK, GREEDY, json_schema={"type": "object"})
    assert ["response_format" in asked for asked in server.asked] == [True, False, False]
    model.close()


def test_a_reply_that_breaks_off_is_an_error(plain: tuple[PlainServer, str]) -> None:
    model = EndpointModel(base_url=plain[1], name="failing", api_key="")
    stream = model.stream(ASK, GREEDY)
    assert next(stream).text == "reply 1"
    with pytest.raises(ModelError, match="out of memory"):
        next(stream)
    model.close()


def test_embeddings_get_length_one_and_their_order(plain: tuple[PlainServer, str]) -> None:
    server, url = plain
    embedder = EndpointEmbedder(base_url=url, name="e", api_key="", batch_size=2)
    # (3, 4) has length 5; (3, 0) has length 3.
    vectors = embedder.embed(["four", "", "four"])
    assert vectors == [pytest.approx([0.6, 0.8]), [1.0, 0.0], pytest.approx([0.6, 0.8])]
    assert [asked["input"] for asked in server.asked] == [["four", ""], ["four"]]
    assert embedder.embed([]) == []
    embedder.close()


def test_an_embedding_server_that_fails_is_named() -> None:
    embedder = EndpointEmbedder(base_url="http://127.0.0.1:9/v1", name="e", api_key="")
    with pytest.raises(ModelError, match="embedding server"):
        embedder.embed(["text"])
    embedder.close()
