"""``GET /api/context``: who is told what, and what is refused."""

import pytest
from fastapi.testclient import TestClient

from idiolect.kit.clock import utc_now
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_key
from tests.api.conftest import believe, observe


def add_key(services, person, *scopes: str) -> tuple[str, str]:
    """A key of an assistant; its id and secret."""
    with services.database.transaction() as session:
        key, secret = create_key(session, person.id, "assistant", scopes, utc_now())
        return key.id, secret


def share(services, person, memory_id: str, scope: str) -> None:
    with services.database.transaction() as session:
        MemoryRepository(session, person.id).current(memory_id).scope = scope


@pytest.fixture
def video(services, mara) -> str:
    seen = observe(mara, "I edit videos at the weekend.")
    return believe(services, mara.id, "Mara edits videos as a hobby.", seen)


def context(client: TestClient, **query: object) -> dict:
    response = client.get("/api/context", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def test_tells_what_bears_on_a_query_with_its_provenance(mara, video):
    told = context(mara.client, query="editing videos")

    [fact] = told["facts"]
    assert fact["id"] == video
    assert fact["text"] == "Mara edits videos as a hobby."
    assert (fact["confidence"], fact["trust"], fact["evidence_count"]) == (0.8, "typed", 1)
    assert 0 < fact["relevance"] <= 1
    [support] = fact["evidence"]
    assert support["quote"] == "I edit videos at the"
    assert {"observation_id", "occurred_at", "application", "trust"} < support.keys()
    assert told["text"].count("\n") == 1
    assert '"Mara edits videos as a hobby."' in told["text"]
    assert (told["style"], told["left_out"]) == ("", 0)
    bare = context(mara.client, query="editing videos", evidence=False)
    assert bare["facts"][0]["evidence"] == []


def test_an_assistant_s_key_is_told_what_is_shared_with_it(services, mara, video, client_of):
    key_id, secret = add_key(services, mara, "read")
    assistant = client_of(secret)

    assert context(assistant, query="videos")["facts"] == []
    assert context(assistant)["facts"] == []
    for scope in (key_id, "assistants"):
        share(services, mara, video, scope)
        assert [fact["id"] for fact in context(assistant, query="videos")["facts"]] == [video]
        assert [fact["id"] for fact in context(assistant)["facts"]] == [video]
    share(services, mara, video, "key_of_another")
    assert context(assistant, query="videos")["text"] == ""
    assert context(mara.client, query="videos")["facts"] != []


def test_nobody_is_told_of_another_user(mara, otto, video):
    assert context(otto.client, query="videos")["facts"] == []
    assert context(otto.client)["text"] == ""


def test_only_a_key_that_may_read_is_told(services, mara, anonymous, client_of):
    _, secret = add_key(services, mara, "chat", "observe", "train")

    assert anonymous.get("/api/context").status_code == 401
    refused = client_of(secret).get("/api/context")
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert "`read`" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"budget_tokens": 99},
        {"budget_tokens": 8001},
        {"limit": 0},
        {"limit": 51},
        {"query": "nul \x00"},
        {"query": "x" * 4001},
        {"evidence": "perhaps"},
        {"q": "videos"},
    ],
)
def test_what_cannot_be_used_is_refused(mara, query):
    response = mara.client.get("/api/context", params=query)

    assert (response.status_code, response.json()["code"]) == (422, "INVALID_INPUT")
