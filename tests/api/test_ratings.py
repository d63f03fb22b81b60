"""Rating propositions, what follows for confidence, and who is shown what is private."""

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from idiolect.api.app import create_app
from idiolect.assistant.conversations import Assistant
from idiolect.kit.clock import utc_now
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_key
from idiolect.usermodel.calibration.report import ENOUGH
from tests.api.conftest import BASE_URL, believe, events_of, talk_with
from tests.usermodel.calibration.test_reading import DOUBTED


def propose(services, user_id: str, text: str) -> str:
    """Puts what a proposer would propose into a user's model, with a confidence of 0.8."""
    proposed = believe(services, user_id, text)
    with services.database.transaction() as session:
        MemoryRepository(session, user_id).get(proposed).payload = {"author": "pattern"}
    return proposed


@pytest.fixture
def video(services, mara) -> str:
    return propose(services, mara.id, "Mara edits videos as a hobby.")


@pytest.fixture
def assistants_key(services, mara) -> str:
    """Of an assistant of Mara's: it may read and chat, and nothing more."""
    with services.database.transaction() as session:
        _, secret = create_key(session, mara.id, "assistant", ["read", "chat"], utc_now())
    return secret


@pytest.fixture
def reader(assistants_key, client_of) -> TestClient:
    return client_of(assistants_key)


def rate(person, proposition_id: str, mark: str):
    return person.client.put(f"/api/propositions/{proposition_id}/rating", json={"mark": mark})


def test_a_rating_moves_what_is_read_of_the_author_s_others_and_keeps_them_raw(
    services, mara, otto, video
):
    film = propose(services, mara.id, "Mara watches films.")
    others = propose(services, otto.id, "Otto watches films.")

    rated = rate(mara, video, "false").json()

    assert (rated["rating"], rated["state"], rated["private"]) == ("false", "archived", False)
    shown = mara.client.get(f"/api/propositions/{film}").json()
    [listed] = mara.client.get("/api/propositions").json()["items"]
    [found] = mara.client.get("/api/search?query=films").json()["items"]
    for each in (shown, listed, found):
        assert each["confidence"] == pytest.approx(DOUBTED)
        assert (each["raw_confidence"], each["rating"]) == (0.8, None)
    assert [version["raw_confidence"] for version in shown["history"]] == [0.8]
    assert otto.client.get(f"/api/propositions/{others}").json()["confidence"] == 0.8


def test_a_verdict_is_a_rating(mara, video):
    confirmed = mara.client.patch(f"/api/propositions/{video}", json={"verdict": "confirmed"})

    assert (confirmed.json()["rating"], confirmed.json()["confidence"]) == ("true", 0.97)
    assert mara.client.get("/api/calibration").json()["overall"]["ratings"] == 1
    rejected = mara.client.patch(f"/api/propositions/{video}", json={"verdict": "rejected"})
    assert rejected.json()["rating"] == "false"


def test_a_rating_is_taken_back(mara, video):
    rate(mara, video, "true")

    freed = mara.client.delete(f"/api/propositions/{video}/rating").json()

    assert (freed["rating"], freed["confidence"], freed["lineage_id"]) == (None, 0.8, video)
    assert mara.client.get("/api/calibration").json()["overall"]["ratings"] == 0


def test_what_cannot_be_rated_is_refused(mara, reader, video):
    for body in ({}, {"mark": "maybe"}, {"mark": None}, {"mark": "true", "why": "so"}):
        assert mara.client.put(f"/api/propositions/{video}/rating", json=body).status_code == 422
    assert rate(mara, "mem_unknown", "true").status_code == 404
    assert mara.client.delete("/api/propositions/mem_unknown/rating").status_code == 404
    assert reader.put(f"/api/propositions/{video}/rating", json={"mark": "true"}).status_code == 403
    assert reader.delete(f"/api/propositions/{video}/rating").status_code == 403


def test_figures_wait_for_enough_ratings(services, mara, otto):
    def calibration(person):
        return person.client.get("/api/calibration").json()

    for number in range(ENOUGH - 1):
        rate(mara, propose(services, mara.id, f"Mara owns {number} books."), "true")
    few = calibration(mara)
    assert (few["overall"]["ratings"], few["ratings_needed"]) == (ENOUGH - 1, ENOUGH)
    assert few["overall"]["raw"] == {
        "brier": None,
        "calibration_error": None,
        "error_by_chance": None,
        "bins": [],
    }

    rate(mara, propose(services, mara.id, "Mara owns a shelf."), "true")
    found = calibration(mara)
    # All were held with 0.8 and all are true.
    assert found["overall"]["raw"]["brier"] == pytest.approx(0.2**2)
    assert found["overall"]["raw"]["calibration_error"] == pytest.approx(0.2)
    [only] = found["overall"]["raw"]["bins"]
    assert (only["low"], only["high"], only["beliefs"], only["right"]) == (0.8, 0.9, ENOUGH, 1.0)
    assert found["authors"]["pattern"] == found["overall"]
    assert calibration(otto)["overall"]["ratings"] == 0


def test_what_is_private_is_there_for_the_owner_alone(mara, reader, video):
    assert mara.client.post(f"/api/memories/{video}/share", json={"scope": "assistants"}).is_success
    assert reader.get(f"/api/propositions/{video}").status_code == 200

    assert rate(mara, video, "private").json()["private"] is True

    assert reader.get(f"/api/propositions/{video}").status_code == 404
    assert reader.get("/api/propositions").json()["items"] == []
    assert reader.get("/api/search?query=videos").json()["items"] == []
    assert mara.client.get(f"/api/propositions/{video}").status_code == 200
    assert len(mara.client.get("/api/propositions").json()["items"]) == 1
    assert len(mara.client.get("/api/search?query=videos").json()["items"]) == 1


@pytest.mark.parametrize("hosted", [True, False])
def test_what_is_private_is_told_to_a_model_of_one_s_own_alone(
    services, mara, assistants_key, model, tmp_path, video, hosted
):
    rate(mara, video, "private")
    assistant = Assistant(
        services.database, services.user_model, model, lambda _: None, utc_now, hosted=hosted
    )
    app = create_app(replace(services, assistant=assistant), page=tmp_path / "no-page")
    question = {"role": "user", "content": "How do I edit my videos?"}

    def is_told() -> bool:
        return "Mara edits videos" in str(model.calls[-1].messages)

    for secret, expected in ((mara.secret, not hosted), (assistants_key, False)):
        headers = {"Authorization": f"Bearer {secret}"}
        client = TestClient(app, base_url=BASE_URL, headers=headers)
        talk_with(replace(mara, client=client), question["content"])
        assert is_told() is expected
        # What speaks OpenAI's language is some other program, whosever key it has.
        asked = {"model": "idiolect", "messages": [question]}
        assert client.post("/v1/chat/completions", json=asked).status_code == 200
        assert not is_told()


def ask(client: TestClient, talk: str) -> dict:
    """The record of what acted on a reply, as its stream ends with it."""
    asked = {"text": "Which video editing program is good?"}
    response = client.post(f"/api/conversations/{talk}/messages", json=asked)
    return next(data["message"]["acted"] for name, data in events_of(response) if name == "done")


def records_of(client: TestClient, talk: str) -> list[dict]:
    messages = client.get(f"/api/conversations/{talk}").json()["messages"]
    return [one["acted"] for one in messages if one["role"] == "assistant"]


def test_a_key_reads_of_a_reply_s_record_what_it_is_shown_elsewhere(
    services, mara, reader, assistants_key
):
    """The reply was made for Mara, from all that is known; the assistant may list her talks."""
    known = propose(services, mara.id, "Mara edits videos as a hobby.")
    talk = mara.client.post("/api/conversations", json={}).json()["id"]
    assert [one["id"] for one in ask(mara.client, talk)["memories"]] == [known]

    [record] = records_of(reader, talk)
    assert (record["memories"], record["system"]) == ([], "")
    assert record["charter"]["adaptations"] == []
    assert "videos" not in json.dumps(record)
    assert record["model"] == "scripted"

    shared = {"scope": "assistants", "reason": "for my editor"}
    assert mara.client.post(f"/api/memories/{known}/share", json=shared).status_code == 200
    [record] = records_of(reader, talk)
    assert [one["id"] for one in record["memories"]] == [known]
    assert record["system"]

    rate(mara, known, "private")
    [record] = records_of(reader, talk)
    assert "videos" not in json.dumps(record)
    assert "videos" in json.dumps(records_of(mara.client, talk))


def test_a_key_s_own_talk_tells_it_no_more(services, mara, reader):
    propose(services, mara.id, "Mara edits videos as a hobby.")
    talk = reader.post("/api/conversations", json={}).json()["id"]

    assert ask(reader, talk)["memories"] == []
    assert len(records_of(mara.client, talk)[0]["memories"]) == 1  # it acted, and she may see it


def test_a_key_reads_no_system_message_of_a_preference(services, mara, reader):
    turns = [
        {"role": "system", "content": "Mara edits videos."},
        {"role": "user", "content": "Which program?"},
    ]
    pair = {"context": turns, "chosen": "One.", "rejected": "Another."}
    assert mara.client.post("/api/preferences", json={"items": [pair]}).status_code == 201

    [theirs] = reader.get("/api/preferences").json()["items"]
    [own] = mara.client.get("/api/preferences").json()["items"]
    assert theirs["context"] == turns[1:]
    assert own["context"] == turns
