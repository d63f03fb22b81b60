"""What the commands that promote and demote ask of the API, and what they say of its answers."""

import json
from typing import Any

from idiolect.cli.memory_promotions import told_of
from tests.cli.test_memories import MEMORY, Api, idiolect

CACHE: dict[str, Any] = {**MEMORY, "id": "mem_2", "kind": "cache", "payload": {"tokens": 128}}
COMPUTED: Any = {"to": "kv", "memory": CACHE, "job": None}
QUEUED: Any = {"to": "lora", "memory": None, "job": {"id": "job_1"}}


def test_what_is_promoted_to_is_sent_with_the_reason() -> None:
    api = Api(COMPUTED, QUEUED)
    computed = idiolect(api, "memories", "promote", "--reason", "it begins late")
    queued = idiolect(api, "memories", "promote", "--to", "lora")
    assert (computed.exit_code, queued.exit_code) == (0, 0), computed.output + queued.output
    assert api.calls() == [("POST", "/api/memories/promotions")] * 2
    assert [request.body for request in api.asked] == [
        {"to": "kv", "reason": "it begins late"},
        {"to": "lora"},
    ]


def test_a_promotion_is_told_in_a_line() -> None:
    assert told_of(COMPUTED) == "mem_2 serves: 128 tokens are computed ahead"
    assert told_of(QUEUED) == "job_1 will train; follow it with `idiolect jobs`"


def test_demotion_names_the_version_that_was_seen() -> None:
    api = Api({**CACHE, "state": "expired"})
    told = idiolect(api, "memories", "demote", "mem_2", "--version", "1")
    assert json.loads(told.stdout)["state"] == "expired"
    assert api.calls() == [("POST", "/api/memories/mem_2/demote")]
    assert api.asked[0].body == {"version": 1}
