"""Checkers agree with what is known of texts that models wrote, on parts kept from their making.

What a model was told to write is known of each text, and a checker that agrees with it agrees with
models; ``test_human`` holds checkers against what people wrote.
"""

import hashlib
from typing import Any

import pytest

from idiolect.simulation.attributes import ATTRIBUTES
from idiolect.simulation.attributes.directness import is_command
from tests.simulation.sets import auc, rows


def kept(key: str) -> bool:
    """The half of a set by which no word list was made."""
    return hashlib.sha256(key.encode()).digest()[0] % 2 == 1


@pytest.fixture(scope="module")
def replies() -> list[dict[str, Any]]:
    """A third of the replies: ``values`` and ``text``."""
    dialogues = [row for row in rows("everyday-dialogues", "dialogues.jsonl.gz") if kept(row["id"])]
    return [reply for row in dialogues[::3] for reply in row["replies"]]


@pytest.fixture(scope="module")
def topics() -> list[dict[str, Any]]:
    return [row for row in rows("topic-bank", "topics.jsonl.gz") if kept(row["topic"])]


def agreement(replies: list[dict[str, Any]], name: str, known: str) -> float:
    bands = [ATTRIBUTES[name](reply["text"]).band for reply in replies]
    agreed: list[bool] = [
        b == reply["values"][known] for b, reply in zip(bands, replies, strict=True)
    ]
    return sum(agreed) / len(agreed)


def separation(replies: list[dict[str, Any]], name: str, key: str, values: set[str]) -> float:
    of_kind: tuple[list[float], list[float]] = ([], [])
    for reply in replies:
        of_kind[reply["values"][key] in values].append(ATTRIBUTES[name](reply["text"]).value)
    return auc(of_kind[True], of_kind[False])


def test_what_a_program_held_the_writer_to_is_found(replies: list[dict[str, Any]]) -> None:
    assert agreement(replies, "length", "length") > 0.98
    assert agreement(replies, "bullets", "format") > 0.98
    for name, known in (("emoji", "emoji"), ("questions", "question")):
        found = [ATTRIBUTES[name](reply["text"]) for reply in replies]
        says = [m.value > 0 if name == "emoji" else m.band == "closing" for m in found]
        right = [s == r["values"][known] for s, r in zip(says, replies, strict=True)]
        assert sum(right) / len(right) > 0.98


@pytest.mark.parametrize(
    ("name", "key", "values", "least"),
    [
        ("formality", "tone", {"formal"}, 0.78),
        ("enthusiasm", "tone", {"warm", "playful"}, 0.68),
        ("reading_level", "level", {"technical"}, 0.85),
        ("simplicity", "level", {"simple"}, 0.80),
    ],
)
def test_tone_and_level_are_told_apart(
    replies: list[dict[str, Any]], name: str, key: str, values: set[str], least: float
) -> None:
    assert separation(replies, name, key, values) > least


def test_steps_are_commands_and_reasons_are_not(topics: list[dict[str, Any]]) -> None:
    points = [point["long"] for topic in topics for point in topic["points"]]
    assert sum(map(is_command, points)) / len(points) > 0.85
    assert sum(is_command(topic["why"]) for topic in topics) / len(topics) < 0.08


def test_examples_are_found_and_reasons_are_none(topics: list[dict[str, Any]]) -> None:
    def share(field: str) -> float:
        found = [ATTRIBUTES["examples"](topic[field]).value > 0 for topic in topics]
        return sum(found) / len(found)

    assert share("example") > 0.95
    assert share("why") < 0.05


def test_what_a_model_states_about_a_self_is_in_the_first_person() -> None:
    statements = [row["statement"] for row in rows("persona-evals", "openness.jsonl.gz")]
    bands = [ATTRIBUTES["address"](statement).band for statement in statements]
    assert bands.count("first") / len(bands) > 0.75
