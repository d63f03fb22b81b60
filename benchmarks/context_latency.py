"""How long it takes to tell an assistant what it needs to know, by how much is known.

    python -m benchmarks.context_latency [--sizes 10000 50000] [--queries 100] [--rounds 5]
        [--postgres URL] [--keep DIR] [--json]

Measured is the whole of a briefing (``assistant.briefing``): two searches, for what bears on the
question and for how to answer, then the charter, the evidence and the text. The store is SQLite, or
PostgreSQL on the server of the URL, and Chroma's files, see ``synthetic_store``; vectors of
questions are known, so embedding is not counted but measured apart.

*own key*: everything is shown. *program*: what is shared with it, one in a hundred, with all
figures as if there were nothing else. *profile*: an own key without a question. *HTTP*: an own key
through the client and the server on loopback, both in this process. *embedding*: the bundled model
on what a briefing embeds, the question and the one about style.

Every question is asked once before it counts, and then in several rounds. *best* is the shortest
wall time of each question: what it takes where nothing else wants the processor. *wall* are all of
them, on a busy machine mostly waiting; *processor* is the time of all threads of this process.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from sqlalchemy import create_engine, make_url, text

from benchmarks.synthetic_store import Owner, fill, opened
from idiolect.api.app import create_app
from idiolect.assistant.briefing import brief
from idiolect.client import IdiolectClient
from idiolect.kit.clock import utc_now
from idiolect.lm.embedding.bundled import BundledEmbedder
from idiolect.personalize.profile import STYLE_QUERY
from idiolect.usermodel.memory.act import scopes_of
from idiolect.usermodel.search import Asker
from idiolect.wiring import Services

BUDGET_TOKENS = 500
AIMS_MS = {10_000: 50, 50_000: 100}


def measured(
    ask: Callable[[str], object], questions: Sequence[str], rounds: int
) -> dict[str, float]:
    """Milliseconds that a call takes: 50th and 95th percentiles."""
    for question in questions:
        ask(question)
    wall, processor = np.empty((rounds, len(questions))), np.empty((rounds, len(questions)))
    for turn, place in itertools.product(range(rounds), range(len(questions))):
        started, worked = time.perf_counter(), time.process_time()
        ask(questions[place])
        wall[turn, place] = 1000 * (time.perf_counter() - started)
        processor[turn, place] = 1000 * (time.process_time() - worked)
    figures = {"best": wall.min(axis=0), "wall": wall, "processor": processor}
    return {
        f"{name}_p{share}_ms": float(np.percentile(taken, share))
        for name, taken in figures.items()
        for share in (50, 95)
    }


def arms(services: Services, owner: Owner) -> dict[str, Callable[[str], object]]:
    """The calls of the domain, by name."""
    charter = services.charters.of(owner.user_id)

    def told(question: str, *, is_owner: bool) -> object:
        scopes = None if is_owner else scopes_of(owner.program_key_id)
        return brief(
            services.database,
            services.user_model,
            charter,
            Asker(owner.user_id, utc_now(), with_private=is_owner, scopes=scopes),
            question,
            budget_tokens=BUDGET_TOKENS,
        )

    return {
        "own key": lambda question: told(question, is_owner=True),
        "program": lambda question: told(question, is_owner=False),
        "profile": lambda _: told("", is_owner=True),
    }


@contextmanager
def served(services: Services) -> Iterator[str]:
    """The API on a loopback port of the system's choice."""
    app = create_app(services)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    [port] = [each.getsockname()[1] for each in server.servers[0].sockets]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@contextmanager
def database_on(server: str, size: int) -> Iterator[str]:
    """An empty database on a PostgreSQL server while it is wanted; "" where no server is given."""
    if not server:
        yield ""
        return
    url = make_url(server).set(drivername="postgresql+psycopg")
    name = f"idiolect_context_{size}"
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def run(folder: Path, size: int, queries: int, rounds: int, database_url: str) -> dict[str, Any]:
    """All arms over one store, which is filled unless it is there."""
    started = time.perf_counter()
    if not (folder / "owner.json").exists():
        fill(folder, size, database_url=database_url)
    filled_s = time.perf_counter() - started
    with opened(folder, queries, database_url=database_url) as (services, owner, questions):
        figures = {
            name: measured(ask, questions, rounds) for name, ask in arms(services, owner).items()
        }
        with served(services) as url, IdiolectClient(url, owner.key) as client:
            figures["HTTP"] = measured(
                lambda question: client.context(question, budget_tokens=BUDGET_TOKENS),
                questions,
                rounds,
            )
        embedder = BundledEmbedder()
        figures["embedding"] = measured(
            lambda question: embedder.embed([question, STYLE_QUERY]), questions, rounds
        )
    return {"propositions": size, "filled_s": filled_s, "load": os.getloadavg()[0], **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgres", default="", help="a server; its databases are made anew")
    parser.add_argument("--keep", type=Path, help="where stores on SQLite stay, to be used again")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.keep and given.postgres:
        parser.error("--keep is for SQLite: a database of a server is made anew each time")
    with tempfile.TemporaryDirectory() as scratch:
        for size in given.sizes:
            folder = (given.keep or Path(scratch)) / str(size)
            with database_on(given.postgres, size) as database_url:
                result = run(folder, size, given.queries, given.rounds, database_url)
            if given.json:
                print(json.dumps(result))
            else:
                show(result)
            sys.stdout.flush()


def show(result: dict[str, Any]) -> None:
    """The figures as a table."""
    size = result["propositions"]
    print(f"{size:,} propositions (load {result['load']:.1f}); ms, p50 / p95")
    for name, figures in result.items():
        if isinstance(figures, dict):
            columns = (
                f"{kind} {figures[f'{kind}_p50_ms']:6.1f} / {figures[f'{kind}_p95_ms']:6.1f}"
                for kind in ("best", "wall", "processor")
            )
            print(f"  {name:10} {'   '.join(columns)}")
    if (aim := AIMS_MS.get(size)) is not None:
        print(f"  aim: wall p95 under {aim} ms on two idle cores")


if __name__ == "__main__":
    main()
