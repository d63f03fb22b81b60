"""What quotes a forgotten statement, and what is left of a record without it."""

from typing import Any

import pytest

from idiolect.usermodel.forgetting.traces import Traces, emptied
from idiolect.usermodel.grounding import content_words

BEES = Traces.of(["mem_1", "mem_2"], ["Mara keeps bees."])
TOPIC = Traces.of([], [], content_words("bee hives"))


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("- Mara keeps  bees", True),
        ("Notes:\n- mara keeps bees.\n- Mara sings.", True),
        ("Mara keeps bees and hens.", False),
        ("", False),
    ],
)
def test_a_quotation_is_a_line_of_its_own(text: str, quotes: bool) -> None:
    assert BEES.in_text(text) is quotes


def test_a_text_with_all_words_of_a_topic_is_about_it() -> None:
    assert TOPIC.in_text("How many hives\ndoes a bee keeper have?")
    assert not TOPIC.in_text("How many hives are there?")


def test_a_record_loses_what_acted_and_the_lines_that_quote_it() -> None:
    acted: dict[str, Any] = {
        "model": "m",
        "system": "Be brief.\n\nWhat you know about the user:\n- Mara keeps bees.\n- Mara sings.",
        "memories": [
            {"id": "mem_2", "text": "Mara keeps bees.", "confidence": 0.8},
            {"id": "mem_9", "text": "Mara sings.", "confidence": 0.7},
        ],
        "charter": {"adaptations": [{"proposition_id": "mem_1", "statement": "Mara keeps hens."}]},
    }
    assert BEES.taken_from_record(acted) == {
        "model": "m",
        "system": "Be brief.\n\nWhat you know about the user:\n- Mara sings.",
        "memories": [{"id": "mem_9", "text": "Mara sings.", "confidence": 0.7}],
        "charter": {"adaptations": []},
    }


def test_what_acted_in_other_words_takes_the_system_message() -> None:
    style = Traces.of(["mem_3"], ["Mara prefers short answers."])
    acted = {
        "system": "Keep it short.",
        "memories": [{"id": "mem_3", "text": "Mara prefers short answers."}],
    }
    assert style.taken_from_record(acted) == {"system": "", "memories": []}


def test_a_record_without_it_stays() -> None:
    assert BEES.taken_from_record({"system": "Be brief.\n\n- Mara sings. ", "memories": []}) is None
    assert BEES.taken_from_record({}) is None


def test_an_emptied_record_says_which_model_wrote() -> None:
    acted = {"model": "m", "system": "x", "memories": [1], "notes": [2], "sampling": {"n": 1}}
    assert emptied({"charter": {"adaptations": [{"statement": "Mara sings."}]}}) == {"charter": {}}
    assert emptied(acted) == {
        "model": "m", "system": "", "memories": [], "notes": [], "sampling": {"n": 1},
    }  # fmt: skip
    assert emptied({}) == {}
