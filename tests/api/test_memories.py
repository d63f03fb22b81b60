"""Memories over HTTP: reading what was and is, acting with the version seen, who is shown what."""

import io
import zipfile
from datetime import timedelta
from urllib.parse import quote

import pytest

from idiolect.kit.clock import utc_now
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import create_key
from tests.api.conftest import add_adapter, believe, observe


@pytest.fixture
def video(services, mara) -> str:
    seen = observe(mara, "I edit videos at the weekend.")
    return believe(services, mara.id, "Mara edits videos as a hobby.", seen)


@pytest.fixture
def assistant(services, mara, client_of):
    """A key of Mara's that may read, and its client."""
    with services.database.transaction() as session:
        key, secret = create_key(session, mara.id, "assistant", ["read"], utc_now())
    return key.id, client_of(secret)


def rests_on(services, user_id: str, memory_id: str, source_id: str) -> None:
    with services.database.transaction() as session:
        memories = MemoryRepository(session, user_id)
        memories.link(memory_id, "memory", source_id, "derived_from", utc_now())


def act(person, memory_id: str, verb: str, body: dict | None = None):
    return person.client.post(f"/api/memories/{memory_id}/{verb}", json=body)


def test_a_change_is_of_the_version_that_was_seen(mara, video):
    change = {"version": 1, "text": "Mara edits films.", "reason": "more than videos"}
    changed = mara.client.patch(f"/api/memories/{video}", json=change)
    refused = mara.client.patch(f"/api/memories/{video}", json=change)

    assert (changed.json()["version"], changed.json()["text"]) == (2, "Mara edits films.")
    assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    assert "again" in refused.json()["hint"]
    for body in ({"text": "x"}, {"version": 2}, {"version": 2, "confidence": 1.0}):
        assert mara.client.patch(f"/api/memories/{video}", json=body).status_code == 422
    history = mara.client.get(f"/api/memories/{video}/history").json()["items"]
    assert [each["text"] for each in history] == [
        "Mara edits videos as a hobby.",
        "Mara edits films.",
    ]
    back = act(mara, video, "rollback", {"to_version": 1, "version": 2}).json()
    assert (back["version"], back["text"]) == (3, "Mara edits videos as a hobby.")
    assert act(mara, video, "rollback", {"to_version": 9}).status_code == 404


def test_each_act_is_told_with_its_reason(mara, video):
    for verb in ("pin", "unpin", "archive", "restore"):
        assert act(mara, video, verb, {"reason": f"to {verb}"}).status_code == 200
    assert act(mara, video, "archive").json()["state"] == "archived"
    assert act(mara, video, "archive").status_code == 409
    assert act(mara, video, "explode").status_code == 422

    events = mara.client.get(f"/api/memories/{video}/events?limit=5").json()
    assert [(each["verb"], each["reason"]) for each in events["items"]] == [
        ("archive", "asked for by the user"),
        *((verb, f"to {verb}") for verb in ("restore", "archive", "unpin", "pin")),
    ]
    assert {each["actor"] for each in events["items"]} == {"user"}
    assert len(mara.client.get("/api/memories/events").json()["items"]) == 6


def test_lists_by_kind_state_and_moment(services, mara, video):
    before = utc_now().isoformat()
    act(mara, video, "archive")

    def listed(**query: str) -> list[tuple[str, str]]:
        answer = mara.client.get("/api/memories", params=query)
        return [(each["id"], each["state"]) for each in answer.json()["items"]]

    assert listed() == []
    assert listed(state="archived") == [(video, "archived")]
    assert listed(as_of=before) == [(video, "activated")]
    assert listed(as_of=before, state="archived") == []
    assert listed(as_of="2020-01-01T00:00:00Z") == []
    assert listed(kind="adapter") == []
    for query in ("kind=thing", "state=purged", "as_of=2026-01-01T00:00:00"):
        assert mara.client.get(f"/api/memories?{query}").status_code == 422


def test_a_moment_is_paged_like_the_present(services, mara):
    ids = [believe(services, mara.id, f"Mara knows {number}.") for number in range(3)]
    moment = quote(utc_now().isoformat())

    first = mara.client.get(f"/api/memories?as_of={moment}&limit=2").json()
    rest = mara.client.get(
        f"/api/memories?as_of={moment}&limit=2&cursor={first['next_cursor']}"
    ).json()

    assert [each["id"] for each in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next_cursor"] is None


def test_a_key_pages_through_what_it_is_shown_and_counts_nothing_else(services, mara, assistant):
    _, reads = assistant
    ids = [believe(services, mara.id, f"Mara knows {number}.") for number in range(6)]
    shared = ids[::2]
    for memory_id in shared:
        act(mara, memory_id, "share", {"scope": "assistants"})
    for path in ("/api/memories", "/api/propositions"):
        first = reads.get(f"{path}?limit=2").json()
        rest = reads.get(f"{path}?limit=2&cursor={first['next_cursor']}").json()
        assert [each["id"] for each in (*first["items"], *rest["items"])] == shared[::-1]
        assert (len(first["items"]), rest["next_cursor"]) == (2, None)
    assert reads.get("/api/status").json()["propositions"] == 3
    assert mara.client.get("/api/status").json()["propositions"] == 6
    hidden = reads.get("/api/search?query=knows").json()["items"]
    assert {each["id"] for each in hidden} == set(shared)
    assert reads.get(f"/api/propositions/{ids[1]}").status_code == 404
    assert reads.get("/api/upkeep").status_code == 403


def test_what_was_believed_then_and_why_is_one_question(services, mara, assistant, video):
    _, reads = assistant
    then = utc_now()
    change = {"version": 1, "text": "Mara cuts films.", "reason": "told so"}
    mara.client.patch(f"/api/memories/{video}", json=change)
    act(mara, video, "archive")
    asked = {"as_of": then.isoformat(), "why": "true"}

    [listed] = mara.client.get("/api/memories", params=asked).json()["items"]
    [found] = mara.client.get("/api/memories/search", params={**asked, "query": "videos"}).json()[
        "items"
    ]

    for each in (listed, found):
        assert (each["id"], each["version"], each["state"]) == (video, 1, "activated")
        [reason] = each["reasons"]
        assert (reason["relation"], reason["source_type"]) == ("supports", "observation")
        assert reason["occurred_at"] is not None
        assert (each["act"]["verb"], each["act"]["actor"]) == ("add", "system")
    assert found["coverage"] == 1.0
    now = mara.client.get("/api/memories", params={"state": "archived", "why": "true"}).json()
    assert (now["items"][0]["act"]["reason"], now["items"][0]["text"]) == (
        "told so", "Mara cuts films.",
    )  # fmt: skip
    assert mara.client.get("/api/memories/search?query=videos").json()["items"] == []
    assert reads.get("/api/memories", params=asked).json()["items"] == []
    act(mara, video, "restore")
    act(mara, video, "share", {"scope": "assistants"})
    [shown] = reads.get("/api/memories", params=asked).json()["items"]
    assert (len(shown["reasons"]), shown["act"]) == (1, None)


def test_what_the_user_tells_is_remembered_and_held_when_they_say(mara):
    told = {
        "text": "Mara lives in Porto.",
        "valid_from": "2025-01-01T00:00:00Z",
        "valid_to": "2026-01-01T00:00:00Z",
        "reason": "mine",
    }
    made = mara.client.post("/api/memories", json=told)
    assert (made.status_code, made.json()["state"]) == (201, "activated")
    draft = mara.client.post("/api/memories", json={"text": "Mara rows.", "state": "generated"})
    assert act(mara, draft.json()["id"], "activate").json()["state"] == "activated"

    def held(moment: str) -> set[str]:
        answer = mara.client.get("/api/memories", params={"held_at": moment})
        return {each["text"] for each in answer.json()["items"]}

    assert held("2025-06-01T00:00:00Z") == {"Mara lives in Porto.", "Mara rows."}
    assert held("2026-01-01T00:00:00Z") == {"Mara rows."}
    assert act(mara, made.json()["id"], "expire").json()["state"] == "expired"
    for wrong in ({"text": " "}, {"text": "a", "confidence": 1}, {"text": "a", "kind": "adapter"}):
        assert mara.client.post("/api/memories", json=wrong).status_code == 422
    missing = {"text": "a", "derived_from": ["mem_none"]}
    assert mara.client.post("/api/memories", json=missing).status_code == 404


def test_a_memory_ends_at_a_moment_to_come(mara, video):
    later = (utc_now() + timedelta(days=1)).isoformat()
    assert act(mara, video, "expiry", {"at": later}).json()["expires_at"] is not None
    assert act(mara, video, "expiry", {"at": None}).json()["expires_at"] is None
    past = act(mara, video, "expiry", {"at": "2020-01-01T00:00:00Z"})
    assert (past.status_code, past.json()["code"]) == (422, "INVALID_INPUT")
    assert act(mara, video, "expiry", {}).status_code == 422


def test_deleting_is_told_before_it_is_done(services, mara, video, tmp_path):
    derived = believe(services, mara.id, "Mara likes films.")
    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=True)
    for memory_id in (derived, adapter):
        rests_on(services, mara.id, memory_id, video)

    planned = mara.client.get(f"/api/memories/{video}/deletion").json()
    assert planned == {"purged": 2, "reweighed": 0, "stale": 1, "files": 0}
    assert mara.client.get(f"/api/memories/{video}").status_code == 200
    assert mara.client.delete(f"/api/memories/{video}?version=7").status_code == 409

    assert mara.client.delete(f"/api/memories/{video}?version=1&reason=mine").json() == planned
    for memory_id in (video, derived):
        assert mara.client.get(f"/api/memories/{memory_id}").status_code == 404
    [row] = mara.client.get(f"/api/memories/{video}/history").json()["items"]
    assert (row["state"], row["text"]) == ("purged", None)
    [listed] = mara.client.get("/api/adapters").json()["items"]
    assert "deleted" in listed["stale"]
    assert "deleted" in mara.client.get(f"/api/memories/{adapter}").json()["stale"]


def test_several_become_one(services, mara, video):
    twin = believe(services, mara.id, "Mara cuts videos.")
    merged = mara.client.post("/api/memories/merge", json={"ids": [video, twin]})
    assert merged.status_code == 201
    assert merged.json()["text"] == "Mara edits videos as a hobby."
    tree = mara.client.get(f"/api/memories/{merged.json()['id']}/provenance").json()
    assert {branch["source_id"] for branch in tree["rests_on"]} >= {video, twin}
    assert mara.client.post("/api/memories/merge", json={"ids": [video]}).status_code == 422


def test_an_adapter_goes_in_and_out_of_service_elsewhere(services, mara, tmp_path):
    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=True)
    mara.client.post(f"/api/adapters/{adapter}/promote")
    change = {"version": 1, "text": "x"}
    answers = [
        act(mara, adapter, "archive"),
        act(mara, adapter, "rollback", {"to_version": 1}),
        mara.client.patch(f"/api/memories/{adapter}", json=change),
    ]
    for answer in answers:
        assert answer.status_code == 409
        assert "idiolect adapters" in answer.json()["hint"]
    assert act(mara, adapter, "pin").json()["pinned"]


def test_a_key_is_shown_what_is_shared_with_it(services, mara, video, assistant):
    key_id, reads = assistant
    with services.database.transaction() as session:
        other, _ = create_key(session, mara.id, "other", ["read"], utc_now())

    def shown() -> tuple[list[str], set[int]]:
        listed = reads.get("/api/memories").json()["items"]
        moment = quote(utc_now().isoformat())
        then = reads.get(f"/api/memories?as_of={moment}").json()["items"]
        assert listed == then
        singles = ("", "/history", "/provenance")
        return [each["id"] for each in listed], {
            reads.get(f"/api/memories/{video}{path}").status_code for path in singles
        }

    assert shown() == ([], {404})
    act(mara, video, "share", {"scope": other.id})
    assert shown() == ([], {404})
    for scope in (key_id, "assistants"):
        act(mara, video, "share", {"scope": scope})
        assert shown() == ([video], {200})
    mara.client.put(f"/api/propositions/{video}/rating", json={"mark": "private"})
    assert shown() == ([], {404})
    mara.client.delete(f"/api/propositions/{video}/rating")
    act(mara, video, "unshare")
    assert shown() == ([], {404})
    assert act(mara, video, "share", {"scope": "everybody"}).status_code == 422


def test_a_key_sees_no_private_memory_behind_a_shared_one(services, mara, video, assistant):
    _, reads = assistant
    secret = believe(services, mara.id, "Mara has a secret.")
    rests_on(services, mara.id, video, secret)
    rests_on(services, mara.id, secret, video)
    act(mara, video, "share", {"scope": "assistants"})

    tree = reads.get(f"/api/memories/{video}/provenance").json()

    assert [branch["source_type"] for branch in tree["rests_on"]] == ["observation"]
    assert tree["carries"] == []
    assert "secret" in mara.client.get(f"/api/memories/{video}/provenance").text


def test_acts_are_the_owner_s(assistant, mara, video):
    _, reads = assistant
    act(mara, video, "share", {"scope": "assistants"})
    asked = [
        reads.post(f"/api/memories/{video}/pin"),
        reads.patch(f"/api/memories/{video}", json={"version": 1, "text": "x"}),
        reads.delete(f"/api/memories/{video}"),
        reads.get(f"/api/memories/{video}/events"),
        reads.get(f"/api/memories/{video}/deletion"),
        reads.get("/api/memories/export"),
        reads.post("/api/memories", json={"text": "Mara rows."}),
        reads.post("/api/memories/import", content=b""),
    ]
    assert {answer.status_code for answer in asked} == {403}


def test_what_cannot_be_promoted_to_says_what_can(mara):
    refused = mara.client.post("/api/memories/promotions", json={"to": "steering"})
    assert (refused.status_code, refused.json()["code"]) == (503, "NOT_READY")
    assert "lora" in refused.json()["hint"]
    assert mara.client.post("/api/memories/promotions", json={"to": "x"}).status_code == 422


def test_an_archive_goes_out_and_in(mara, otto, video):
    archive = mara.client.get("/api/memories/export?reason=to%20move")
    assert archive.headers["content-type"] == "application/zip"
    assert "attachment" in archive.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(archive.content)) as file:
        assert "manifest.json" in file.namelist()
    assert mara.client.get("/api/memories/events").json()["items"][0]["reason"] == "to move"

    took = otto.client.post("/api/memories/import", content=archive.content)
    assert took.json() == {"taken": 1, "known": 0, "forgotten": 0}
    [listed] = otto.client.get("/api/memories").json()["items"]
    assert listed["text"] == "Mara edits videos as a hobby."
    again = otto.client.post("/api/memories/import", content=archive.content)
    assert again.json() == {"taken": 0, "known": 1, "forgotten": 0}
    for nonsense in (b"", b"no zip"):
        refused = otto.client.post("/api/memories/import", content=nonsense)
        assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_INPUT")
