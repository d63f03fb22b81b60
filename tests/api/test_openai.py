"""The official openai client against a real server."""

import itertools
import threading
import time
from collections.abc import Iterator

import httpx
import openai
import pytest

from idiolect.errors import ModelError
from idiolect.lm.protocols import Delta
from idiolect.lm.scripted import ScriptedModel
from tests.api.conftest import add_adapter, believe

HELLO = [{"role": "user", "content": "Hello there"}]
FAIL = [{"role": "user", "content": "Fail"}]


@pytest.fixture
def client(base_url, mara) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{base_url}/v1", api_key=mara.secret, max_retries=0) as client:
        yield client


def test_lists_what_this_key_can_use(services, client, mara, otto, tmp_path):
    own = add_adapter(services, mara.id, tmp_path / "own", passed=True)
    add_adapter(services, otto.id, tmp_path / "other", passed=True)

    names = [model.id for model in client.models.list()]

    assert names == ["idiolect", "idiolect-base", f"adapter:{own}"]


def test_answers_at_once_and_piece_by_piece(client):
    whole = client.chat.completions.create(model="idiolect-base", messages=HELLO, n=2)
    stream = client.chat.completions.create(model="idiolect-base", messages=HELLO, stream=True)
    chunks = list(stream)

    assert [choice.message.content for choice in whole.choices] == ["You said: Hello there"] * 2
    assert [choice.finish_reason for choice in whole.choices] == ["stop", "stop"]
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(pieces) == "You said: Hello there"
    assert len([piece for piece in pieces if piece]) == 4
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert len({chunk.id for chunk in chunks}) == 1


def test_each_name_stands_for_what_it_says(services, client, mara, model, tmp_path):
    believe(services, mara.id, "Mara edits videos as a hobby.")
    serving = add_adapter(services, mara.id, tmp_path / "a", passed=True)
    other = add_adapter(services, mara.id, tmp_path / "b", passed=True)
    mara.client.post(f"/api/adapters/{serving}/promote")
    question = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "How do I edit videos?"}]},
    ]

    for name in ("idiolect", "idiolect-base", f"adapter:{other}"):
        client.chat.completions.create(model=name, messages=question)

    personal, base, named = model.calls
    assert personal.adapter.name == serving
    assert personal.messages[0].content == (
        "Be kind.\n\nWhat you know about the user:\n- Mara edits videos as a hobby."
    )
    assert base.adapter is None
    assert base.messages[0].content == named.messages[0].content == "Be kind."
    assert named.adapter.name == other


def test_sampling_reaches_the_model(client, model):
    client.chat.completions.create(
        model="idiolect-base",
        messages=HELLO,
        temperature=0,
        top_p=0.5,
        max_tokens=7,
        seed=3,
        stop="END",
        extra_body={"something_new": True},
    )

    sampling = model.calls[0].sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0, 0.5, 7)
    assert (sampling.seed, sampling.stop, sampling.n) == (3, ("END",), 1)


def test_refusals_are_the_client_s_own_exceptions(services, client, base_url, otto, tmp_path):
    foreign = add_adapter(services, otto.id, tmp_path / "other", passed=True)

    for name in ("gpt-4", "adapter:adp_none", foreign, f"adapter:{foreign}"):
        with pytest.raises(openai.NotFoundError) as missing:
            client.chat.completions.create(model=name, messages=HELLO)
        assert missing.value.code == "MODEL_NOT_FOUND"
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{base_url}/v1", api_key="idk_wrong", max_retries=0).models.list()
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(model="idiolect", messages=HELLO, temperature=9)
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(
            model="idiolect", messages=[{"role": "assistant", "content": "Hi"}]
        )


def test_a_model_that_fails_at_once_is_told_before_the_stream(client):
    with pytest.raises(openai.InternalServerError) as refused:
        client.chat.completions.create(model="idiolect-base", messages=FAIL, stream=True)
    assert refused.value.status_code == 502
    assert "no more words" in refused.value.message


class Endless(ScriptedModel):
    """Writes until nobody listens, or fails after three words."""

    def __init__(self, fails: bool) -> None:
        super().__init__([], name="endless")
        self.fails = fails
        self.stopped = threading.Event()

    def stream(
        self, messages, sampling, *, adapter=None, json_schema=None, prefix=None
    ) -> Iterator[Delta]:
        try:
            for word in itertools.count():
                if self.fails and word == 3:
                    raise ModelError("the model is gone")
                yield Delta(0, f"word{word} ")
        finally:
            self.stopped.set()


class TestEndless:
    """Streams that do not end by themselves."""

    @pytest.fixture
    def model(self) -> Endless:
        return Endless(fails=False)

    def test_a_client_who_leaves_stops_the_model(self, client, model):
        stream = client.chat.completions.create(model="idiolect", messages=HELLO, stream=True)
        next(iter(stream))
        assert not model.stopped.is_set()

        stream.close()

        assert model.stopped.wait(10)

    def test_a_reader_who_leaves_a_conversation_stops_the_reply(self, base_url, mara, model):
        headers = {"Authorization": f"Bearer {mara.secret}"}
        with httpx.Client(base_url=base_url, headers=headers) as client:
            talk = client.post("/api/conversations", json={}).json()["id"]
            address = f"/api/conversations/{talk}/messages"
            with client.stream("POST", address, json={"text": "Hello"}) as response:
                next(response.iter_lines())

            assert model.stopped.wait(10)

            # The reply is completed right after the model stopped, in another thread.
            deadline = time.monotonic() + 10
            state = "streaming"
            while state == "streaming" and time.monotonic() < deadline:
                tree = client.get(f"/api/conversations/{talk}").json()
                state = tree["messages"][-1]["state"]
            assert state == "stopped"

    def test_a_failure_within_a_stream_is_told_in_it(self, client, model):
        model.fails = True
        stream = client.chat.completions.create(model="idiolect", messages=HELLO, stream=True)

        with pytest.raises(openai.APIError, match="the model is gone"):
            list(stream)
