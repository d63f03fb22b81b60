"""The recipes that ship with Idiolect, one TOML file each, and how a recipe is found by name."""

from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from idiolect.adapters.recipe import Recipe, recipe_from
from idiolect.errors import InvalidInputError, NotFoundError

DEFAULT = "personal"

_FOLDER = files(__name__)


def names() -> list[str]:
    """The shipped recipes, the default first."""
    found = [file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if _is_recipe(file.name)]
    return sorted(found, key=lambda name: (name != DEFAULT, name))


def text_of(name_or_file: str) -> str:
    """The TOML text of a shipped recipe, or of a file.

    What ends in ``.toml`` or has a slash is a file.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: the file is not text.
    """
    if not (_is_recipe(name_or_file) or "/" in name_or_file):
        if name_or_file not in names():
            raise _unknown(name_or_file)
        return (_FOLDER / f"{name_or_file}.toml").read_text(encoding="utf-8")
    try:
        return Path(name_or_file).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(
            f"there is no recipe file {name_or_file}",
            hint="Correct the path, or name a shipped recipe: `idiolect recipes ls`.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            f"{name_or_file} cannot be read as a recipe: {error}", hint="Name a TOML file."
        ) from error


def load(name_or_file: str) -> Recipe:
    """A shipped recipe or a file's.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: it cannot be used.
    """
    return recipe_from(text_of(name_or_file), name_or_file)


def _is_recipe(name: str) -> bool:
    return name.endswith(".toml")


def _unknown(name: str) -> NotFoundError:
    near = get_close_matches(name, names(), n=1)
    return NotFoundError(
        f"there is no recipe {name!r}{f'; did you mean {near[0]}?' if near else ''}",
        hint=f"Use one of {', '.join(names())}, or the path of a .toml file.",
    )
