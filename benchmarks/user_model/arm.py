"""One measure of one arm, in a process of its own.

Called by ``benchmarks.user_model`` with a JSON object; prints one. Peers run it with their own
interpreter, so nothing of ours is imported before it is known whose arm it is.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.user_model.measures import Stopwatch

LIMIT = 10


class Engine(Protocol):
    """A user model that learns and is searched."""

    def fill(self, folder: Path, size: int) -> None:
        """Puts so many statements in, past the model; ``folder`` has them as plain values."""
        ...

    def ingest(self, texts: Sequence[str]) -> None:
        """Learns from a batch of what was seen."""
        ...

    def search(self, question: str, limit: int) -> list[str]:
        """The texts of what is found, best first."""
        ...

    def figures(self) -> dict[str, float]:
        """What is in the store at the end."""
        ...

    def close(self) -> None:
        """Lets go of files."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What an engine is to do.

    Attributes:
        engine: a key of ``ENGINES``.
        url: the endpoint's.
        folder: where the engine keeps its store.
        material: where the screens, statements and questions lie.
        size: statements to fill the store with first; 0 for none.
        embedding: how texts become vectors: ``known``, at no cost in this process; ``endpoint``;
            or ``bundled``, our own model.
    """

    engine: str
    url: str
    folder: Path
    material: Path
    size: int = 0
    embedding: str = "endpoint"


ENGINES = {
    "ours": "benchmarks.user_model.our_engine",
    "gum": "benchmarks.user_model.gum_engine",
    "mem0": "benchmarks.user_model.mem0_engine",
}
"""Modules with a function ``open_engine(job, user_name)``."""


def ingest(engine: Engine, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every batch's milliseconds; the first one is not counted, it opens what is opened once."""
    batches = given["batches"]
    engine.ingest(batches[0])
    watches = []
    for batch in batches[1:]:
        with Stopwatch() as watch:
            engine.ingest(batch)
        watches.append(watch)
    return {
        "observations": len(batches[0]) * len(watches),
        "wall_ms": [watch.wall_ms for watch in watches],
        "processor_ms": [watch.processor_ms for watch in watches],
        **engine.figures(),
    }


def search(engine: Engine, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every question's milliseconds; each is asked once before it counts."""
    for question in given["questions"]:
        engine.search(question, LIMIT)
    watches, found = [], 0
    for question in given["questions"]:
        with Stopwatch() as watch:
            found += len(engine.search(question, LIMIT))
        watches.append(watch)
    return {
        "wall_ms": [watch.wall_ms for watch in watches],
        "processor_ms": [watch.processor_ms for watch in watches],
        "found": found / len(watches),
        **engine.figures(),
    }


MEASURES: dict[str, Callable[[Engine, Mapping[str, Any]], dict[str, Any]]] = {
    "ingest": ingest,
    "search": search,
}


def main() -> None:
    """Measures and reports."""
    given = json.loads(sys.argv[1])
    measure = MEASURES[given.pop("measure")]
    folders = {name: Path(given[name]) for name in ("folder", "material")}
    job = Job(**{**given, **folders})
    material = json.loads((job.material / "material.json").read_text())
    engine: Engine = import_module(ENGINES[job.engine]).open_engine(job, material["user_name"])
    try:
        if job.size:
            engine.fill(job.material, job.size)
        print(json.dumps(measure(engine, material)))
    finally:
        engine.close()


if __name__ == "__main__":
    main()
