"""How long the daily upkeep takes and how much memory it needs, by how much is known.

   python -m benchmarks.upkeep [--sizes 10000] [--embedded] [--fresh] [--rounds 2] [--keep DIR]

Measured is ``Upkeep.run`` in a process of its own over a store in SQLite and Chroma's files, see
``synthetic_store``. The first round is the first upkeep ever: it archives a part of the store. The
rounds after it are every other day's. With ``--embedded`` the propositions have the vectors of the
bundled embedder, so that statements on one topic are as alike as real ones are; without, they lie
near random ones of their topic, which spares the minutes of embedding, and few are alike enough to
be compared. With ``--fresh`` everything was supported today, so that nothing is archived and all of
it is compared.

Processor time is that of all threads. Memory is the process's peak, of which the libraries and the
loaded index are the most.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import update

from benchmarks.measured import in_own_process
from benchmarks.synthetic_store import KnownEmbedder, Owner, fill
from idiolect.kit.clock import utc_now
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.lm.protocols import Embedder
from idiolect.settings import Settings
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.vectors.chroma import ChromaVectorStore
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.relate.rules import RulesRelater
from idiolect.usermodel.upkeep import Upkeep

MIB = 1024  # of ru_maxrss, which is in KiB on Linux


def run_once(folder: Path, embedder: Embedder) -> dict[str, Any]:
    """One upkeep over a filled store: what it did, and what it took."""
    owner = Owner(**json.loads((folder / "owner.json").read_text()))
    database = Database(Settings(data_dir=folder).database)
    vectors = ChromaVectorStore.embedded(embedder.name, folder / "chroma")
    index = PropositionIndex(database, vectors, embedder)
    memories = Memories(database, index, BlobStore(folder / "blobs"), utc_now)
    upkeep = Upkeep(database, vectors, index, memories, RulesRelater(), utc_now)
    vectors.count(owner.user_id)  # Chroma has loaded its index
    stages: dict[str, float] = {}
    stage, since = "", time.process_time()

    def tell(_: float, what: str) -> None:
        nonlocal stage, since
        now = time.process_time()
        stages[stage] = stages.get(stage, 0.0) + now - since
        stage, since = what, now

    started, worked = time.perf_counter(), time.process_time()
    report = upkeep.run(owner.user_id, since=None, tell=tell)
    tell(1.0, "")
    vectors.close()
    database.close()
    return {
        "processor_s": time.process_time() - worked,
        "wall_s": time.perf_counter() - started,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB,
        "stages_s": {name: taken for name, taken in stages.items() if name},
        "active": report.active,
        "archived": report.archived,
        "duplicates": report.duplicates,
        "contradictions": report.contradictions,
        "junk": report.junk,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Fills a store for each size, runs upkeeps over it, and prints what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000])
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for the stores")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as work:
        for size in asked.sizes:
            kind = "embedded" if asked.embedded else "topics"
            age = "-fresh" if asked.fresh else ""
            folder = (asked.keep or Path(work)) / f"{kind}-{size}{age}"
            if not (folder / "owner.json").exists():
                folder.mkdir(parents=True, exist_ok=True)
                fill(folder, size, BundledEmbedder() if asked.embedded else None)
                if asked.fresh:
                    _freshen(folder)
            for number in range(1, asked.rounds + 1):
                told = {"folder": str(folder), "embedded": asked.embedded}
                took = in_own_process("benchmarks.upkeep", told)
                _print(size, number, took)


def _freshen(folder: Path) -> None:
    """Has every proposition supported today."""
    database = Database(Settings(data_dir=folder).database)
    with database.transaction() as session:
        session.execute(update(Memory).values(supported_at=utc_now()))
    database.close()


def _print(size: int, number: int, took: dict[str, Any]) -> None:
    stages = ", ".join(f"{name} {taken:.1f} s" for name, taken in took["stages_s"].items())
    print(
        f"{size:,} propositions, round {number}: {took['processor_s']:.1f} s of a processor, "
        f"{took['wall_s']:.1f} s; {took['peak_mib']:,.0f} MiB; "
        f"{took['archived']:,} archived, {took['active']:,} active, "
        f"{took['duplicates']:,} duplicates, {took['contradictions']:,} contradictions\n  {stages}"
    )


if __name__ == "__main__":
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        given = json.loads(sys.argv[1])
        embedder = BundledEmbedder() if given["embedded"] else KnownEmbedder()
        print(json.dumps(run_once(Path(given["folder"]), embedder)))
    else:
        main()
