"""Every form of a row is read, and a row that cannot be used is named with its field."""

import importlib.util
import json
import math
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from idiolect.errors import InvalidInputError, NotFoundError, NotReadyError
from idiolect.preference.judged import Group
from idiolect.preference.pairs import Pair
from idiolect.preference.reading import read_examples
from idiolect.preference.reading.lines import LARGEST_BYTES

USER = {"role": "user", "content": "Name a soup."}
SYSTEM = {"role": "system", "content": "Be brief."}
LEEK = {"role": "assistant", "content": "Leek."}
FISH = {"role": "assistant", "content": "Fish."}
PLAIN = {"prompt": "Name a soup.", "chosen": "Leek.", "rejected": "Fish."}
HAS_DATASETS = importlib.util.find_spec("datasets") is not None


def written(folder: Path, *rows: dict[str, Any] | str) -> Path:
    file = folder / "data.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def one_pair(folder: Path, row: dict[str, Any]) -> Pair:
    (pair,) = read_examples(written(folder, row))
    assert isinstance(pair, Pair)
    return pair


def one_group(folder: Path, row: dict[str, Any]) -> Group:
    (group,) = read_examples(written(folder, row))
    assert isinstance(group, Group)
    return group


def refused(folder: Path, *rows: dict[str, Any] | str) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read_examples(written(folder, *rows))
    assert caught.value.reason_code == "INVALID_DATA"
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("row", "context"),
    [
        (PLAIN, (USER,)),
        ({"context": [USER], "chosen": "Leek.", "rejected": "Fish."}, (USER,)),
        ({"prompt": [SYSTEM, USER], "chosen": [LEEK], "rejected": [FISH]}, (SYSTEM, USER)),
        ({"chosen": [SYSTEM, USER, LEEK], "rejected": [SYSTEM, USER, FISH]}, (SYSTEM, USER)),
        # A prompt beside whole conversations, as some published sets have it.
        ({"prompt": "Name a soup.", "chosen": [USER, LEEK], "rejected": [USER, FISH]}, (USER,)),
        ({"context": [5, 6], "chosen": "Leek.", "rejected": "Fish."}, (5, 6)),
        # Fields that a table fills with null are not there.
        ({**PLAIN, "completion": None, "label": None, "weight": None}, (USER,)),
    ],
)
def test_pairs_are_read_in_every_form(
    tmp_path: Path, row: dict[str, Any], context: tuple[Any, ...]
) -> None:
    pair = one_pair(tmp_path, row)
    assert (pair.sample_w, pair.sample_l) == ("Leek.", "Fish.")
    assert pair.context_w == pair.context_l == context
    assert (pair.id, pair.weight, pair.probability) == ("row-1", 1.0, 1.0)
    assert math.isnan(pair.reward_w)


def test_every_field_of_a_pair_is_read(tmp_path: Path) -> None:
    pair = one_pair(
        tmp_path,
        {
            "sample_w": "Leek.",
            "context_w": [USER],
            "sample_l": "Leek.",
            "context_l": "Name a fish.",
            "weight": 2,
            "margin": 0.5,
            "probability": 0.75,
            "reward_w": 1,
            "reward_l": -1,
            "source": "edits",
            "id": 17,
        },
    )
    assert pair.context_l == ({"role": "user", "content": "Name a fish."},)
    assert (pair.weight, pair.margin, pair.probability) == (2.0, 0.5, 0.75)
    assert (pair.reward_w, pair.reward_l) == (1.0, -1.0)
    assert (pair.source, pair.id) == ("edits", "17")
    assert one_pair(tmp_path, {**PLAIN, "rewards": [3, 1]}).reward_w == 3.0


def test_a_tie_is_a_pair_that_is_as_sure_either_way(tmp_path: Path) -> None:
    assert one_pair(tmp_path, {**PLAIN, "tie": True}).is_tie
    assert not one_pair(tmp_path, {**PLAIN, "tie": False}).is_tie
    assert "probability: does not go with a tie" in refused(
        tmp_path, {**PLAIN, "tie": True, "probability": 0.9}
    )


def test_verdicts_groups_and_rankings_are_read(tmp_path: Path) -> None:
    thumb = one_group(tmp_path, {"prompt": "Name a soup.", "completion": "Leek.", "label": False})
    assert thumb == Group.verdict((USER,), "Leek.", good=False, id="row-1")
    assert one_group(tmp_path, {"completion": [USER, LEEK], "label": True}).rewards == (1.0,)
    judged = one_group(
        tmp_path,
        {"context": [USER], "samples": ["Leek.", "Fish."], "rewards": [1, 0.5], "source": "judge"},
    )
    assert (judged.rewards, judged.source) == ((1.0, 0.5), "judge")
    ranked = one_group(tmp_path, {"context": [USER], "ranking": ["Leek.", "Fish.", "None."]})
    assert ranked.rewards == (2.0, 1.0, 0.0)


def test_a_tree_becomes_the_pairs_of_its_steps(tmp_path: Path) -> None:
    tree = {
        "children": [
            {"text": "First, ", "value": 0.75, "children": [
                {"text": "peel.", "value": 1}, {"text": "eat.", "value": 0.25},
            ]},
            {"text": "No. ", "value": 0.25, "children": []},
        ]
    }  # fmt: skip
    pairs = read_examples(
        written(tmp_path, {"context": [USER], "tree": tree, "source": "search", "weight": 2})
    )
    assert [pair.margin for pair in pairs if isinstance(pair, Pair)] == [0.5, 0.75]
    assert [pair.id for pair in pairs] == ["row-1/0-1", "row-1/0/0-1"]
    assert {(pair.source, pair.weight) for pair in pairs} == {("search", 2.0)}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        # what the issue names
        ({**PLAIN, "chosen": " "}, "row 1, chosen: is empty"),
        ({**PLAIN, "chosen": "Fish."}, "row 1, rejected: is the same as chosen"),
        ({"prompt": "a", "chosen": "b"}, "row 1, rejected: is missing"),
        ({"chosen": "b", "rejected": "c"}, "row 1, prompt: is missing"),
        ({"prompt": "a"}, "row 1, chosen: is missing"),
        (
            {**PLAIN, "prompt": [{"role": "narrator", "content": "x"}]},
            "row 1, prompt[0].role: 'narrator' is none of system, user, assistant, tool",
        ),
        # wrong types and numbers
        ({**PLAIN, "chosen": 7}, "chosen: is a number, not a text"),
        ({**PLAIN, "prompt": {"role": "user"}}, "prompt: is an object, not a text or a list"),
        ({**PLAIN, "prompt": []}, "prompt: is empty"),
        ({**PLAIN, "prompt": [7, "x"]}, "prompt[0]: is a number, not an object"),
        ({**PLAIN, "prompt": [7, -1]}, "prompt[1]: is below 0"),
        ({**PLAIN, "weight": "2"}, "weight: is a text, not a number"),
        ({**PLAIN, "weight": True}, "weight: is true or false, not a number"),
        ({**PLAIN, "weight": -1}, "weight: is below 0"),
        ({**PLAIN, "weight": math.nan}, "weight: is not a finite number"),
        ({**PLAIN, "margin": math.inf}, "margin: is not a finite number"),
        ({**PLAIN, "margin": 10**400}, "margin: is not a finite number"),
        ({**PLAIN, "probability": 1.5}, "probability: is not between 0 and 1"),
        ({**PLAIN, "rewards": [1]}, "rewards: has 1 numbers"),
        ({**PLAIN, "rewards": [1, math.nan]}, "rewards[1]: is not a finite number"),
        ({**PLAIN, "chosen": "\ud800"}, "chosen: holds half a surrogate pair"),
        # conversations
        ({**PLAIN, "context": "b"}, "context: stands beside a prompt"),
        ({**PLAIN, "chosen": [USER]}, "chosen: has 0 messages after the prompt"),
        ({**PLAIN, "chosen": [LEEK, USER]}, "chosen: has 2 messages after the prompt"),
        ({**PLAIN, "chosen": [SYSTEM]}, "chosen: ends with the role 'system'"),
        ({**PLAIN, "prompt": [{"role": "user", "content": ""}]}, "prompt[0].content: is empty"),
        ({**PLAIN, "prompt": [{"role": "user"}]}, "prompt[0].content: is missing"),
        (
            {**PLAIN, "prompt": [{**USER, "tool_calls": [{"name": "f"}]}]},
            "prompt[0].tool_calls: cannot be learned from",
        ),
        (
            {"chosen": [USER, LEEK], "rejected": [SYSTEM, USER, FISH]},
            "rejected: differs from chosen before its last message",
        ),
        ({"chosen": [LEEK], "rejected": [FISH]}, "chosen: has no message before its reply"),
        # the other forms
        ({"prompt": "a", "completion": "b"}, "label: is missing"),
        ({"prompt": "a", "completion": "b", "label": 1}, "label: is a number, not true or false"),
        ({"context": "a", "samples": ["b"], "rewards": [1, 2]}, "rewards: has 2 numbers for 1"),
        ({"context": "a", "ranking": ["b"]}, "ranking: has a single reply"),
        ({"context": "a", "ranking": ["b", "c", "b"]}, "ranking[2]: is the same as ranking[0]"),
        ({"context": "a", "tree": {"children": []}}, "tree: has no two alternative steps"),
        (
            {"context": "a", "tree": {"children": [{"text": "b"}]}},
            "tree.children[0].value: is missing",
        ),
        (
            {"sample_w": "a", "context_w": "b", "sample_l": "a", "context_l": "b"},
            "sample_l: is the same as sample_w, under the same context",
        ),
        # names
        ({**PLAIN, "wieght": 1}, "wieght: is not known; did you mean weight?"),
        ({**PLAIN, "ranking": ["a", "b"]}, "chosen: does not go with a ranking"),
        ({**PLAIN, "id": 1.5}, "id: is a number, not a text"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named_with_its_field(
    tmp_path: Path, row: dict[str, Any], fault: str
) -> None:
    message = refused(tmp_path, row)
    assert fault in message
    assert "data.jsonl: 1 of 1 rows cannot be used" in message


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"nonsense", "row 2: is not JSON at its character 1"),
        (b'{"prompt": "a"', "row 2: is not JSON"),
        (b"[1]", "row 2: is not an object"),
        (b'{"prompt": "\xff"}', "row 2: is not UTF-8 at its byte 13"),
        (b'{"prompt":' + b"[" * 100_000, "row 2: is not JSON that can be read"),
        (b'{"weight":' + b"1" * 5_000 + b"}", "row 2: is not JSON that can be read"),
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: bytes, fault: str) -> None:
    file = written(tmp_path, PLAIN)
    with file.open("ab") as handle:
        handle.write(line + b"\n")
    with pytest.raises(InvalidInputError) as caught:
        read_examples(file)
    assert fault in caught.value.message


def test_a_huge_line_is_passed_over_and_the_next_one_read(tmp_path: Path) -> None:
    message = refused(tmp_path, "x" * (LARGEST_BYTES + 5), {**PLAIN, "chosen": ""})
    assert "row 1: is longer than 10 MB" in message
    assert "row 2, chosen: is empty" in message


def test_rows_are_counted_with_empty_lines_and_a_mark_at_the_start_is_passed_over(
    tmp_path: Path,
) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text(f"\ufeff{json.dumps(PLAIN)}\n\n{json.dumps(PLAIN)}", encoding="utf-8")
    assert [pair.id for pair in read_examples(file)] == ["row-1", "row-3"]


def test_twenty_faults_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    lines = refused(tmp_path, PLAIN, *[{**PLAIN, "chosen": ""}] * 25).splitlines()
    assert lines[0].endswith("25 of 26 rows cannot be used")
    assert len(lines) == 22
    assert lines[-1] == "  and 5 more"


def test_kinds_are_not_mixed_and_ids_not_repeated(tmp_path: Path) -> None:
    thumb = {"prompt": "a", "completion": "b", "label": True}
    assert "row 2: is a verdict, but row 1 is a pair" in refused(tmp_path, PLAIN, thumb)
    named = {**PLAIN, "id": "soup"}
    assert "row 3, id: 'soup' is the id of row 1 already" in refused(tmp_path, named, PLAIN, named)


def test_a_file_without_rows_and_no_file_at_all_are_said_so(tmp_path: Path) -> None:
    assert "has no rows" in refused(tmp_path, "")
    with pytest.raises(NotFoundError, match="there is no file"):
        read_examples(tmp_path / "none.jsonl")


def test_fields_that_no_form_knows_are_logged_by_name(tmp_path: Path) -> None:
    with capture_logs() as logs:
        one_pair(tmp_path, {**PLAIN, "prompt_id": "secret", "split": "train"})
    (entry,) = logs
    assert entry["event"] == "fields_not_read"
    assert entry["fields"] == ["prompt_id", "split"]
    assert "secret" not in str(entry)


if HAS_DATASETS:  # which is no dependency of ours, so this is for whoever has it

    def test_a_saved_dataset_is_read_as_its_rows_are(tmp_path: Path) -> None:
        import datasets

        rows = datasets.Dataset.from_list([{**PLAIN, "label": None}, {**PLAIN, "chosen": ""}])
        rows.select([0]).save_to_disk(str(tmp_path / "good"))
        datasets.DatasetDict({"train": rows}).save_to_disk(str(tmp_path / "bad"))
        rows.to_parquet(str(tmp_path / "bad.parquet"))
        assert [pair.id for pair in read_examples(tmp_path / "good")] == ["row-1"]
        for bad in ("bad", "bad.parquet"):
            with pytest.raises(InvalidInputError, match="row 2, chosen: is empty"):
                read_examples(tmp_path / bad)

else:

    @pytest.mark.parametrize("name", ["folder", "data.parquet"])
    def test_without_the_package_a_folder_is_said_to_need_it(tmp_path: Path, name: str) -> None:
        (tmp_path / name).mkdir()
        with pytest.raises(NotReadyError, match="takes the package `datasets`") as caught:
            read_examples(tmp_path / name)
        assert "pip install datasets" in caught.value.hint
