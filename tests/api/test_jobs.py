"""Asking for work, following it and stopping it."""

import pytest

from idiolect.kit.clock import utc_now
from idiolect.store.repositories.job import append_event
from tests.api.conftest import events_of


@pytest.fixture
def job(mara) -> str:
    return mara.client.post("/api/jobs", json={"kind": "train"}).json()["id"]


def test_a_repeated_request_is_the_same_job(mara):
    def ask(kind: str, key: str | None = None):
        headers = {"Idempotency-Key": key} if key else {}
        return mara.client.post("/api/jobs", json={"kind": kind}, headers=headers)

    first, again, other = ask("train", "monday"), ask("train", "monday"), ask("train")

    assert first.status_code == 202
    assert first.json()["state"] == "queued"
    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    reused = ask("reindex", "monday")
    assert (reused.status_code, reused.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert ask("train", "x" * 201).status_code == 422
    assert ask("fly").status_code == 422


def test_a_recipe_is_checked_before_anybody_works_by_it(mara):
    def ask(payload: str):
        return mara.client.post(
            "/api/jobs",
            content=f'{{"kind": "train", "payload": {payload}}}',
            headers={"Content-Type": "application/json"},
        )

    taken = ask('{"recipe": {"epochs": 1, "learning_rate": 0.01}}')
    assert taken.json()["payload"] == {"recipe": {"epochs": 1, "learning_rate": 0.01}}
    for payload in (
        '{"recipe": {"epochs": 0}}',
        '{"recipe": {"speed": 1}}',
        '{"recipe": {"learning_rate": Infinity}}',
        '{"recipe": {"objective": "d\\u0000po"}}',
        '{"anything": 1}',
        "7",
    ):
        assert ask(payload).status_code == 422, payload


def test_events_are_replayed_and_end_with_the_job(database, mara, job):
    with database.transaction() as session:
        append_event(session, job, "metrics", {"step": 1, "loss": 0.69}, now=utc_now())
    mara.client.post(f"/api/jobs/{job}/cancel")

    everything = mara.client.get(f"/api/jobs/{job}/events")
    events = events_of(everything)

    assert [name for name, _ in events] == ["state", "metrics", "state"]
    assert events[1][1] == {"step": 1, "loss": 0.69}
    assert events[2][1]["state"] == "cancelled"
    first = everything.text.split("id: ")[1].split("\n")[0]
    rest = mara.client.get(f"/api/jobs/{job}/events", headers={"Last-Event-ID": first})
    assert [name for name, _ in events_of(rest)] == ["metrics", "state"]


def test_more_events_than_one_reading_holds_all_arrive(database, mara, job):
    with database.transaction() as session:
        for step in range(1200):
            append_event(session, job, "metrics", {"step": step}, now=utc_now())
    mara.client.post(f"/api/jobs/{job}/cancel")

    events = events_of(mara.client.get(f"/api/jobs/{job}/events"))

    assert [data["step"] for name, data in events if name == "metrics"] == list(range(1200))


def test_a_job_is_stopped_and_tried_again(mara, job):
    cancelled = mara.client.post(f"/api/jobs/{job}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    retried = mara.client.post(f"/api/jobs/{job}/retry")
    assert (retried.status_code, retried.json()["state"]) == (202, "queued")
    again = mara.client.post(f"/api/jobs/{job}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "JOB_NOT_RETRYABLE")


def test_jobs_are_listed_by_kind_and_state(mara, job):
    mara.client.post("/api/jobs", json={"kind": "reindex"})

    assert len(mara.client.get("/api/jobs").json()["items"]) == 2
    [train] = mara.client.get("/api/jobs?kind=train&state=queued").json()["items"]
    assert train["id"] == job
    assert mara.client.get("/api/jobs?state=asleep").status_code == 422
