"""Which adapter serves, and changing that."""

from tests.api.conftest import add_adapter


def test_promotion_takes_effect_at_once_and_can_be_taken_back(services, mara, model, tmp_path):
    first = add_adapter(services, mara.id, tmp_path / "first", passed=True)
    second = add_adapter(services, mara.id, tmp_path / "second", passed=False)

    def serving() -> str | None:
        mara.client.post(
            "/v1/chat/completions",
            json={"model": "idiolect", "messages": [{"role": "user", "content": "Hello"}]},
        )
        adapter = model.calls[-1].adapter
        return adapter.name if adapter else None

    assert serving() is None
    promoted = mara.client.post(f"/api/adapters/{first}/promote")
    assert promoted.json()["state"] == "activated"
    assert serving() == first

    failed = mara.client.post(f"/api/adapters/{second}/promote", json={})
    assert (failed.status_code, failed.json()["code"]) == (409, "GATE_NOT_PASSED")
    assert mara.client.post(
        f"/api/adapters/{second}/promote", json={"reason": "I like it"}
    ).is_success
    assert serving() == second

    assert mara.client.post("/api/adapters/rollback").json()["id"] == first
    assert serving() == first
    assert mara.client.post("/api/adapters/rollback").json() is None
    assert serving() is None
    assert mara.client.post("/api/adapters/rollback").status_code == 409


def test_lists_cards_and_serving_names(services, mara, tmp_path):
    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=True)

    [listed] = mara.client.get("/api/adapters").json()["items"]

    assert listed["id"] == adapter
    assert listed["serving_name"] == f"adapter:{adapter}"
    assert listed["card"]["preferences"] == {"train": 40, "held_out": 12}
    assert (listed["state"], listed["version"]) == ("generated", 1)
