"""Rows of written material: JSON lines, gzipped."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA_DIR = Path(__file__).parent / "data"


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file in their order.

    Raises:
        FileNotFoundError: it is not there.
    """
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
