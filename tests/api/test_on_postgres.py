"""What differs between databases, once more on a real PostgreSQL."""

from collections.abc import Iterator

import pytest

from idiolect.store.database import Database
from tests.api.conftest import add_adapter, believe, observe, talk_with

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    database.migrate()
    yield database
    database.close()


def test_talk_choices_and_pages(services, mara, otto):
    believe(services, mara.id, "Mara edits videos.", observe(mara, "I edit videos."))
    talk, replies = talk_with(mara, "How do I edit videos?", candidates=2)
    ids = [reply["id"] for reply in replies]
    for verdict, picked in (("tie", None), ("picked", ids[1])):
        body = {"candidate_ids": ids, "verdict": verdict, "picked_id": picked}
        assert mara.client.post("/api/choices", json=body).status_code == 201

    pairs = [{"prompt": f"Q{n}", "chosen": "Yes", "rejected": "No"} for n in range(3)]
    first = mara.client.post("/api/preferences", json={"items": pairs}).json()
    again = mara.client.post("/api/preferences", json={"items": pairs}).json()
    page = mara.client.get("/api/preferences?limit=2").json()
    rest = mara.client.get(f"/api/preferences?limit=2&cursor={page['next_cursor']}").json()

    assert (first["accepted"], again["duplicates"]) == (3, 3)
    seen = {item["id"] for item in page["items"] + rest["items"]}
    assert (len(page["items"]), len(rest["items"]), len(seen)) == (2, 1, 3)
    assert mara.client.get(f"/api/conversations/{talk}").json()["choices"][0]["picked_id"] == ids[1]
    assert otto.client.get(f"/api/conversations/{talk}").status_code == 404
    assert mara.client.delete(f"/api/conversations/{talk}").status_code == 204


def test_jobs_and_adapters(services, mara, tmp_path):
    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=True)
    observe(mara, "I edit videos.")

    assert mara.client.post(f"/api/adapters/{adapter}/promote").status_code == 200
    assert mara.client.post("/api/propositions/refresh").json()["job"]["state"] == "queued"
    job = mara.client.post("/api/jobs", json={"kind": "train"}).json()["id"]
    assert mara.client.post(f"/api/jobs/{job}/cancel").json()["state"] == "cancelled"
    assert "cancelled" in mara.client.get(f"/api/jobs/{job}/events").text
    assert mara.client.get("/api/status").json()["adapter"]["id"] == adapter
