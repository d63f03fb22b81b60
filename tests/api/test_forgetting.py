"""Forgetting over HTTP: preview, erasure, receipts, and whose it is."""

import pytest

from idiolect.errors import ConflictError
from tests.api.conftest import believe, observe, talk_with

VIDEO = "Mara edits videos as a hobby."


@pytest.fixture
def video(services, mara) -> str:
    seen = observe(mara, "I edit videos at the weekend.")
    return believe(services, mara.id, VIDEO, seen)


def ask(person, path: str = "", **scope):
    return person.client.post(f"/api/forgetting{path}", json=scope)


def test_a_statement_is_previewed_forgotten_and_receipted(mara, video):
    preview = ask(mara, "/preview", scope="proposition", id=video).json()
    assert preview["counts"] == {"propositions": 1, "vectors": 1}
    assert preview["statements"] == [VIDEO]
    [match] = preview["matches"]
    assert (match["id"], match["noun"], match["similarity"]) == (video, "proposition", 1.0)
    assert mara.client.get("/api/forgetting").json()["items"] == []

    receipt = ask(mara, scope="proposition", id=video)

    assert receipt.status_code == 200
    assert receipt.json()["counts"] == preview["counts"]
    assert receipt.json()["is_done"]
    assert mara.client.get("/api/forgetting").json()["items"] == [receipt.json()]
    assert "video" not in mara.client.get("/api/forgetting").text
    assert mara.client.get(f"/api/propositions/{video}").status_code == 404
    assert mara.client.get("/api/search?query=videos").json()["items"] == []
    assert ask(mara, scope="proposition", id=video).status_code == 404


def test_a_topic_shows_what_can_be_kept(mara, video):
    talk, _ = talk_with(mara, "How long may videos be?")
    shown = ask(mara, "/preview", scope="topic", text="videos").json()
    assert {one["noun"] for one in shown["matches"]} == {"proposition", "observation", "message"}
    messages = [one["id"] for one in shown["matches"] if one["noun"] == "message"]
    ask(mara, scope="topic", text="videos", keep=messages)
    assert mara.client.get("/api/propositions").json()["items"] == []
    assert mara.client.get("/api/observations").json()["items"] == []
    said = mara.client.get(f"/api/conversations/{talk}").json()["messages"]
    assert said[0]["text"] == "How long may videos be?"


def test_everything_leaves_the_key(mara, video):
    talk_with(mara)
    assert ask(mara, scope="everything").json()["counts"]["propositions"] == 1
    status = mara.client.get("/api/status").json()
    assert (status["observations"], status["propositions"]) == (0, 0)
    assert mara.client.get("/api/conversations").json()["items"] == []
    assert [one["scope"] for one in mara.client.get("/api/forgetting").json()["items"]] == [
        "everything"
    ]


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"scope": "week"},
        {"scope": "proposition"},
        {"scope": "topic", "text": " "},
        {"scope": "topic", "text": "the"},
        {"scope": "day", "date": "yesterday"},
        {"scope": "everything", "really": True},
    ],
)
def test_what_says_nothing_is_refused(mara, video, scope):
    for path in ("", "/preview"):
        assert ask(mara, path, **scope).status_code == 422
    assert mara.client.get(f"/api/propositions/{video}").status_code == 200


def test_an_application_that_nobody_saw_is_not_found(mara):
    response = ask(mara, scope="application", name="Ink")
    assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")


def test_another_user_s_is_not_found_and_stays(mara, otto, video):
    for path in ("", "/preview"):
        assert ask(otto, path, scope="proposition", id=video).status_code == 404
    ask(otto, scope="topic", text="videos")
    ask(otto, scope="everything")
    assert mara.client.get(f"/api/propositions/{video}").json()["text"] == VIDEO
    assert len(mara.client.get("/api/observations").json()["items"]) == 1
    ask(mara, scope="proposition", id=video)
    assert [one["scope"] for one in otto.client.get("/api/forgetting").json()["items"]] == [
        "everything"
    ]


def test_a_correction_by_the_user_lifts_the_tombstone(services, mara, video):
    other = believe(services, mara.id, "Mara plays the piano.")
    ask(mara, scope="proposition", id=video)
    changed = mara.client.patch(f"/api/propositions/{other}", json={"text": VIDEO})
    assert changed.status_code == 200
    assert mara.client.get("/api/search?query=videos").json()["items"][0]["text"] == VIDEO


def test_a_key_of_an_assistant_cannot_add_it_again(services, mara, video):
    from idiolect.usermodel.memory.act import Act

    ask(mara, scope="proposition", id=video)
    assistant = Act("key_1", "said so")
    for text in (VIDEO, "Mara cuts videos in her free time."):
        with pytest.raises(ConflictError, match="forgotten"):
            services.memories.add(mara.id, "proposition", assistant, text=text)
    services.memories.add(mara.id, "proposition", Act("user", "it is so"), text=VIDEO)
    services.memories.add(
        mara.id, "proposition", assistant, text="Mara cuts videos in her free time."
    )
