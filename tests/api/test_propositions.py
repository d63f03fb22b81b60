"""Reading, correcting and searching what is believed."""

import pytest

from tests.api.conftest import add_adapter, believe, observe


@pytest.fixture
def video(services, mara) -> str:
    seen = observe(mara, "I edit videos at the weekend.")
    return believe(services, mara.id, "Mara edits videos as a hobby.", seen)


def test_shows_evidence_and_history(mara, video):
    [listed] = mara.client.get("/api/propositions").json()["items"]
    shown = mara.client.get(f"/api/propositions/{video}").json()

    assert listed["id"] == video
    assert listed["evidence_count"] == 1
    # d = 0.5: the geometric mean of 6 hours (1/4 day) and 730 days is sqrt(182.5) days.
    assert listed["half_life_days"] == pytest.approx(182.5**0.5)
    [evidence] = shown["evidence"]
    assert evidence["quote"] == "I edit videos at the"
    assert evidence["kind"] == "statement"
    assert [version["version"] for version in shown["history"]] == [1]


def test_a_correction_is_the_next_version_and_the_first_stays_readable(mara, video):
    changed = mara.client.patch(
        f"/api/propositions/{video}", json={"text": "Mara edits films for a living."}
    )

    assert changed.status_code == 200
    assert changed.json()["text"] == "Mara edits films for a living."
    history = mara.client.get(f"/api/propositions/{video}").json()["history"]
    assert [each["text"] for each in history] == [
        "Mara edits videos as a hobby.",
        "Mara edits films for a living.",
    ]
    assert history[0]["superseded_at"] == history[1]["recorded_at"]


def test_a_rejected_statement_leaves_the_list(mara, video):
    response = mara.client.patch(f"/api/propositions/{video}", json={"verdict": "rejected"})

    assert response.json()["state"] == "archived"
    assert mara.client.get("/api/propositions").json()["items"] == []
    [kept] = mara.client.get("/api/propositions?state=archived").json()["items"]
    assert kept["lineage_id"] == video


def test_a_change_is_one_change(mara, video):
    for body in ({}, {"text": " "}, {"text": "x", "verdict": "confirmed"}, {"verdict": "maybe"}):
        assert mara.client.patch(f"/api/propositions/{video}", json=body).status_code == 422


def test_finds_by_meaning_and_filters_by_words(services, mara, video):
    believe(services, mara.id, "Mara has a dentist's appointment.")

    found = mara.client.get("/api/search?query=cutting a film").json()["items"]
    filtered = mara.client.get("/api/propositions?query=DENTIST").json()["items"]

    assert found[0]["id"] == video
    assert 0 < found[0]["score"] <= found[0]["relevance"] <= 1
    assert [each["text"] for each in filtered] == ["Mara has a dentist's appointment."]


def test_an_adapter_is_no_proposition(services, mara, tmp_path):
    adapter = add_adapter(services, mara.id, tmp_path / "adapter", passed=True)

    assert mara.client.get(f"/api/propositions/{adapter}").status_code == 404


def test_refresh_has_everything_read_in_batches(mara):
    assert mara.client.post("/api/propositions/refresh").json() == {"job": None}
    for key in "abc":
        observe(mara, f"I like the letter {key}.", key=key)

    response = mara.client.post("/api/propositions/refresh")

    assert response.status_code == 202
    assert response.json()["job"]["kind"] == "propose"
    # Three observations in batches of two.
    assert len(mara.client.get("/api/jobs?kind=propose").json()["items"]) == 2
    assert mara.client.post("/api/propositions/refresh").json() == {"job": None}
