"""Our own client against the real server: every method works and every shape is the one it says."""

from collections.abc import Iterator
from typing import get_type_hints

import pytest

from idiolect.client import IdiolectClient, forgetting, memory_shapes, responses
from idiolect.client import charter as charter_shapes
from idiolect.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    PayloadTooLargeError,
    UnauthorizedError,
)
from idiolect.kit.clock import utc_now
from idiolect.store.repositories.user import create_key
from tests.api.conftest import add_adapter, believe, observe


@pytest.fixture
def client(base_url, mara) -> Iterator[IdiolectClient]:
    with IdiolectClient(base_url, mara.secret) as client:
        yield client


def assert_is(shape: type, value: dict) -> None:
    assert set(value) == set(get_type_hints(shape)), shape.__name__


def test_observations_and_propositions(services, client, mara):
    item = {
        "idempotency_key": "one",
        "kind": "statement",
        "source": "test",
        "text": "I edit videos.",
        "occurred_at": utc_now().isoformat(),
    }
    receipt = client.observe([item])
    seen = receipt.accepted[0].id
    known = believe(services, mara.id, "Mara edits videos.", seen)

    assert_is(responses.Observation, client.observation(seen))
    assert_is(responses.Observation, client.observations()["items"][0])
    assert_is(responses.Proposition, client.propositions(query="video")["items"][0])
    detail = client.proposition(known)
    assert_is(responses.PropositionDetail, detail)
    assert_is(responses.Evidence, detail["evidence"][0])
    assert_is(responses.Revision, detail["history"][0])
    assert_is(responses.Found, client.search("films")[0])
    told = client.context("films", evidence=True)
    assert_is(responses.Context, told)
    assert_is(responses.Fact, told["facts"][0])
    assert_is(responses.Support, told["facts"][0]["evidence"][0])
    assert client.correct_proposition(known, verdict="confirmed")["version"] == 2
    rated = client.rate_proposition(known, "partly")
    assert_is(responses.PropositionDetail, rated)
    assert (rated["rating"], rated["version"]) == ("partly", 3)
    assert client.withdraw_rating(known)["rating"] is None
    calibration = client.calibration()
    assert_is(responses.Calibration, calibration)
    assert_is(responses.Reliability, calibration["overall"])
    assert_is(responses.Figures, calibration["overall"]["raw"])
    assert_is(responses.Job, client.refresh_propositions())
    client.forgetting.forget(forgetting.a_proposition(known))
    with pytest.raises(NotFoundError):
        client.proposition(known)


def test_the_charter(services, client, mara):
    known = believe(services, mara.id, "Mara edits videos.")
    charter = client.charter.read()
    assert_is(charter_shapes.Charter, charter)
    ours = {"id": "short", "text": "Be short.", "rationale": "There is little time."}

    charter = client.charter.propose(charter["version"], ours)
    assert_is(charter_shapes.Standard, charter["standards"][-1])
    settled = client.charter.ratify(charter["version"], "short", {"ratify": 1.0}, "I want it so.")
    assert_is(charter_shapes.Settled, settled)
    assert_is(charter_shapes.Tally, settled["tally"])
    assert_is(charter_shapes.Standing, settled["tally"]["standings"][0])
    charter = client.charter.contest(settled["charter"]["version"], "short", "Too curt.")
    assert_is(charter_shapes.StandardEvent, charter["standards"][-1]["history"][-1])
    settled = client.charter.settle(
        charter["version"], "short", {"amend": 1.0}, "Better.", amendment={"text": "Be brief."}
    )
    assert settled["charter"]["standards"][-1]["text"] == "Be brief."
    charter = client.charter.retire(settled["charter"]["version"], "short", "I have time now.")
    assert client.charter.read() == charter
    assert_is(charter_shapes.Concern, charter["standards"][0]["concerns"][0])
    assert_is(charter_shapes.CharterStep, client.charter.history(limit=1)["items"][0])
    contested = client.charter.contest_proposition(known, "Is that so?")
    assert_is(charter_shapes.Contested, contested)
    assert client.charter.settle_proposition(known, "uphold", "It is.")["contested"] is False


def test_conversations_and_preferences(client):
    talk = client.create_conversation()
    assert_is(responses.Conversation, talk)

    events = list(client.stream_reply(talk["id"], "Hello", candidates=2))

    assert [events[0].name, events[-1].name] == ["start", "done"]
    replies = events[0].data["replies"]
    ids = [reply["id"] for reply in replies]
    assert_is(responses.Message, replies[0])
    assert_is(responses.ChoiceOutcome, client.choose(ids, "picked", ids[0]))
    detail = client.conversation(talk["id"])
    assert_is(responses.ConversationDetail, detail)
    assert_is(responses.Choice, detail["choices"][0])
    receipt = client.add_preferences(
        [{"prompt": "Hello", "chosen": "Hi", "rejected": "Good day"}, {"prompt": "Hello"}]
    )
    assert_is(responses.PreferenceReceipt, receipt)
    assert_is(responses.RefusedPreference, receipt["refused"][0])
    assert_is(responses.Preference, client.preferences()["items"][0])
    client.delete_conversation(talk["id"])
    assert client.conversations()["items"] == []


def test_jobs_and_adapters(services, client, mara, tmp_path):
    job = client.start_job("train", key="monday")
    assert_is(responses.Job, job)
    assert client.start_job("train", key="monday")["id"] == job["id"]
    client.cancel_job(job["id"])
    told = []
    assert client.wait_for_job(job["id"], told.append)["state"] == "cancelled"
    assert [event.data["state"] for event in told] == ["queued", "cancelled"]
    assert client.retry_job(job["id"])["state"] == "queued"
    assert client.jobs()["items"][0]["id"] == job["id"]

    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=False)
    assert_is(responses.Adapter, client.adapters()["items"][0])
    with pytest.raises(ConflictError):
        client.promote_adapter(adapter)
    assert client.promote_adapter(adapter, reason="I like it")["state"] == "activated"
    assert client.status()["adapter"] == {"id": adapter, "version": 1}
    assert client.roll_back_adapter() is None


def test_the_server_and_the_key(client, base_url, mara):
    observe(mara, "I edit videos.")

    assert client.health() == {"status": "ok"}
    assert_is(responses.Readiness, client.readiness())
    assert_is(responses.Me, client.me())
    assert_is(responses.Status, client.status())
    with IdiolectClient(base_url, "idk_wrong") as stranger, pytest.raises(UnauthorizedError):
        stranger.me()


def test_memories(services, client, mara, otto, base_url, tmp_path):
    mine = client.memories
    known = believe(services, mara.id, "Mara edits videos.")
    twin = believe(services, mara.id, "Mara cuts videos.")

    listed = mine.list(state="activated", why=True)["items"][0]
    assert_is(memory_shapes.ListedMemory, listed)
    assert_is(memory_shapes.Act, listed["act"])
    told = mine.add("Mara learned to edit.", derived_from=[known], durability=0.9, reason="so")
    assert_is(memory_shapes.Memory, told)
    assert (told["confidence"], told["durability"]) == (0.97, 0.9)
    found = mine.search("learned", why=True, limit=1)
    assert_is(memory_shapes.FoundMemory, found[0])
    assert_is(memory_shapes.Reason, found[0]["reasons"][0])
    assert found[0]["id"] == told["id"]
    assert mine.search("learned", as_of="2020-01-01T00:00:00Z") == []
    assert mine.act(told["id"], "expire", reason="no more")["state"] == "expired"
    assert [one["id"] for one in mine.list(as_of=utc_now().isoformat())["items"]] == [twin, known]
    assert_is(memory_shapes.MemoryDetail, mine.get(known))
    assert mine.update(known, 1, text="Mara edits films.", confidence=0.7)["version"] == 2
    with pytest.raises(ConflictError) as refused:
        mine.act(known, "pin", version=1)
    assert "again" in refused.value.hint
    assert mine.act(known, "pin", reason="dear", version=2)["pinned"]
    assert mine.share(known, "assistants")["scope"] == "assistants"
    assert mine.expire(known, None)["expires_at"] is None
    assert mine.roll_back(known, 1)["text"] == "Mara edits videos."
    assert [one["version"] for one in mine.history(known)] == [1, 2, 3]
    merged = mine.merge([known, twin], text="Mara makes films.", reason="the same")["id"]
    tree = mine.provenance(merged)
    assert_is(memory_shapes.Provenance, tree)
    assert_is(memory_shapes.Branch, tree["rests_on"][0])
    assert_is(memory_shapes.MemoryEvent, mine.events(known)["items"][0])
    archive = tmp_path / "memories.zip"
    mine.export(archive, reason="to move")
    assert archive.stat().st_mode & 0o077 == 0
    assert mine.events()["items"][0]["verb"] == "export"
    assert_is(memory_shapes.MemoryPromotion, mine.promote("lora", reason="enough is known"))
    with pytest.raises(ConflictError):
        mine.demote(known)  # text is not promoted
    planned = mine.expected_deletion(merged)
    assert_is(memory_shapes.Deletion, planned)
    assert mine.delete(merged, reason="mine", version=1) == planned
    assert client.upkeep() is None
    with IdiolectClient(base_url, otto.secret) as other:
        took = other.memories.import_(archive)
        assert_is(memory_shapes.Imported, took)
        assert took["taken"] == 4
        archive.write_bytes(b"0" * 300_000)  # the server of the tests reads 200,000 bytes
        with pytest.raises(PayloadTooLargeError) as large:
            other.memories.import_(archive)
        assert "max_request_mb" in large.value.hint
        with pytest.raises(NotFoundError):
            other.memories.get(known)
    reader = IdiolectClient(base_url, reading_key(services, otto.id))
    with reader, pytest.raises(ForbiddenError):
        reader.memories.export(archive)
    assert archive.stat().st_size == 300_000  # what is refused writes nothing


def reading_key(services, user_id: str) -> str:
    with services.database.transaction() as session:
        return create_key(session, user_id, "reads", ["read"], utc_now())[1]
