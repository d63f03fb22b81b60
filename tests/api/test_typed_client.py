"""Our own client against the real server: every method works and every shape is the one it says."""

from collections.abc import Iterator
from typing import get_type_hints

import pytest

from idiolect.client import IdiolectClient, responses
from idiolect.errors import ConflictError, NotFoundError, UnauthorizedError
from idiolect.kit.clock import utc_now
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
    assert client.correct_proposition(known, verdict="confirmed")["version"] == 2
    assert_is(responses.Job, client.refresh_propositions())
    client.forget_proposition(known)
    with pytest.raises(NotFoundError):
        client.proposition(known)


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
