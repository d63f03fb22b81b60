"""Promotion over HTTP: what is refused, what is queued, and what /v1 may use again."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from idiolect.api.app import create_app
from idiolect.assistant.prefixes import Prefixes
from idiolect.kit.clock import utc_now
from idiolect.lm.protocols import ComputedPrefix, PrefixRef
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_key
from idiolect.usermodel.memory.act import by_user
from idiolect.usermodel.memory.promotion import Standing
from tests.api.conftest import BASE_URL, add_adapter, believe, observe

TALK = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Good day."},
    {"role": "user", "content": "How are you?"},
]


@pytest.fixture
def kept(services, mara, tmp_path) -> str:
    """A computed prefix of Mara's, which says one thing."""
    seen = observe(mara, "I like short answers.")
    said = believe(services, mara.id, "Mara prefers short answers.", seen)
    folder = tmp_path / "computed"
    folder.mkdir()
    (folder / "prefix.safetensors").write_text("keys and values")
    computed = ComputedPrefix(64, "prefix.safetensors", "5ha", "key", "base", "float32")
    charter = services.charters.of(mara.id).version
    standing = Standing("Keep it short.", [said], charter, None)
    memory = services.prefixes.promotions.keep_prefix(
        mara.id, computed, folder, standing, by_user("quicker")
    )
    return memory.id


def test_where_the_model_is_served_elsewhere_nothing_is_computed(mara):
    refused = mara.client.post("/api/memories/promotions", json={"to": "kv"})
    assert (refused.status_code, refused.json()["code"]) == (503, "NOT_READY")
    assert "vLLM" in refused.json()["hint"]


def test_text_is_handed_over_to_training(mara):
    answer = mara.client.post("/api/memories/promotions", json={"to": "lora", "reason": "enough"})
    assert answer.status_code == 201
    job = answer.json()["job"]
    assert (job["kind"], job["state"], answer.json()["memory"]) == ("train", "queued", None)
    [event] = mara.client.get("/api/memories/events").json()["items"]
    assert (event["verb"], event["reason"]) == ("promote", "enough")
    assert event["detail"] == {"to": "lora", "job": job["id"]}
    assert mara.client.post("/api/memories/promotions", json={"to": "gold"}).status_code == 422


def test_a_prefix_is_listed_and_demoted_with_its_file(services, mara, kept):
    [listed] = mara.client.get("/api/memories?kind=cache").json()["items"]
    assert (listed["id"], listed["state"]) == (kept, "activated")
    with services.database.transaction() as session:
        files = services.blobs.path(MemoryRepository(session, mara.id).get(kept).blob_key)
    assert (files / "prefix.safetensors").read_text() == "keys and values"
    demoted = mara.client.post(f"/api/memories/{kept}/demote", json={"reason": "no need"})
    assert (demoted.status_code, demoted.json()["state"]) == (200, "expired")
    again = mara.client.post(f"/api/memories/{kept}/demote")
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert not files.exists()


def test_forgetting_what_it_says_removes_the_prefix_and_its_file(services, mara, kept):
    [said] = mara.client.get("/api/propositions").json()["items"]
    with services.database.transaction() as session:
        key = MemoryRepository(session, mara.id).get(kept).blob_key
    assert services.blobs.path(key).is_dir()
    gone = mara.client.post("/api/forgetting", json={"scope": "proposition", "id": said["id"]})
    assert gone.status_code == 200, gone.text
    assert not services.blobs.path(key).exists()
    with services.database.transaction() as session:
        assert MemoryRepository(session, mara.id).get(kept).state == "purged"


def test_an_adapter_of_another_base_is_said_to_be_stale_and_not_promoted(services, mara, tmp_path):
    adapter = add_adapter(services, mara.id, tmp_path / "a", passed=True)
    with services.database.transaction() as session:
        row = MemoryRepository(session, mara.id).get(adapter)
        card = {**row.payload["card"], "base": {"name": "old", "hash": "old"}}
        row.payload = {**row.payload, "card": card}
    assert mara.client.post(f"/api/adapters/{adapter}/promote").status_code == 200
    services.prefixes.promotions.settle_base(mara.id, "new")
    [listed] = mara.client.get("/api/memories?kind=adapter&state=archived").json()["items"]
    assert listed["stale"] == "the base model changed"
    refused = mara.client.post(f"/api/adapters/{adapter}/promote")
    assert (refused.status_code, refused.json()["code"]) == (409, "ADAPTER_OF_ANOTHER_BASE")


def test_facts_are_reranked_only_where_a_model_is_set_up(mara):
    refused = mara.client.get("/api/context?query=rowing&rerank=true")
    assert (refused.status_code, refused.json()["code"]) == (409, "RERANK_OFF")
    assert mara.client.get("/api/context?query=rowing").status_code == 200


def test_promotion_is_the_owner_s(mara, client_of, services):
    with services.database.transaction() as session:
        _, secret = create_key(session, mara.id, "assistant", ["read", "chat"], utc_now())
    assistant = client_of(secret)
    assert assistant.post("/api/memories/promotions", json={}).status_code == 403
    assert assistant.post("/api/memories/mem_1/demote").status_code == 403


class Remembering:
    """Stands for a model server: says which users it was told to forget."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def revision(self) -> str:
        return "base"

    def forget_prefixes(self, owner: str) -> None:
        self.forgotten.append(owner)


def test_v1_names_the_prefix_for_the_person_and_the_talk_for_a_bare_model(
    services, mara, model, kept, tmp_path
):
    own = replace(services, prefixes=Prefixes(services.prefixes.promotions, Remembering()))
    key = {"Authorization": f"Bearer {mara.secret}"}
    with TestClient(create_app(own, page=tmp_path), base_url=BASE_URL, headers=key) as client:
        for name in ("idiolect", "idiolect-base"):
            for turns in (TALK[:1], TALK):
                asked = {"model": name, "messages": turns}
                assert client.post("/v1/chat/completions", json=asked).status_code == 200
    personal, again, question, bare = (call.prefix for call in model.calls[-4:])
    assert personal is not None
    assert (personal.owner, personal.sha256) == (mara.id, "5ha")
    assert again == personal
    assert question is None  # a single question is not met again
    assert bare == PrefixRef(mara.id)
