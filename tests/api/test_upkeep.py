"""How the last upkeep left what is believed."""

from idiolect.kit.clock import utc_now
from idiolect.store.models import Job
from tests.api.conftest import believe


def test_the_last_upkeep_is_shown(services, mara):
    believe(services, mara.id, "Mara edits videos.")
    assert mara.client.get("/api/upkeep").json() is None
    asked = mara.client.post("/api/jobs", json={"kind": "upkeep"}).json()
    assert (asked["kind"], asked["queue"]) == ("upkeep", "cpu")
    assert mara.client.get("/api/upkeep").json() is None

    report = services.upkeep.run(mara.id, since=None, tell=lambda *_: None)
    with services.database.transaction() as session:
        job = session.get_one(Job, asked["id"])
        job.state, job.finished_at = "succeeded", utc_now()
        job.result = {**{name: getattr(report, name) for name in report.__slots__}, "seconds": 1}

    shown = mara.client.get("/api/upkeep").json()
    assert shown["job_id"] == asked["id"]
    # One proposition, that no observation supports.
    assert (shown["active"], shown["junk"], shown["junk_rate"]) == (1, 1, 1.0)
    assert shown["duplicate_pairs"] == []


def test_another_user_s_upkeep_is_not_shown(mara, otto):
    mara.client.post("/api/jobs", json={"kind": "upkeep"})
    assert otto.client.get("/api/upkeep").json() is None
