"""Every route with another user's ids finds nothing, and changes nothing."""

import pytest

from idiolect.usermodel.charter.charters import default_charter
from tests.api.conftest import add_adapter, believe, observe, suggest, talk_with

OBJECTION = {"version": default_charter().version, "reason": "Otto was here."}
BALLOT = {**OBJECTION, "scores": {"retire": 1.0}}
PROPOSAL = {
    "version": default_charter().version,
    "id": "maras_own",
    "text": "Be short.",
    "rationale": "There is little time.",
}
BODIES = {
    ("PATCH", "/api/propositions/{proposition_id}"): {"text": "Otto was here."},
    ("PUT", "/api/propositions/{proposition_id}/rating"): {"mark": "true"},
    ("PATCH", "/api/memories/{memory_id}"): {"text": "Otto was here.", "version": 1},
    ("POST", "/api/memories/{memory_id}/share"): {"scope": "assistants"},
    ("POST", "/api/memories/{memory_id}/expiry"): {"at": None},
    ("POST", "/api/memories/{memory_id}/rollback"): {"to_version": 1},
    ("PUT", "/api/propositions/{proposition_id}/contest"): {"reason": "Otto was here."},
    ("PUT", "/api/propositions/{proposition_id}/settle"): {"reason": "No.", "outcome": "retire"},
    ("POST", "/api/charter/standards/{standard_id}/ratify"): BALLOT,
    ("POST", "/api/charter/standards/{standard_id}/contest"): OBJECTION,
    ("POST", "/api/charter/standards/{standard_id}/settle"): BALLOT,
    ("POST", "/api/charter/standards/{standard_id}/retire"): OBJECTION,
    ("POST", "/api/conversations/{conversation_id}/messages"): {"text": "Otto was here."},
    ("POST", "/api/adapters/{adapter_id}/promote"): {"reason": "Otto likes it"},
    ("POST", "/api/suggestions/{suggestion_id}/answer"): {"answer": "accept"},
}


@pytest.fixture
def maras(services, mara, tmp_path) -> dict[str, str]:
    """One id of each kind, by the name of its path parameter."""
    observation = observe(mara, "I edit videos.")
    talk, _ = talk_with(mara)
    known = believe(services, mara.id, "Mara edits videos.", observation)
    assert mara.client.post("/api/charter/standards", json=PROPOSAL).status_code == 201
    return {
        "observation_id": observation,
        "proposition_id": known,
        "memory_id": known,
        "verb": "archive",
        "standard_id": "maras_own",
        "conversation_id": talk,
        "job_id": mara.client.post("/api/jobs", json={"kind": "train"}).json()["id"],
        "suggestion_id": suggest(services, mara.id, "Cut the video?"),
        "adapter_id": add_adapter(services, mara.id, tmp_path / "adapter", passed=True),
    }


def routes_with_ids(app) -> list[tuple[str, str]]:
    schema = app.openapi()["paths"]
    return [
        (method.upper(), path) for path, verbs in schema.items() if "{" in path for method in verbs
    ]


def test_another_user_s_ids_find_nothing(app, mara, otto, maras):
    routes = routes_with_ids(app)
    assert len(routes) >= 12

    def everything():
        reads = [path for method, path in routes if method == "GET" and "events" not in path]
        return [mara.client.get(path.format(**maras)).json() for path in reads]

    before = everything()
    for method, path in routes:
        response = otto.client.request(
            method, path.format(**maras), json=BODIES.get((method, path))
        )
        assert response.status_code == 404, (method, path, response.text)
        assert response.json()["code"] == "NOT_FOUND"
    assert everything() == before


def test_another_user_s_messages_cannot_be_answered_or_chosen(mara, otto):
    _, replies = talk_with(mara, candidates=2)
    ids = [reply["id"] for reply in replies]
    talk, _ = talk_with(otto)

    choice = {"candidate_ids": ids, "verdict": "picked", "picked_id": ids[0]}
    assert otto.client.post("/api/choices", json=choice).status_code == 404
    said = {"text": "Hello", "parent_id": ids[0]}
    assert otto.client.post(f"/api/conversations/{talk}/messages", json=said).status_code == 404


def test_another_user_s_adapter_is_an_unknown_model(mara, otto, maras):
    body = {
        "model": f"adapter:{maras['adapter_id']}",
        "messages": [{"role": "user", "content": "Hello"}],
    }

    response = otto.client.post("/v1/chat/completions", json=body)

    assert (response.status_code, response.json()["code"]) == (404, "MODEL_NOT_FOUND")
    assert mara.client.post("/v1/chat/completions", json=body).status_code == 200


def test_lists_hold_only_one_s_own(otto, maras):
    lists = ["observations", "propositions", "conversations", "jobs", "adapters", "preferences",
             "memories", "suggestions", "suggestions/answered"]  # fmt: skip
    for noun in lists:
        assert otto.client.get(f"/api/{noun}").json()["items"] == []
    assert otto.client.get("/api/search?query=videos").json()["items"] == []
    models = otto.client.get("/v1/models").json()["data"]
    assert [each["id"] for each in models] == ["idiolect", "idiolect-base"]
