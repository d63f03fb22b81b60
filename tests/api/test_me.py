"""How things stand."""

from idiolect.errors import ModelError
from tests.api.conftest import add_adapter, believe, observe


def test_counts_what_there_is(services, mara, otto, tmp_path):
    observe(mara, "I edit videos.")
    believe(services, mara.id, "Mara edits videos.")
    mara.client.post("/api/jobs", json={"kind": "reindex"})
    pair = {"prompt": "Hello", "chosen": "Hi", "rejected": "Good day"}
    mara.client.post("/api/preferences", json={"items": [pair]})
    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=True)

    before = mara.client.get("/api/status").json()
    mara.client.post(f"/api/adapters/{adapter}/promote")
    after = mara.client.get("/api/status").json()

    assert before == {
        "observations": 1,
        "propositions": 1,
        "preferences": 1,
        "preferences_needed": 40,
        "jobs_active": 1,
        "model": {"kind": "scripted", "name": "scripted", "ready": True},
        "adapter": None,
    }
    assert after["adapter"] == {"id": adapter, "version": 1}
    assert otto.client.get("/api/status").json()["observations"] == 0


def test_a_model_that_does_not_answer_is_shown_as_not_ready(services, mara):
    def unreachable() -> str:
        raise ModelError("the model does not answer")

    services.checks["model"] = unreachable

    assert mara.client.get("/api/status").json()["model"]["ready"] is False
