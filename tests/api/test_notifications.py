"""Notifications over HTTP: each gets an outcome, a reason and the figures behind it."""

import pytest

from idiolect.kit.clock import utc_now
from tests.api.conftest import believe

RELEVANT = "The conference about bees in Porto needs an organizer's answer"
IRRELEVANT = "Half price on garden furniture, this weekend only"


def notification(text: str, app: str = "Mail") -> dict:
    return {"app": app, "title": "", "text": text, "at": utc_now().isoformat()}


def triage(person, *texts: str, **given):
    body = {"notifications": [notification(text) for text in texts], **given}
    return person.client.post("/api/notifications/triage", json=body)


@pytest.fixture
def bees(services, mara) -> str:
    return believe(services, mara.id, "Mara is organizing a conference about bees in Porto.")


def test_each_is_decided_in_its_place(mara, bees):
    response = triage(mara, IRRELEVANT, RELEVANT)

    assert response.status_code == 200
    other, concerns = response.json()["items"]
    assert (other["outcome"], concerns["outcome"]) == ("drop", "now")
    assert concerns["evidence"] == [bees]
    assert concerns["kind"] == "notification:Mail"
    assert concerns["needed_p"] == pytest.approx(0.4 / 1.4)
    p = concerns["p"]
    assert p == concerns["stakes"]["p"]  # nothing was learnt yet
    assert concerns["worth"]["now"] == pytest.approx(p * 0.6 - (1 - p) * 0.4)
    assert "likely that you want this" in concerns["reason"]
    # Their token is spent, so the next one has to wait.
    [next_one] = triage(mara, "The conference about bees in Porto has a speaker").json()["items"]
    assert next_one["outcome"] == "later"
    assert next_one["again_at"] is not None


def test_another_user_has_a_bucket_and_a_model_of_their_own(services, mara, otto, bees):
    triage(mara, RELEVANT)

    [unknown] = triage(otto, RELEVANT).json()["items"]

    assert (unknown["evidence"], unknown["p"], unknown["outcome"]) == ([], 0.0, "drop")


def test_answers_teach(mara, bees):
    [before] = triage(mara, RELEVANT).json()["items"]
    answer = {"app": "Mail", "p": before["stakes"]["p"], "answer": "dismiss"}
    assert mara.client.post("/api/notifications/answer", json=answer).status_code == 204

    [after] = triage(mara, RELEVANT).json()["items"]

    assert after["p"] < after["stakes"]["p"] == pytest.approx(before["p"])
    bars = mara.client.get("/api/suggestions/settings").json()["bars"]
    [mail] = [each for each in bars if each["kind"] == "notification:Mail"]
    assert mail["needed_p"] > mail["usual_p"]
    assert mara.client.get("/api/suggestions").json()["items"] == []


def test_what_cannot_be_weighed_is_refused(mara):
    assert triage(mara, " ").status_code == 422
    assert triage(mara, RELEVANT, activity="asleep").status_code == 422
    assert triage(mara, *[RELEVANT] * 51).status_code == 422
    wrong = {"app": "Mail", "p": 1.5, "answer": "dismiss"}
    assert mara.client.post("/api/notifications/answer", json=wrong).status_code == 422
    assert triage(mara).json() == {"items": []}
