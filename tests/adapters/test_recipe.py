"""A recipe is data with a schema, and every one that ships can be trained by."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from idiolect.adapters import recipe as schema
from idiolect.adapters import recipes
from idiolect.adapters.recipe import Recipe, recipe_from
from idiolect.adapters.train import train_adapter
from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.preference import optimization
from idiolect.preference.batches import Example
from idiolect.preference.judged import Group
from idiolect.preference.language import compose
from tests.preference.training import capital_pairs


def suitable(takes: frozenset[str]) -> Sequence[Example]:
    """Eight examples of the first kind that an objective names."""
    pairs = capital_pairs()
    if "groups" in takes:
        return [Group.ranking(one.context_w, (one.sample_w, one.sample_l)) for one in pairs]
    if "verdicts" in takes:
        return [
            Group.verdict(one.context_w, one.sample_w, good=bool(place % 2))
            for place, one in enumerate(pairs)
        ]
    return pairs


@pytest.mark.parametrize("name", recipes.names())
def test_every_shipped_recipe_composes_and_trains(
    name: str, tiny_base: Path, tmp_path: Path
) -> None:
    recipe = recipes.load(name)
    assert 20 < len(recipe.description) < 80
    objective = compose(recipe.objective)
    quick = {"epochs": 1, "batch_size": 4, "threads": 1, "evaluate_every_steps": 0, "patience": 0}
    trained = train_adapter(
        suitable(objective.takes),
        base=tiny_base,
        recipe=recipe.model_copy(update=quick),
        work_dir=tmp_path,
    )
    assert len(trained.history.steps) == 2
    assert all(math.isfinite(step.loss) for step in trained.history.steps)
    assert (trained.path / "adapter_model.safetensors").is_file()


def test_the_default_recipe_writes_down_the_defaults_of_the_schema() -> None:
    personal = recipes.load(recipes.DEFAULT)
    assert personal.model_fields_set == set(Recipe.model_fields)
    assert personal.hash == Recipe().hash
    assert recipes.names()[0] == recipes.DEFAULT


def test_the_schema_names_what_the_trainer_has() -> None:
    # Written twice, because the schema must not import torch.
    assert get_args(schema.OptimizerName) == get_args(optimization.OptimizerName)
    assert get_args(schema.ScheduleName) == get_args(optimization.ScheduleName)


def test_a_description_decides_nothing_and_everything_else_does() -> None:
    assert Recipe(description="mine").hash == Recipe().hash
    assert Recipe(objective="ipo").hash != Recipe().hash


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("learning_rat = 0.1", "learning_rat: is no field of a recipe; did you mean learning_rate"),
        ("epochs = 0", "epochs: should be greater than or equal to 1"),
        ("optimizer = 'adam'", "optimizer: should be 'adamw', 'rmsprop' or 'sgd'"),
        ("objective = 3", "objective: is a preset's name, or a table"),
        ("objective = {beta = inf}", "objective: holds a number that is not finite"),
        ("objective = {since = 2026-01-01}", "objective: holds datetime.date"),
        ("objective = {a.b.c.d.e.f.g.h = 1}", "objective: is nested too deeply"),
        ("patience = 3", "patience counts looks: set evaluate_every_steps as well"),
        ("evaluate_every_steps = 3\nheld_out_share = 0", "set held_out_share as well"),
        ("epochs = = 3", "mine.toml is not TOML"),
    ],
)
def test_a_recipe_that_cannot_be_used_says_where(text: str, fault: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        recipe_from(text, "mine.toml")
    assert fault in caught.value.message
    assert "mine.toml" in caught.value.message
    assert caught.value.reason_code == "INVALID_RECIPE"


def test_all_faults_of_a_recipe_are_told_at_once() -> None:
    with pytest.raises(InvalidInputError, match="3 fields cannot be used"):
        recipe_from("epochs = 0\nrank = 0\nspeed = 9", "mine.toml")


def test_a_recipe_is_found_by_name_or_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(recipes.text_of("kto"))
    assert recipes.load(str(file)) == recipes.load("kto")
    with pytest.raises(NotFoundError, match="did you mean robust"):
        recipes.load("robus")
    with pytest.raises(NotFoundError, match="there is no recipe file"):
        recipes.load(str(tmp_path / "none.toml"))
    file.write_bytes(b"\xff")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        recipes.load(str(file))


def test_the_separate_beta_is_gone() -> None:
    with pytest.raises(ValidationError):
        Recipe.model_validate({"beta": 0.1})
