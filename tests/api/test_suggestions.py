"""Suggestions over HTTP and the command line: listed, answered once, turned on and off."""

import json
from typing import get_type_hints

import pytest
from typer.testing import CliRunner

from idiolect.cli.app import app as command_line
from idiolect.client import IdiolectClient, notifications, suggestions
from idiolect.kit.clock import utc_now
from idiolect.store.repositories.user import create_key
from tests.api.conftest import suggest

SETTINGS = {"enabled": True, "interrupts": True, "digest_hours": [18, 8, 8]}


@pytest.fixture
def trip(services, mara) -> str:
    return suggest(services, mara.id, "Plan the trip?")


def texts(person, outcome: str = "") -> list[str]:
    query = f"?outcome={outcome}" if outcome else ""
    return [each["text"] for each in person.client.get(f"/api/suggestions{query}").json()["items"]]


def test_by_default_an_offer_stands_in_the_digest_alone(mara, trip):
    assert texts(mara, "now") == texts(mara, "later") == []

    [offer] = mara.client.get("/api/suggestions?outcome=digest").json()["items"]

    assert offer["id"] == trip
    assert (offer["state"], offer["prompt"]) == ("shown", "Help me. Plan the trip?")
    assert offer["shown_at"] is not None
    assert offer["stakes"] == {"p": 0.8, "benefit": 0.6, "cost_fp": 0.5, "cost_fn": 0.4}
    assert "80% likely" in offer["reason"]


def test_with_the_users_word_one_interrupts_and_the_next_waits(services, mara, trip):
    suggest(services, mara.id, "Water the plants?", p=0.7)
    assert mara.client.put("/api/suggestions/settings", json=SETTINGS).status_code == 200

    assert texts(mara, "now") == ["Plan the trip?"]
    assert texts(mara, "now") == ["Plan the trip?"]  # until it is answered
    [put_off] = mara.client.get("/api/suggestions?outcome=later").json()["items"]
    assert (put_off["text"], put_off["again_at"] is None) == ("Water the plants?", False)
    assert len(texts(mara)) == 2


def test_an_answer_counts_once_and_accepting_sends_nothing(mara, trip):
    accepted = mara.client.post(f"/api/suggestions/{trip}/answer", json={"answer": "accept"})
    again = mara.client.post(f"/api/suggestions/{trip}/answer", json={"answer": "dismiss"})

    assert (accepted.status_code, accepted.json()["state"]) == (200, "accepted")
    assert accepted.json()["prompt"] == "Help me. Plan the trip?"
    assert (again.status_code, again.json()["code"]) == (409, "SUGGESTION_ANSWERED")
    assert texts(mara) == []
    for noun in ("conversations", "jobs", "preferences"):
        assert mara.client.get(f"/api/{noun}").json()["items"] == []
    [past] = mara.client.get("/api/suggestions/answered?state=accepted").json()["items"]
    assert past["id"] == trip
    assert mara.client.get("/api/suggestions/answered?state=ignored").json()["items"] == []


def test_what_is_not_there_or_another_users_is_not_found(mara, otto, trip):
    for person, suggestion_id in ((otto, trip), (mara, "sug_none")):
        path = f"/api/suggestions/{suggestion_id}/answer"
        assert person.client.post(path, json={"answer": "accept"}).status_code == 404
    assert texts(otto) == []
    assert texts(mara) == ["Plan the trip?"]
    wrong = mara.client.post(f"/api/suggestions/{trip}/answer", json={"answer": "perhaps"})
    assert wrong.status_code == 422


def test_settings_show_what_was_learnt_and_can_forget_it(mara, trip):
    def bar() -> float:
        shown = mara.client.get("/api/suggestions/settings").json()
        return next(each["needed_p"] for each in shown["bars"] if each["kind"] == "event")

    before = mara.client.get("/api/suggestions/settings").json()
    assert (before["enabled"], before["interrupts"]) == (True, False)
    usual = bar()
    mara.client.post(f"/api/suggestions/{trip}/answer", json={"answer": "dismiss"})
    assert bar() > usual
    assert mara.client.delete("/api/suggestions/learned").status_code == 204
    assert bar() == pytest.approx(usual)
    changed = mara.client.put("/api/suggestions/settings", json=SETTINGS).json()
    assert changed["digest_hours"] == [8, 18]
    for body in ({"enabled": True}, {**SETTINGS, "digest_hours": [24]}, {**SETTINGS, "x": 1}):
        assert mara.client.put("/api/suggestions/settings", json=body).status_code == 422


def test_turned_off_nothing_waits(mara, trip):
    mara.client.put("/api/suggestions/settings", json={**SETTINGS, "enabled": False})
    assert texts(mara) == []


def test_a_key_needs_the_scope_for_each(database, client_of, mara, trip):
    with database.transaction() as session:
        reader = client_of(create_key(session, mara.id, "reader", ["read"], utc_now())[1])
        chatter = client_of(create_key(session, mara.id, "chatter", ["chat"], utc_now())[1])

    assert reader.get("/api/suggestions/settings").status_code == 200
    assert reader.get("/api/suggestions/answered").status_code == 200
    assert reader.get("/api/suggestions").status_code == 403  # it would count as shown
    assert chatter.get("/api/suggestions").status_code == 200
    assert chatter.put("/api/suggestions/settings", json=SETTINGS).status_code == 403
    assert chatter.delete("/api/suggestions/learned").status_code == 403


def test_a_worker_can_be_asked_for_offers(mara):
    job = mara.client.post("/api/jobs", json={"kind": "suggest"})
    assert (job.status_code, job.json()["queue"]) == (202, "cpu")


def test_the_typed_client_has_every_route(base_url, mara, trip):
    with IdiolectClient(base_url, mara.secret) as client:
        [listed] = client.suggestions.list(outcome="digest")["items"]
        assert set(listed) == set(get_type_hints(suggestions.Suggestion))
        assert set(listed["stakes"]) == set(get_type_hints(suggestions.Stakes))
        assert client.suggestions.answer(trip, "accept")["state"] == "accepted"
        assert client.suggestions.answered(state="accepted")["items"][0]["id"] == trip
        present = client.suggestions.change_settings(
            enabled=True, interrupts=True, digest_hours=[7]
        )
        assert set(present) == set(get_type_hints(suggestions.SuggestionSettings))
        assert set(present["bars"][0]) == set(get_type_hints(suggestions.Bar))
        client.suggestions.forget_answers()
        assert client.suggestions.settings()["digest_hours"] == [7]
        one = {"app": "Mail", "title": "Ana", "text": "Lunch?", "at": utc_now().isoformat()}
        [triaged] = client.notifications.triage([one], activity="focus")
        assert set(triaged) == set(get_type_hints(notifications.Triaged))
        client.notifications.answer("Mail", triaged["stakes"]["p"], "ignore")


def test_the_command_line_lists_answers_and_sets(base_url, mara, trip):
    def run(*arguments: str):
        where = ["--url", base_url, "--key", mara.secret]
        done = CliRunner().invoke(command_line, [*where, "suggestions", *arguments])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert [each["id"] for each in run("ls", "--outcome", "digest")] == [trip]
    assert run("dismiss", trip)["state"] == "dismissed"
    assert run("ls") == []
    changed = run("settings", "--interrupt", "--digest-hour", "9", "--digest-hour", "17")
    assert (changed["enabled"], changed["interrupts"]) == (True, True)
    assert changed["digest_hours"] == [9, 17]
    kept = run("settings", "--off", "--forget")
    assert (kept["enabled"], kept["interrupts"], kept["digest_hours"]) == (False, True, [9, 17])
    assert all(bar["needed_p"] == pytest.approx(bar["usual_p"]) for bar in kept["bars"])
