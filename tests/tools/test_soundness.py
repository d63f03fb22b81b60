"""The checker finds what composing cannot use, and the banks have none of it."""

import copy
from typing import Any

import pytest

from idiolect.handbook.topics import TOPICS_FILE
from tools.bundled_model.rows import read_rows
from tools.bundled_model.soundness import faults

ROWS = list(read_rows(TOPICS_FILE))

# A hint of one word, and a reason of seven.
KNOWN_FAULTS = {"saying hello", "writer's block"}


def test_the_handbook_is_sound() -> None:
    assert {row["topic"] for row in ROWS if any(faults(row))} <= KNOWN_FAULTS
    assert len({row["topic"].lower() for row in ROWS}) == len(ROWS) > 600
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("area",), "elsewhere", "area 'elsewhere'"),
        (("why",), "Too short.", "why has 2 words, not 8 to 24"),
        (("question",), "Tell me where your slow computer stands.", "does not end with '?'"),
        (("caution",), "You shouldn't pay for a cleaning program from a window.", "a contraction"),
        (("points", 0, "long"), "Sit down.", "points[0].long has 2 words"),
        (("facts", 0, "fact"), "Keeps bees.", "is no predicate"),
        (("asks", 1, "text"), ROWS[0]["asks"][0]["text"], "asked twice"),
        (("asks", 1, "intent"), "command", "intents ['command']"),
    ],
)
def test_a_fault_is_named(path: tuple[Any, ...], value: str, expected: str) -> None:
    row = copy.deepcopy(ROWS[0])
    inner = row
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert any(expected in fault for fault in faults(row))
