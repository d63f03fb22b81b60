"""The checker finds what composing cannot use, and the banks have none of it."""

import copy
from typing import Any

import pytest

from tools.bundled_model.bank import DATA_DIR
from tools.bundled_model.soundness import faults, read

NEW = read(DATA_DIR / "new_topics.jsonl.gz")
OLD = read(DATA_DIR / "topics.jsonl.gz")


def test_new_topics_are_sound_and_new() -> None:
    assert [fault for row in NEW for fault in faults(row)] == []
    names = [row["topic"].lower() for row in NEW]
    assert len(set(names)) == len(names) >= 170
    assert not set(names) & {row["topic"].lower() for row in OLD}
    assert len({row["id"] for row in [*NEW, *OLD]}) == len(NEW) + len(OLD)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("area",), "elsewhere", "area 'elsewhere'"),
        (("why",), "Too short.", "why has 2 words, not 8 to 24"),
        (("question",), "Tell me where your slow computer stands.", "does not end with '?'"),
        (("caution",), "You shouldn't pay for a cleaning program from a window.", "a contraction"),
        (("points", 0, "long"), "Sit down.", "points[0].long has 2 words"),
        (("facts", 0, "fact"), "Keeps bees.", "is no predicate"),
        (("asks", 1, "text"), NEW[0]["asks"][0]["text"], "asked twice"),
        (("asks", 1, "intent"), "command", "intents ['command']"),
    ],
)
def test_a_fault_is_named(path: tuple[Any, ...], value: str, expected: str) -> None:
    row = copy.deepcopy(NEW[0])
    inner = row
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert any(expected in fault for fault in faults(row))
