"""Sets of text, where they are at hand: some that people wrote, and some by models.

everyday-dialogues, topic-bank, gold-user-model and persona-evals were written by models, of which a
program or one careful reader checked the first three; people wrote irc-ubuntu, the gold answers of
finegrained-qa-feedback, self-instruct, taskmaster, and the personas of synthetic-persona-chat, and
put the outlines of sgd-dialogues into their own words.
"""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest


def rows(set_name: str, file: str) -> list[dict[str, Any]]:
    """All rows of a set's file, or a test skipped with its reason."""
    folder = os.environ.get("IDIOLECT_DATA")
    if not folder or not (path := Path(folder) / set_name / file).is_file():
        pytest.skip(f"IDIOLECT_DATA does not name a folder with {set_name}")
    with gzip.open(path, "rt") as lines:
        return [json.loads(line) for line in lines]


def auc(positive: list[float], negative: list[float]) -> float:
    """The chance that a positive has the greater value than a negative, a tie being half."""
    order = sorted([(value, True) for value in positive] + [(value, False) for value in negative])
    won, below, place = 0.0, 0, 0
    while place < len(order):
        end = place
        while end < len(order) and order[end][0] == order[place][0]:
            end += 1
        mine = sum(is_positive for _, is_positive in order[place:end])
        others = end - place - mine
        won += mine * (below + others / 2)
        below += others
        place = end
    return won / len(positive) / len(negative)
