"""What a wheel ships beside the code: the migrations, the recording and the built page.

A hook rather than a static table, because an editable install must work before the page is
built: the build of the page needs Node, which the install itself may have to bring.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {
    "migrations": "idiolect/_migrations",
    "recording/week": "idiolect/_recording",
    "web/dist": "idiolect/_web",
}


class ShippedFilesHook(BuildHookInterface[Any]):
    """Adds the files that live outside the packages to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the folders to include.

        Raises:
            FileNotFoundError: the page has not been built; `make setup` builds it.
        """
        if version != "standard":
            return
        missing = [source for source in SHIPPED if not Path(self.root, source).is_dir()]
        if missing:
            raise FileNotFoundError(f"{', '.join(missing)} is missing: run `make setup` first.")
        build_data["force_include"].update(SHIPPED)
