"""Checkers agree with what is known of text that people wrote, where the sets are at hand.

Chat lines are of a help channel, answers of an encyclopedic kind, bookings are outlines that people
put into their own words, orders at a coffee bar are dialogues that people made up alone, and
personas are sentences about oneself that people wrote for others to play.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from idiolect.simulation.attributes import ATTRIBUTES
from tests.simulation.sets import auc, rows

MOST, LEAST_WORDS = 300, 8
LAUGHTER = re.compile(r"\b(?:lol|haha\w*|hehe\w*|rofl|lmao)\b", re.IGNORECASE)


def chat(is_wanted: Callable[[dict[str, Any]], bool] = lambda row: True) -> list[str]:
    return [
        row["text"]
        for row in rows("irc-ubuntu", "dev.jsonl.gz")
        if row["kind"] == "say" and len(row["text"].split()) >= LEAST_WORDS and is_wanted(row)
    ]


def turns(set_name: str, file: str, speaker: str) -> list[str]:
    return [
        turn["text"]
        for dialogue in rows(set_name, file)[::20]
        for turn in dialogue["turns"]
        if turn["speaker"] == speaker and len(turn["text"].split()) >= LEAST_WORDS
    ]


def personas() -> list[str]:
    dialogues = rows("synthetic-persona-chat", "valid.jsonl.gz")[::10]
    return [text for one in dialogues for text in one["user_1_personas"] + one["user_2_personas"]]


def instructions() -> list[str]:
    return [row["instruction"] for row in rows("self-instruct", "seed_tasks.jsonl.gz")]


KINDS: Mapping[str, Callable[[], list[str]]] = {
    "answers": lambda: [
        row["gold"] for row in rows("finegrained-qa-feedback", "feedback.jsonl.gz")
    ],
    "chat": chat,
    # Who read the log marked which lines begin a conversation: a line that replies to itself.
    "openers": lambda: chat(lambda row: row.get("reply_to") == [row["line"]]),
    "replies": lambda: chat(lambda row: row.get("reply_to") not in (None, [], [row["line"]])),
    "bookings": lambda: turns("sgd-dialogues", "dev.jsonl.gz", "user"),
    "baristas": lambda: turns("taskmaster", "tm4_dialogues.jsonl.gz", "assistant"),
    "instructions": instructions,
    "personas": personas,
}


@cache
def values(kind: str, name: str) -> list[float]:
    """The attribute of up to so many texts of a kind, spread over all of them."""
    texts = KINDS[kind]()
    step = max(1, len(texts) // MOST)
    return [ATTRIBUTES[name](text).value for text in texts[::step][:MOST]]


@pytest.mark.parametrize(
    ("name", "more", "less", "least"),
    [
        ("formality", "answers", "chat", 0.85),
        ("reading_level", "answers", "chat", 0.7),
        ("reading_level", "answers", "bookings", 0.9),
        ("simplicity", "chat", "answers", 0.6),
        ("simplicity", "bookings", "answers", 0.8),
        ("questions", "openers", "replies", 0.63),
        ("directness", "instructions", "chat", 0.7),
        ("address", "instructions", "personas", 0.9),
        ("enthusiasm", "baristas", "chat", 0.62),
        ("hedging", "replies", "bookings", 0.53),
        ("hedging", "replies", "personas", 0.54),
    ],
)
def test_kinds_of_text_that_people_write_are_told_apart(
    name: str, more: str, less: str, least: float
) -> None:
    assert auc(values(more, name), values(less, name)) > least


def test_people_who_explain_hedge_more_often_than_people_who_order() -> None:
    """A line has a hedge or none, so the chance above says less than how many lines have one."""
    shares = {
        kind: sum(value > 0 for value in values(kind, "hedging")) / len(values(kind, "hedging"))
        for kind in ("replies", "bookings", "personas")
    }
    assert shares["replies"] > 3 * shares["bookings"], shares
    assert shares["replies"] > 5 * shares["personas"], shares


def test_people_describe_themselves_in_the_first_person() -> None:
    bands = [ATTRIBUTES["address"](text).band for text in personas()[:MOST]]
    assert bands.count("first") / len(bands) > 0.9


def test_lines_at_which_others_laugh_have_more_marks_of_joking() -> None:
    """Few of them have any: a program sees jokes' marks, not jokes."""
    lines = {
        (row["log"], row["line"]): row
        for row in rows("irc-ubuntu", "train.jsonl.gz")
        if row["kind"] == "say"
    }
    answers: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (log, line), row in lines.items():
        for to in row.get("reply_to") or []:
            if to != line and (log, to) in lines:
                answers[log, to].append(row["text"])
    marked: dict[bool, list[bool]] = {True: [], False: []}
    for place, said in answers.items():
        is_laughed_at = any(LAUGHTER.search(text) for text in said)
        if is_laughed_at or len(marked[False]) < 2000:
            humor = ATTRIBUTES["humor"](lines[place]["text"])
            marked[is_laughed_at].append(humor.value > 0)
    shares = {laughed: sum(found) / len(found) for laughed, found in marked.items()}
    assert len(marked[True]) > 500
    assert shares[True] > 2 * shares[False], shares
