"""Folders and columnar files as rows, by the package ``datasets`` where it is installed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from idiolect.errors import InvalidInputError, NotReadyError
from idiolect.preference.reading.fields import Row

COLUMNAR = {".parquet": "parquet", ".arrow": "arrow"}
"""Files that ``datasets`` reads by themselves, with its name for the format."""

_SAVED = ("state.json", "dataset_dict.json")  # what ``save_to_disk`` leaves


def folder_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Each row with its number, which counts from 1.

    Of several splits it takes ``train``.

    Raises:
        NotReadyError: ``datasets`` is not installed.
        InvalidInputError: ``datasets`` cannot read it, or there are splits and none is ``train``.
    """
    try:
        import datasets
    except ImportError as error:
        raise NotReadyError(
            f"{path} takes the package `datasets` to read, which is not installed",
            hint="Install it with `pip install datasets`, or export the rows as JSON lines:"
            " `dataset.to_json('pairs.jsonl')`.",
        ) from error
    datasets.disable_progress_bars()
    try:
        loaded = _load(datasets, path)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise InvalidInputError(
            f"{path} cannot be read as a dataset: {error}",
            hint="Name a folder that `save_to_disk` wrote or that holds parquet or JSON lines.",
            code="INVALID_DATA",
        ) from error
    yield from enumerate(_split(path, loaded), 1)


def _load(datasets: Any, path: Path) -> Any:
    if path.is_file():
        return datasets.load_dataset(COLUMNAR[path.suffix], data_files=str(path))
    if any((path / name).is_file() for name in _SAVED):
        return datasets.load_from_disk(str(path))
    return datasets.load_dataset(str(path))


def _split(path: Path, loaded: Any) -> Any:
    if not isinstance(loaded, dict):
        return loaded
    if "train" not in loaded and len(loaded) > 1:
        raise InvalidInputError(
            f"{path} has the splits {', '.join(loaded)} and none is called train",
            hint="Name the folder of one split, or export it as JSON lines.",
            code="INVALID_DATA",
        )
    return loaded.get("train") or next(iter(loaded.values()))
