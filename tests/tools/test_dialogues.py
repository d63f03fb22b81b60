"""Published dialogues become messages of alternating roles that begin with the user."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tools.bundled_model.dialogues import SETS, divided, read_dialogues


def write(folder: Path, name: str, file: str, rows: list[dict[str, Any]]) -> None:
    (folder / name).mkdir(exist_ok=True)
    with gzip.open(folder / name / file, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)


def test_turns_are_merged_and_begin_with_the_user(tmp_path: Path) -> None:
    turns = [
        {"speaker": "ASSISTANT", "text": "Welcome."},
        {"speaker": "USER", "text": "A table  for two,"},
        {"speaker": "USER", "text": "please."},
        {"speaker": "ASSISTANT", "text": ""},
        {"speaker": "ASSISTANT", "text": "At which time?"},
    ]
    rows = [{"turns": turns}, {"turns": turns[:3]}]  # nobody answers in the second
    write(tmp_path, "taskmaster", "tm4_dialogues.jsonl.gz", rows)
    assert read_dialogues(tmp_path, ["taskmaster"]) == [
        [
            {"role": "user", "content": "A table for two, please."},
            {"role": "assistant", "content": "At which time?"},
        ]
    ]


def test_a_persona_is_what_is_known_of_the_user(tmp_path: Path) -> None:
    row = {
        "user_1_personas": ["I keep bees.", "I am tall"],
        "conversation": "User 1: Hi!\nUser 2: Hello. How are the bees?\n[end]",
    }
    write(tmp_path, "synthetic-persona-chat", "valid.jsonl.gz", [row])
    system, *spoken = read_dialogues(tmp_path, ["synthetic-persona-chat"])[0]
    assert system["content"].endswith("\n- I keep bees.\n- I am tall.")
    assert [message["role"] for message in spoken] == ["user", "assistant"]


def test_a_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="sgd-dialogues"):
        read_dialogues(tmp_path)


def test_what_is_held_out_is_not_learned_from() -> None:
    dialogues = [[{"role": "user", "content": str(number)}] for number in range(50)]
    learned, held_out = divided(dialogues, held_out_share=0.1, seed=3)
    assert len(held_out) == 5
    assert sorted(one[0]["content"] for one in learned + held_out) == sorted(map(str, range(50)))


def test_the_sets_are_as_they_are_read() -> None:
    folder = Path(os.environ.get("IDIOLECT_DATA", ""))
    missing = [name for name in SETS if not (folder / name).is_dir()]
    if missing:
        pytest.skip(f"IDIOLECT_DATA does not name a folder with {', '.join(missing)}")
    dialogues = read_dialogues(folder)
    assert len(dialogues) > 15_000
    for dialogue in dialogues[::100]:
        spoken = [one["role"] for one in dialogue if one["role"] != "system"]
        assert spoken == ["user", "assistant"] * (len(spoken) // 2) + ["user"] * (len(spoken) % 2)
