"""Published dialogues between people and assistants, as messages: the language that the model
learns before it learns to write from notes.

The sets are not part of the repository. They are looked for in a folder with one subfolder a set;
all of them may be used for weights that are shipped, on the terms in ``SETS``, which the model's
card names.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idiolect.personalize.conditioning import system_message
from tools.bundled_model.rows import read_rows

Message = dict[str, str]


@dataclass(frozen=True)
class DialogueSet:
    """One published set.

    Attributes:
        files: in its folder, gzipped JSON lines.
        licence: by its SPDX name.
        credit: who made it.
        read: a row's messages.
    """

    files: tuple[str, ...]
    licence: str
    credit: str
    read: Callable[[dict[str, Any]], list[Message]]


def _turns(row: dict[str, Any]) -> list[Message]:
    return _merged(
        ("user" if turn["speaker"].lower() == "user" else "assistant", turn["text"])
        for turn in row["turns"]
    )


def _persona_chat(row: dict[str, Any]) -> list[Message]:
    """User 1 is the user, about whom the assistant knows what the persona says."""
    known = [line.strip().rstrip(".") + "." for line in row["user_1_personas"]]
    spoken = _merged(
        ("user" if line.startswith("User 1:") else "assistant", line.partition(":")[2])
        for line in row["conversation"].splitlines()
        if line.startswith(("User 1:", "User 2:"))
    )
    return [{"role": "system", "content": system_message("", known)}, *spoken]


SETS: Mapping[str, DialogueSet] = {
    "sgd-dialogues": DialogueSet(
        ("train.jsonl.gz", "dev.jsonl.gz"),
        "CC-BY-SA-4.0",
        "Rastogi et al. 2019, Schema-Guided Dialogue",
        _turns,
    ),
    "taskmaster": DialogueSet(
        ("tm4_dialogues.jsonl.gz",), "CC-BY-4.0", "Byrne et al., Taskmaster-4", _turns
    ),
    "synthetic-persona-chat": DialogueSet(
        ("valid.jsonl.gz",), "CC-BY-4.0", "Jandaghi et al. 2023", _persona_chat
    ),
}


def read_dialogues(folder: Path, names: Sequence[str] = tuple(SETS)) -> list[list[Message]]:
    """All dialogues of some sets, each beginning with a user's message after any system's.

    Args:
        folder: has a subfolder for each set.
        names: of ``SETS``.

    Raises:
        FileNotFoundError: a set is not there.
    """
    dialogues = []
    for name in names:
        for file in SETS[name].files:
            dialogues += [SETS[name].read(row) for row in read_rows(folder / name / file)]
    return [dialogue for dialogue in dialogues if _is_whole(dialogue)]


def divided(
    dialogues: Sequence[list[Message]], *, held_out_share: float, seed: int
) -> tuple[list[list[Message]], list[list[Message]]]:
    """Dialogues to learn from and dialogues to measure on, at random."""
    order = list(dialogues)
    random.Random(seed).shuffle(order)
    held_out = round(len(order) * held_out_share)
    return order[held_out:], order[:held_out]


def _merged(turns: Iterator[tuple[str, str]]) -> list[Message]:
    """Messages of alternating roles, from the first one of the user on."""
    messages: list[Message] = []
    for role, text in turns:
        said = " ".join(text.split())
        if not said or (not messages and role != "user"):
            continue
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += f" {said}"
        else:
            messages.append({"role": role, "content": said})
    return messages


def _is_whole(dialogue: Sequence[Message]) -> bool:
    return any(message["role"] == "assistant" for message in dialogue)
