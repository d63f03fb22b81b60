"""Notes reach the personal model alone, and the server indexes what it takes them from."""

import threading
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from idiolect.api.app import create_app
from idiolect.assistant.conversations import Assistant
from idiolect.handbook.handbook import Handbook
from idiolect.kit.clock import utc_now
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.store.vectors.chroma import ChromaVectorStore
from tests.api.conftest import BASE_URL

QUESTION = "my notebook takes ages to start, what now?"
HEADING = "Notes on speeding up a slow computer:"


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory):
    """Nobody has indexed it but a server that runs."""
    embedder = BundledEmbedder()
    vectors = ChromaVectorStore.embedded(embedder.name, tmp_path_factory.mktemp("handbook"))
    yield Handbook(vectors, embedder)
    vectors.close()


@pytest.fixture
def services(services, database, model, handbook):
    assistant = Assistant(
        database, services.user_model, model, lambda _: None, utc_now, handbook=handbook
    )
    return replace(services, assistant=assistant, handbook=handbook)


@pytest.fixture
def running(services, mara, tmp_path):
    """A client of a server that has indexed the handbook."""
    headers = {"Authorization": f"Bearer {mara.secret}"}
    app = create_app(services, page=tmp_path / "no-page")
    with TestClient(app, base_url=BASE_URL, headers=headers) as client:
        for thread in threading.enumerate():
            if thread.name == "handbook":
                thread.join(30)
        yield client


def test_the_server_indexes_it_as_it_starts(handbook, running):
    assert handbook.is_indexed


def test_the_personal_model_is_given_notes_and_the_plain_one_is_not(running, model):
    for name in ("idiolect", "idiolect-base"):
        question = {"model": name, "messages": [{"role": "user", "content": QUESTION}]}
        assert running.post("/v1/chat/completions", json=question).status_code == 200

    personal, base = model.calls
    assert HEADING in personal.messages[0].content
    assert [message.role for message in base.messages] == ["user"]


def test_a_clients_own_instruction_goes_before_the_notes(running, model):
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": QUESTION}]
    running.post("/v1/chat/completions", json={"model": "idiolect", "messages": messages})

    [call] = model.calls
    instruction, *notes = call.messages[0].content.split("\n\n")
    assert instruction == "Be kind."
    assert HEADING in {section.splitlines()[0] for section in notes}


def test_a_reply_says_which_notes_it_had(running):
    talk = running.post("/api/conversations", json={"title": ""}).json()["id"]
    running.post(f"/api/conversations/{talk}/messages", json={"text": QUESTION})

    _, reply = running.get(f"/api/conversations/{talk}").json()["messages"]
    assert "speeding up a slow computer" in {note["topic"] for note in reply["acted"]["notes"]}
    assert reply["acted"]["memories"] == []
