"""Dialogues that people or a large model wrote whole, as training text: everyday messages with
replies in three styles, talks of several turns, and published dialogues.
"""

import functools
import random
from collections.abc import Sequence
from typing import Any

from idiolect.handbook.notes import NOTHING_NOTED
from tools.bundled_model.bank import is_held_out_message, style_of
from tools.bundled_model.context import Message, message, system_content
from tools.bundled_model.knowledge import draw_subject, proposition
from tools.bundled_model.rows import DATA_DIR, read_rows
from tools.bundled_model.styles import is_held_out
from tools.bundled_model.tasks.gold import part_of

NOTED_TALK_SHARE = 0.5
MOST_CHARACTERS = 2000
"""Of a stretch of a published dialogue: some five hundred tokens."""


def draw_everyday(rng: random.Random, *, held_out: bool = False) -> tuple[Message, ...]:
    """A message of everyday life and one of its replies, under the system message it follows."""
    row, reply = rng.choice(everyday_replies(held_out=held_out))
    subject = draw_subject(rng)
    # A reply that uses a fact needs it; beside the others the fact stands now and then.
    is_told = reply["values"]["fact"] or rng.random() < 0.5
    known = [proposition(fact, subject) for fact in row["facts"]] if is_told else []
    system = system_content(reply["system"], known)
    return (*system, message("user", row["prompt"]), message("assistant", reply["text"]))


def draw_talk(rng: random.Random) -> tuple[Message, ...]:
    """A talk of several turns in which facts and wishes about the style come up."""
    talk = rng.choice(_talks())
    turns = [message(turn["role"], turn["text"]) for turn in talk["turns"]]
    # Where the handbook is asked, it mostly finds nothing on such talk.
    notes = [NOTHING_NOTED] if rng.random() < NOTED_TALK_SHARE else []
    return (*system_content(talk["system"], talk["facts"], notes), *turns)


def draw_stretch(dialogues: Sequence[Sequence[Message]], rng: random.Random) -> tuple[Message, ...]:
    """Some turns of a published dialogue in a row, from one of the user's on."""
    dialogue = rng.choice(dialogues)
    system = [m for m in dialogue[:1] if m["role"] == "system"]
    turns = dialogue[len(system) :]
    start = rng.randrange(0, len(turns), 2) if len(turns) > 6 and rng.random() < 0.5 else 0
    kept: list[Message] = []
    room = MOST_CHARACTERS
    for turn in turns[start:]:
        room -= len(turn["content"])
        if room < 0 and len(kept) > 1:
            break
        kept.append(turn)
    return (*system, *kept)


@functools.cache
def everyday_replies(*, held_out: bool) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Messages of everyday life, each with one of its replies.

    Apart are replies to system messages that are held out, or in combinations of values that are.
    """
    return [
        (row, reply)
        for row in read_rows(DATA_DIR / "everyday.jsonl.gz")
        for reply in row["replies"]
        if held_out
        is (is_held_out_message(reply["system"]) or is_held_out(style_of(reply["values"])))
    ]


@functools.cache
def _talks() -> list[dict[str, Any]]:
    return [
        row
        for row in read_rows(DATA_DIR / "gold_talk.jsonl.gz")
        if part_of(row["id"]) == "training"
    ]
