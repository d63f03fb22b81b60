"""Talk over HTTP: streams, what is kept of them, and choices."""

from fastapi.testclient import TestClient

from idiolect.api.app import create_app
from idiolect.store.repositories.conversation import ConversationRepository
from tests.api.conftest import BASE_URL, believe, events_of, talk_with


def test_a_reply_streams_and_can_be_read_back(services, mara):
    known = believe(services, mara.id, "Mara edits videos as a hobby.")
    talk = mara.client.post("/api/conversations", json={}).json()
    assert talk["title"] == ""

    response = mara.client.post(
        f"/api/conversations/{talk['id']}/messages",
        json={"text": "Which video editing program is good?", "candidates": 2},
    )

    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response)
    names = [name for name, _ in events]
    assert names[0] == "start"
    assert names[-2:] == ["done", "done"]
    assert set(names[1:-2]) == {"delta"}
    start = events[0][1]
    assert start["user_message"]["text"] == "Which video editing program is good?"
    assert [reply["state"] for reply in start["replies"]] == ["streaming", "streaming"]
    for name, data in events:
        assert name != "delta" or data["message_id"] in [reply["id"] for reply in start["replies"]]

    tree = mara.client.get(f"/api/conversations/{talk['id']}").json()
    assert tree["title"] == "Which video editing program is good?"
    assert [message["state"] for message in tree["messages"]] == ["done"] * 3
    acted = tree["messages"][1]["acted"]
    assert acted["memories"][0]["id"] == known
    assert acted["model"] == "scripted"
    assert acted["personalized"] is True
    assert tree["messages"][1]["text"].startswith("You said: Which video")


def test_a_choice_says_how_far_the_next_training_is(mara):
    talk, replies = talk_with(mara, candidates=2)
    shown = [replies[1]["id"], replies[0]["id"]]

    response = mara.client.post(
        "/api/choices",
        json={"candidate_ids": shown, "verdict": "picked", "picked_id": shown[0]},
    )

    # Both candidates of the scripted model say the same, so there is nothing to prefer.
    assert response.status_code == 201
    outcome = response.json()
    assert outcome["preference_id"] is None
    assert (outcome["preferences"], outcome["preferences_needed"]) == (0, 40)
    [choice] = mara.client.get(f"/api/conversations/{talk}").json()["choices"]
    assert choice["id"] == outcome["id"]
    assert choice["candidate_ids"] == shown


def test_a_choice_that_is_none_is_refused(mara):
    _, replies = talk_with(mara, candidates=2)
    ids = [reply["id"] for reply in replies]

    for body in (
        {"candidate_ids": ids, "verdict": "picked"},
        {"candidate_ids": ids[:1], "verdict": "tie"},
        {"candidate_ids": ids, "verdict": "fine"},
    ):
        assert mara.client.post("/api/choices", json=body).status_code == 422


def test_what_is_refused_is_refused_before_the_stream(database, mara):
    talk, [reply] = talk_with(mara)
    with database.transaction() as session:
        repository = ConversationRepository(session, mara.id)
        repository.get_messages([reply["id"]])[reply["id"]].state = "streaming"

    def say(**body):
        return mara.client.post(f"/api/conversations/{talk}/messages", json=body)

    assert say(text="Hi", parent_id="msg_none").status_code == 404
    busy = say(text="Hi", parent_id=reply["id"])
    assert (busy.status_code, busy.json()["code"]) == (409, "REPLY_NOT_COMPLETE")
    assert busy.headers["content-type"] == "application/problem+json"
    assert say(text="  ").status_code == 422
    assert say(text="x" * 32_001).status_code == 422
    assert say(text="Hi", candidates=3).status_code == 422
    assert say(text="Hi", parent_id=reply["parent_id"]).status_code == 422


def test_conversations_are_listed_in_pages_the_last_written_first(mara):
    talks = [mara.client.post("/api/conversations", json={"title": t}).json() for t in "abc"]
    mara.client.post(f"/api/conversations/{talks[0]['id']}/messages", json={"text": "Hello"})

    first = mara.client.get("/api/conversations?limit=2").json()
    second = mara.client.get(
        "/api/conversations", params={"limit": 2, "cursor": first["next_cursor"]}
    ).json()

    assert [talk["title"] for talk in first["items"] + second["items"]] == ["a", "c", "b"]
    assert second["next_cursor"] is None
    wrong = mara.client.get("/api/conversations?cursor=nonsense")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "INVALID_CURSOR")


def test_a_deleted_conversation_is_gone(mara):
    talk, _ = talk_with(mara)

    assert mara.client.delete(f"/api/conversations/{talk}").status_code == 204
    assert mara.client.get(f"/api/conversations/{talk}").status_code == 404


def test_replies_that_a_dead_server_left_are_stopped_when_it_starts(services, mara, tmp_path):
    talk, [reply] = talk_with(mara)
    with services.database.transaction() as session:
        repository = ConversationRepository(session, mara.id)
        repository.get_messages([reply["id"]])[reply["id"]].state = "streaming"

    with TestClient(create_app(services, page=tmp_path / "no-page"), base_url=BASE_URL):
        [_, left] = mara.client.get(f"/api/conversations/{talk}").json()["messages"]

    assert left["state"] == "stopped"
