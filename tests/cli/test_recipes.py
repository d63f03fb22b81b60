"""Recipes are listed, read, copied and checked at the command line."""

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idiolect.adapters import recipes
from idiolect.adapters.recipe import Recipe
from idiolect.cli.app import app
from idiolect.errors import ConflictError, IdiolectError, InvalidInputError, NotFoundError

PAIR = {"prompt": "Name a soup.", "chosen": "Leek.", "rejected": "Fish."}
THUMB = {"prompt": "Name a soup.", "completion": "Leek.", "label": True}


def output(*arguments: str | Path) -> str:
    answer = CliRunner().invoke(app, ["recipes", *map(str, arguments)])
    assert answer.exception is None, answer.exception
    return answer.output


def refused(*arguments: str | Path) -> IdiolectError:
    answer = CliRunner().invoke(app, ["recipes", *map(str, arguments)])
    assert isinstance(answer.exception, IdiolectError), answer.output
    return answer.exception


def rows(folder: Path, *given: object) -> Path:
    file = folder / "data.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in given))
    return file


def test_all_are_listed_with_what_they_are_for() -> None:
    listed = json.loads(output("ls"))
    assert [one["name"] for one in listed] == recipes.names()
    assert all(one["objective"] and one["description"] for one in listed)


def test_one_is_shown_as_written_or_with_every_value() -> None:
    text = output("show", "kto")
    assert tomllib.loads(text)["objective"]["preset"] == "kto"
    assert text.count("#") > 1  # the reasons come along
    values = json.loads(output("show", "kto", "--json"))
    assert values.keys() == Recipe.model_fields.keys()
    assert isinstance(refused("show", "kot"), NotFoundError)


def test_a_copy_is_never_put_over_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "ipo.toml" in output("copy", "ipo")
    assert Path("ipo.toml").read_text() == recipes.text_of("ipo")
    Path("ipo.toml").write_text("rank = 4")
    assert isinstance(refused("copy", "ipo"), ConflictError)
    assert Path("ipo.toml").read_text() == "rank = 4"
    output("copy", "ipo", "mine.toml")
    assert recipes.load("mine.toml") == recipes.load("ipo")
    assert refused("copy", "ipo", "none/mine.toml").exit_code == 2


def test_a_check_says_what_a_recipe_is_and_needs() -> None:
    checked = json.loads(output("check", "re_po"))
    assert "Cao et al. 2025" in checked["citation"]
    assert checked["learns_from"] == ["pairs"]
    assert "not at hand" in checked["unverified"]


def test_a_check_counts_the_data_it_is_given(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("held_out_share = 0")
    data = rows(tmp_path, PAIR, {**PAIR, "chosen": "Beet."}, {**PAIR, "tie": True})
    assert json.loads(output("check", file, "--data", data))["examples"] == {
        "file": str(data),
        "kind": "pairs",
        "train": 2,
        "held_out": 0,
        "ties_left_out": 1,
        "warnings": [],
    }


@pytest.mark.parametrize(
    ("recipe", "fault"),
    [
        ("rnak = 4", "rnak: is no field of a recipe; did you mean rank?"),
        ("[objective]\npreset = 'dop'", "objective: there is no objective 'dop'"),
        ("[objective]\npreset = 'dpo'\nbetta = 1", "objective: the objective 'dpo' has no"),
        ("[objective]\npreset = 'dpo'\nbeta = 'much'", "objective: dpo.beta cannot be 'much'"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_named(tmp_path: Path, recipe: str, fault: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(recipe)
    error = refused("check", file)
    assert isinstance(error, InvalidInputError)
    assert error.exit_code == 2
    assert fault in error.message
    assert str(file) in error.message


def test_data_that_does_not_fit_is_refused_with_what_would(tmp_path: Path) -> None:
    error = refused("check", "personal", "--data", rows(tmp_path, THUMB))
    assert "not from verdicts" in error.message
    assert "kto" in error.hint
    error = refused("check", "personal", "--data", rows(tmp_path, {**PAIR, "chosen": ""}))
    assert "row 1, chosen: is empty" in error.message
