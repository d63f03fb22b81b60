"""Runs the measures of ``benchmarks.user_model``; see there."""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured import Spread, in_own_process
from benchmarks.user_model import __doc__ as told
from benchmarks.user_model import locomo, material, plots
from benchmarks.user_model.endpoint import served
from benchmarks.user_model.measures import Stopwatch, growth, percentile
from idiolect.lm.embedding.bundled import BundledEmbedder

ARM = "benchmarks.user_model.arm"
LOCOMO_ARM = "benchmarks.user_model.locomo_arm"
MEASURES = ("search", "ingest", "locomo")
PEERS = ("gum", "mem0")


@dataclass(frozen=True, slots=True)
class Run:
    """What is run, and with what.

    Attributes:
        batches: of five observations each, without the first one, which is not counted.
        questions: asked of every store.
        sizes: of stores that are searched.
        prefilled: of stores of ours that learn, too.
        repetitions: of ingest; the arms take turns.
        peers_python: their interpreter; None for no peers.
        work: where stores and material lie meanwhile.
    """

    batches: int
    questions: int
    sizes: Sequence[int]
    prefilled: Sequence[int]
    repetitions: int
    peers_python: str | None
    work: Path

    @property
    def engines(self) -> tuple[str, ...]:
        """Those that can be run."""
        return ("ours", *PEERS) if self.peers_python else ("ours",)

    def python(self, engine: str) -> str:
        """The interpreter of an engine."""
        return (self.peers_python or "") if engine in PEERS else sys.executable

    def arm(
        self, measure: str, engine: str, folder: Path, *, size: int = 0, embedding: str = "endpoint"
    ) -> dict[str, Any]:
        """One measure in a process of its own, with an endpoint of its own."""
        with served() as url:
            given = {
                "measure": measure,
                "engine": engine,
                "url": url,
                "folder": str(folder),
                "material": str(self.work / "material"),
                "size": size,
                "embedding": embedding,
            }
            return in_own_process(ARM, given, python=self.python(engine))


def ingest(run: Run) -> dict[str, Any]:
    """Every engine on an empty store, ours on filled ones as well, in turns."""
    arms = {engine: (engine, 0, "endpoint") for engine in run.engines}
    arms["ours, bundled embedder"] = ("ours", 0, "bundled")
    arms |= {f"ours, {size:,} known": ("ours", size, "endpoint") for size in run.prefilled}
    reports: dict[str, list[dict[str, Any]]] = {name: [] for name in arms}
    for turn in range(run.repetitions):
        for name in list(arms) if turn % 2 == 0 else list(reversed(arms)):
            engine, size, embedding = arms[name]
            folder = run.work / "ingest"
            filled = run.work / "stores" / f"ours-{size}"
            if size and filled.exists():
                shutil.copytree(filled, folder)
            found = run.arm("ingest", engine, folder, size=size, embedding=embedding)
            shutil.rmtree(folder)
            reports[name].append(found)
            show_ingest(name, [found])
    return {name: learned(found) for name, found in reports.items()}


def learned(reports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Observations a second, and how time grows, over repetitions."""
    ends = [growth(one["processor_ms"]) for one in reports]
    kept = {name: reports[0][name] for name in reports[0] if not name.endswith("_ms")}
    return {
        "per_processor_s": Spread.of([_rate(one, "processor_ms") for one in reports]),
        "per_wall_s": Spread.of([_rate(one, "wall_ms") for one in reports]),
        "first_20_ms": Spread.of([first for first, _ in ends]),
        "last_20_ms": Spread.of([last for _, last in ends]),
        "growth": Spread.of([last / first for first, last in ends]),
        "batches_ms": reports[0]["processor_ms"],
        **kept,
    }


def _rate(report: Mapping[str, Any], key: str) -> float:
    return 1000 * float(report["observations"]) / float(sum(report[key]))


def show_ingest(name: str, reports: Sequence[Mapping[str, Any]]) -> None:
    """One line."""
    row = learned(reports)
    print(
        f"  {name:<24}{row['per_processor_s'].median:7.1f} observations a processor second,"
        f" {row['per_wall_s'].median:6.1f} a second of wall time; a batch"
        f" {row['first_20_ms'].median:6.1f} to {row['last_20_ms'].median:6.1f} ms",
        flush=True,
    )


def search(run: Run) -> dict[str, Any]:
    """Every engine over every size, without its embedding and, where it has one, with it."""
    report: dict[str, Any] = {"one embedding, ours": _embedding(run.questions)}
    for size in run.sizes:
        for engine in run.engines:
            folder = run.work / "stores" / f"{engine}-{size}"
            embeddings = ("endpoint",) if engine == "gum" else ("known", "endpoint")
            for embedding in embeddings:
                found = run.arm("search", engine, folder, size=size, embedding=embedding)
                name = f"{engine}, embedding counted" if embedding != embeddings[0] else engine
                report.setdefault(name, {})[size] = row = _percentiles(found)
                print(
                    f"  {size:>7,} {name:<26} processor {row['processor_p50_ms']:7.1f} /"
                    f" {row['processor_p95_ms']:7.1f}   wall {row['wall_p50_ms']:7.1f} /"
                    f" {row['wall_p95_ms']:7.1f} ms",
                    flush=True,
                )
            if engine != "ours" or size not in run.prefilled:
                shutil.rmtree(folder)
    return report


def _percentiles(found: Mapping[str, Any]) -> dict[str, float]:
    return {
        f"{kind}_p{share}_ms": percentile(found[f"{kind}_ms"], share / 100)
        for kind in ("processor", "wall")
        for share in (50, 95)
    } | {"found": found.get("found", 0.0)}


def _embedding(count: int) -> dict[str, float]:
    """What turning a question into a vector takes with the model that we ship."""
    embedder, watches = BundledEmbedder(), []
    for question in material.questions(count):
        embedder.embed([question])
        with Stopwatch() as watch:
            embedder.embed([question])
        watches.append(watch)
    return _percentiles(
        {
            "processor_ms": [watch.processor_ms for watch in watches],
            "wall_ms": [watch.wall_ms for watch in watches],
        }
    )


def retrieval(run: Run) -> dict[str, Any]:
    """What every engine finds of LoCoMo's evidence."""
    folder = os.environ.get("IDIOLECT_DATA", "")
    conversations = locomo.read(Path(folder)) if folder else []
    if not conversations:
        print("  skipped: IDIOLECT_DATA names no folder with nc-locomo/conversations.jsonl.gz")
        return {}
    locomo.write(run.work / "material", conversations, BundledEmbedder())
    report: dict[str, Any] = {}
    for engine in run.engines:
        given = {
            "engine": engine,
            "url": "http://127.0.0.1:9/v1",  # nothing is asked of it
            "folder": str(run.work / f"locomo-{engine}"),
            "material": str(run.work / "material"),
        }
        for arm, rankings in in_own_process(LOCOMO_ARM, given, python=run.python(engine)).items():
            report[arm] = locomo.figures(conversations, rankings)
            show_retrieval(arm, report[arm])
    return report


def show_retrieval(arm: str, row: Mapping[str, Mapping[str, float]]) -> None:
    """One line."""
    cells = (
        f"{kind} " + " ".join(f"{each[name]:.3f}" for name in ("recall@5", "recall@10", "mrr"))
        for kind, each in row.items()
        if each["questions"]
    )
    print(f"  {arm:<22}{'   '.join(cells)}", flush=True)


def main() -> None:
    """Measures, shows, and writes the JSON and the plots."""
    parser = argparse.ArgumentParser(
        description=told, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers-python", help="the interpreter that has GUM and mem0")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=MEASURES)
    parser.add_argument("--quick", action="store_true", help="few batches, small stores, once")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--batches", type=int, default=120)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 2_000, 10_000, 50_000])
    parser.add_argument("--prefilled", type=int, nargs="*", default=[10_000, 50_000])
    parser.add_argument("--out", type=Path, help="folder for user-model.json and the plots")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    given = parser.parse_args()
    if given.quick:
        given.repetitions, given.batches, given.questions = 1, 10, 10
        given.sizes, given.prefilled = [300], [300]
    if not given.peers_python:
        print("GUM and mem0 are skipped: give their interpreter as --peers-python")
    report: dict[str, Any] = {"processor": _processor(), "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as scratch:
        run = Run(
            given.batches,
            given.questions,
            given.sizes,
            [size for size in given.prefilled if size in given.sizes],
            given.repetitions,
            given.peers_python,
            Path(scratch),
        )
        material.write(run.work / "material", run.batches + 1, run.sizes, run.questions)
        measures = {"search": search, "ingest": ingest, "locomo": retrieval}
        for name in MEASURES:
            if name in given.only:
                print(f"\n{name}")
                report[name] = measures[name](run)
                if given.out:  # after each, since the whole takes long
                    given.out.mkdir(parents=True, exist_ok=True)
                    text = json.dumps(report, default=_fields, indent=1)
                    (given.out / "user-model.json").write_text(text + "\n")
    if given.out:
        for path in plots.draw(json.loads(json.dumps(report, default=_fields)), given.out):
            print(path)
    if given.json:
        print(json.dumps(report, default=_fields))


def _fields(value: Any) -> Any:
    return {"median": value.median, "low": value.low, "high": value.high}


def _processor() -> str:
    """What it calls itself, and how many cores there are."""
    named = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else named}, {os.cpu_count()} cores"


if __name__ == "__main__":
    main()
