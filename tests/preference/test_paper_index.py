"""Every preset has its row in the paper index, and what is unverified says so there."""

from pathlib import Path

import pytest

from idiolect.preference.presets import PRESETS

INDEX = (Path(__file__).parents[2] / "docs" / "paper-index.md").read_text().splitlines()


@pytest.mark.parametrize("name", PRESETS)
def test_the_index_has_it(name: str) -> None:
    rows = [row for row in INDEX if row.startswith("|") and f"`{name}`" in row.split("|")[1]]
    assert len(rows) == 1
    assert ("unverified" in rows[0]) == bool(PRESETS[name].unverified)
