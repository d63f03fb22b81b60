"""Pairs that are brought along."""

PAIR = {"prompt": "Hello", "chosen": "Hi", "rejected": "Good day"}


def test_takes_what_is_new_and_says_what_is_wrong_with_the_rest(mara):
    context = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Bye"}]
    items = [
        PAIR,
        {"context": context, "chosen": "Bye", "rejected": "So long", "source": "simulated"},
        PAIR,
        {**PAIR, "rejected": "Hi"},
        {"prompt": "Hello", "chosen": "Hi"},
        {**PAIR, "context": context},
        "nonsense",
    ]

    response = mara.client.post("/api/preferences", json={"items": items})

    assert response.status_code == 201
    receipt = response.json()
    assert (receipt["accepted"], receipt["duplicates"]) == (2, 1)
    assert [each["index"] for each in receipt["refused"]] == [3, 4, 5, 6]
    assert receipt["refused"][1]["message"] == "rejected: Field required"
    stored = mara.client.get("/api/preferences").json()["items"]
    assert {each["source"] for each in stored} == {"import", "simulated"}
    assert {each["split"] for each in stored} <= {"train", "held_out"}
    assert stored[0]["context"] in (context, [{"role": "user", "content": "Hello"}])


def test_pages_hold_every_preference_once(mara):
    items = [{**PAIR, "prompt": f"Question {number}"} for number in range(5)]
    mara.client.post("/api/preferences", json={"items": items})

    seen, cursor = [], None
    for _ in range(3):
        page = mara.client.get(
            "/api/preferences", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        seen += [each["context"][0]["content"] for each in page["items"]]
        cursor = page["next_cursor"]

    assert cursor is None
    assert sorted(seen) == [f"Question {number}" for number in range(5)]
