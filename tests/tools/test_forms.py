"""The compact forms are read back as they are written."""

from typing import get_args

import pytest

from idiolect.usermodel.confidence import Trust
from tools.bundled_model.tasks.forms import (
    NOTHING,
    SOURCES,
    listed,
    propositions_prompt,
    relation_prompt,
    statements_of,
)


@pytest.mark.parametrize("statements", [[], ["Mara reads."], ["Mara reads.", "Mara has 2 cats."]])
def test_a_list_is_read_back(statements: list[str]) -> None:
    assert statements_of(listed(statements)) == statements


def test_other_lines_and_repetitions_are_left_out() -> None:
    reply = "Sure:\n- Mara  reads.\n-  \n- Mara reads.\nMara sings.\n- Mara writes."
    assert statements_of(reply) == ["Mara reads.", "Mara writes."]
    assert statements_of(NOTHING) == []


def test_every_trust_level_has_a_source_line() -> None:
    assert set(SOURCES) == set(get_args(Trust))
    system, user = propositions_prompt("Hello", name="the user", trust="read")
    assert system.content == "List what this shows about the user. The user read it."
    assert user.content == "Hello"


def test_a_text_cannot_crowd_out_the_reply() -> None:
    """1,200 characters of a screen are at most some 600 tokens of ordinary text; 1,024 fit."""
    _, user = propositions_prompt("x" * 9000, name="Mara", trust="typed")
    assert len(user.content) == 1200
    _, user = relation_prompt("x" * 9000, "y" * 9000)
    assert len(user.content) == len("Old: \nNew: ") + 600
