"""``idiolect recipes``: how to train, as files to read, copy and check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from idiolect.cli.output import JsonFlag, show, table
from idiolect.errors import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from idiolect.adapters.recipe import Recipe
    from idiolect.preference.objective import Objective

app = typer.Typer(help="How to train: recipes to read, copy and check.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A shipped recipe's name.")]


@app.command("ls")
def ls(as_json: JsonFlag = False) -> None:
    """Lists the shipped recipes."""
    from idiolect.adapters import recipes

    found = [
        {
            "name": name,
            "objective": recipe.preset,
            "description": recipe.description,
        }
        for name, recipe in ((name, recipes.load(name)) for name in recipes.names())
    ]
    columns = ["name", "objective", "description"]
    show(found, as_json, lambda: table("Recipes", columns, [list(one.values()) for one in found]))


@app.command("show")
def show_one(
    name: Name,
    as_json: Annotated[
        bool, typer.Option("--json", help="Every value, those left at their default too.")
    ] = False,
) -> None:
    """Prints a recipe as it is written."""
    import json

    from idiolect.adapters import recipes

    if as_json:
        values = recipes.load(name).model_dump(mode="json")
        typer.echo(json.dumps(values, ensure_ascii=False))
    else:
        typer.echo(recipes.text_of(name), nl=False)


@app.command("copy")
def copy(
    name: Name,
    path: Annotated[
        Path | None, typer.Argument(help="The new file; by default ./NAME.toml.")
    ] = None,
) -> None:
    """Copies a recipe into a file of your own; never over another."""
    from idiolect.adapters import recipes

    text = recipes.text_of(name)
    target = path or Path(f"{Path(name).stem}.toml")
    if target.is_dir():
        target = target / f"{Path(name).stem}.toml"
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConflictError(
            f"{target} is there already", hint="Name another file, or remove this one first."
        ) from error
    except OSError as error:
        raise InvalidInputError(
            f"{target} cannot be written: {error.strerror}", hint="Name a file in another folder."
        ) from error
    typer.echo(f"{target}: edit it, then `idiolect recipes check {target}`")


@app.command("check")
def check(
    file: Annotated[str, typer.Argument(help="A .toml file, or a shipped recipe's name.")],
    data: Annotated[
        Path | None, typer.Option(help="Examples to check against it; JSON lines or a folder.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Says what a recipe is and needs, or what is wrong with it; exits with 2 then."""
    from idiolect.adapters import recipes
    from idiolect.preference.presets import preset

    recipe = recipes.load(file)
    objective = composed(recipe, file)
    found = preset(recipe.preset)
    told: dict[str, Any] = {
        "recipe": file,
        "objective": recipe.preset,
        "citation": found.citation,
        "learns_from": sorted(objective.takes),
        "needs": found.data,
        "unverified": found.unverified,
    }
    if data is not None:
        told["examples"] = _checked(data, recipe, objective)
    show(told, as_json, lambda: _tell(told))


def composed(recipe: Recipe, where: str) -> Objective:
    """A recipe's objective.

    Raises:
        InvalidInputError: it cannot be composed; the message names the recipe.
    """
    from idiolect.preference.language import compose

    try:
        return compose(recipe.objective)
    except InvalidInputError as error:
        raise InvalidInputError(
            f"{where}: objective: {error.message}", hint=error.hint, code=error.reason_code
        ) from error


def _checked(data: Path, recipe: Recipe, objective: Objective) -> dict[str, Any]:
    from idiolect.adapters.examples import Divided, warnings_of
    from idiolect.preference.batches import kind_of, require_fit
    from idiolect.preference.reading import read_examples

    examples = read_examples(data)
    require_fit(objective, examples)
    divided = Divided.of(examples, recipe)
    return {
        "file": str(data),
        "kind": kind_of(examples),
        "train": len(divided.train),
        "held_out": len(divided.held_out),
        "ties_left_out": divided.ties,
        "warnings": warnings_of(examples),
    }


def _tell(told: dict[str, Any]) -> None:
    needs = f"; needs {told['needs']}" if told["needs"] else ""
    learns_from = " or ".join(told["learns_from"])
    typer.echo(f"{told['objective']}: {told['citation']}; learns from {learns_from}{needs}")
    if told["unverified"]:
        typer.echo(f"  not verified: {told['unverified']}")
    if "examples" in told:
        counts = told["examples"]
        ties = f", {counts['ties_left_out']} ties left out" if counts["ties_left_out"] else ""
        typer.echo(
            f"{counts['file']}: {counts['train']} {counts['kind']} to learn from,"
            f" {counts['held_out']} held out{ties}"
        )
        for warning in counts["warnings"]:
            typer.echo(f"  mind: {warning}")
