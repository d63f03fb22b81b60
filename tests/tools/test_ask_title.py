"""A title is one short line on the matter, or none."""

import pytest

from idiolect.lm.scripted import ScriptedModel
from tools.bundled_model.tasks.ask_title import write_title

MESSAGE = "My laptop takes forever to start. What can I do?"


@pytest.mark.parametrize(
    ("reply", "title"),
    [
        ("A slow laptop", "A slow laptop"),
        (" Starting a laptop faster\n", "Starting a laptop faster"),
        ("", None),
        ("Baking rye bread", None),
        ("A slow laptop\nand more", None),
        ("My laptop takes forever to start and there is nothing I can do", None),
    ],
)
def test_only_a_usable_title_is_given(reply: str, title: str | None) -> None:
    assert write_title(ScriptedModel([reply]), MESSAGE) == title


def test_a_long_message_is_cut() -> None:
    model = ScriptedModel(["Laptop"])
    assert write_title(model, MESSAGE * 100) == "Laptop"
    assert len(model.calls[0].messages[1].content) == 400
