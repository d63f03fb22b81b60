"""``idiolect config``: the settings in force, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from idiolect.cli.connection import load_settings
from idiolect.cli.output import JsonFlag, show, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idiolect.settings import Settings

app = typer.Typer(help="The settings in force.", no_args_is_help=True)


@app.command("show")
def show_all(as_json: JsonFlag = False) -> None:
    """Shows every setting, its value and its origin; secrets are hidden."""
    settings = describe(load_settings())
    rows = [[one["name"], one["value"], one["origin"]] for one in settings]
    show(settings, as_json, lambda: table("Settings", ["setting", "value", "origin"], rows))


def describe(settings: Settings) -> list[dict[str, str]]:
    """Name, value and origin of every setting."""
    from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

    from idiolect.settings import Settings, config_file, leaves

    sources = {
        "environment": EnvSettingsSource(Settings)(),
        str(config_file()): TomlConfigSettingsSource(Settings, toml_file=config_file())(),
    }
    return [
        {
            "name": ".".join(path),
            "value": str(value),  # a SecretStr hides itself
            "origin": next((name for name, tree in sources.items() if _has(tree, path)), "default"),
        }
        for path, value in leaves(settings)
    ]


def _has(tree: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    found: Any = tree
    for name in path:
        if not isinstance(found, dict) or name not in found:
            return False
        found = found[name]
    return True
