"""Copy tasks are solved by what stands in their notes, and by nothing that repeats."""

import random

import pytest

from idiolect.handbook.notes import heading
from tools.bundled_model.copying import CopyTask, draw_copy_task, invented_name

VOCABULARY = ("soup", "bread", "kettle", "ladder", "violin", "harbor", "thread", "meadow")


@pytest.fixture(scope="module")
def tasks() -> list[CopyTask]:
    rng = random.Random(5)
    return [draw_copy_task(VOCABULARY, rng) for _ in range(600)]


def test_every_line_of_a_reply_stands_in_the_notes(tasks: list[CopyTask]) -> None:
    for task in tasks:
        for line in task.reply.split("\n"):
            assert line.removeprefix("- ") in task.notes


def test_the_reply_is_the_line_that_was_asked_for(tasks: list[CopyTask]) -> None:
    of_one = [task for task in tasks if "of " in task.ask and task.ask.endswith("?")]
    assert len(of_one) > 100
    for task in of_one:
        name = task.ask.removesuffix("?").rpartition(" ")[2]
        assert name in task.reply
    of_words = [task for task in tasks if task.notes.startswith(heading("words"))]
    assert len(of_words) > 100
    for task in of_words:
        name = task.ask.rstrip(".?").rpartition(" ")[2]
        assert f"- {name}: {task.reply}" in task.notes


def test_nothing_can_be_known_by_heart(tasks: list[CopyTask]) -> None:
    assert len({task.notes for task in tasks}) == len(tasks)
    assert len({task.reply for task in tasks}) > 0.95 * len(tasks)


def test_equal_seeds_draw_equal_tasks() -> None:
    first, second = (draw_copy_task(VOCABULARY, random.Random(9)) for _ in range(2))
    assert first == second
    names = [invented_name(random.Random(seed)) for seed in range(200)]
    assert len(set(names)) > 190
