"""Taking observations in over HTTP, item by item."""

from idiolect.kit.clock import utc_now
from idiolect.store.repositories.user import create_key
from tests.api.conftest import observe


def item(key: str, **fields) -> dict:
    return {
        "idempotency_key": key,
        "kind": "text",
        "source": "test",
        "text": f"Some text of {key}",
        "occurred_at": utc_now().isoformat(),
        **fields,
    }


def test_a_bad_item_does_not_spoil_the_batch(mara):
    body = {
        "items": [
            item("a", text="My card is 4111 1111 1111 1111"),
            item("b", colour="red"),
            item("c", occurred_at="yesterday"),
            "nonsense",
            item("d"),
        ]
    }

    first = mara.client.post("/api/observations", json=body)
    again = mara.client.post("/api/observations", json=body)

    assert first.status_code == 202
    receipt = first.json()
    assert [each["index"] for each in receipt["accepted"]] == [0, 4]
    assert [each["index"] for each in receipt["refused"]] == [1, 2, 3]
    assert all(each["code"] and each["hint"] for each in receipt["refused"])
    assert [each["reason"] for each in again.json()["duplicates"]] == ["same key", "same key"]

    seen = mara.client.get(f"/api/observations/{receipt['accepted'][0]['id']}").json()
    assert "4111" not in seen["text"]
    assert sum(seen["masked"].values()) == 1


def test_observations_are_listed_the_latest_first(mara):
    early = observe(mara, "I play the piano.", key="early")
    late = observe(mara, "I live in Graz.", key="late")

    listing = mara.client.get("/api/observations").json()

    assert [each["id"] for each in listing["items"]] == [late, early]
    assert mara.client.get("/api/observations?limit=0").status_code == 422


def test_what_was_observed_is_for_one_s_own_keys(services, mara, client_of):
    seen = observe(mara, "I play the piano.", key="a")
    with services.database.transaction() as session:
        _, secret = create_key(session, mara.id, "editor", ["observe", "read"], utc_now())
    editor = client_of(secret)
    assert editor.get("/api/observations").status_code == 403
    assert editor.get(f"/api/observations/{seen}").status_code == 403
    assert mara.client.get(f"/api/observations/{seen}").status_code == 200


def test_a_batch_that_is_none_is_refused(mara):
    assert mara.client.post("/api/observations", json={"items": "x"}).status_code == 422
    assert mara.client.post("/api/observations", json={}).status_code == 422
