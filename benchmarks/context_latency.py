"""How long it takes to tell an assistant what it needs to know, by how much is known.

    python -m benchmarks.context_latency [--sizes 10000 50000] [--queries 100] [--keep DIR] [--json]

Measured is the whole of a briefing (``assistant.briefing``): two searches, for what bears on the
question and for how to answer, then the charter, the evidence and the text. The store is SQLite
and Chroma's files, see ``synthetic_store``; vectors of questions are known, so embedding is not
counted.

*own key*: everything is shown. *program*: what is shared with it, with all figures as if there
were nothing else. *profile*: an own key without a question. *HTTP*: an own key through the client
and the server on loopback, both in this process.

Every question is asked once before it counts. Wall time is what a user waits, and on a busy machine
mostly waiting for a processor; processor time is that of all threads of this process.
"""

import argparse
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

from benchmarks.synthetic_store import Owner, fill, opened
from idiolect.api.app import create_app
from idiolect.assistant.briefing import brief
from idiolect.client import IdiolectClient
from idiolect.kit.clock import utc_now
from idiolect.usermodel.memory.act import scopes_of
from idiolect.usermodel.search import Asker
from idiolect.wiring import Services

BUDGET_TOKENS = 500
AIMS_MS = {10_000: 50, 50_000: 100}


def measured(ask: Callable[[str], object], questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds that a call takes: 50th and 95th percentiles."""
    for question in questions:
        ask(question)
    wall, processor = [], []
    for question in questions:
        started, worked = time.perf_counter(), time.process_time()
        ask(question)
        wall.append(1000 * (time.perf_counter() - started))
        processor.append(1000 * (time.process_time() - worked))
    return {
        "wall_p50_ms": float(np.percentile(wall, 50)),
        "wall_p95_ms": float(np.percentile(wall, 95)),
        "processor_p50_ms": float(np.percentile(processor, 50)),
        "processor_p95_ms": float(np.percentile(processor, 95)),
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


def run(folder: Path, size: int, queries: int) -> dict[str, Any]:
    """All arms over one store, which is filled unless it is there."""
    started = time.perf_counter()
    if not (folder / "owner.json").exists():
        fill(folder, size)
    filled_s = time.perf_counter() - started
    with opened(folder, queries) as (services, owner, questions):
        figures = {name: measured(ask, questions) for name, ask in arms(services, owner).items()}
        with served(services) as url, IdiolectClient(url, owner.key) as client:
            figures["HTTP"] = measured(
                lambda question: client.context(question, budget_tokens=BUDGET_TOKENS), questions
            )
    return {"propositions": size, "filled_s": filled_s, "load": os.getloadavg()[0], **figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 50_000])
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="where the stores stay, to be used again")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for size in given.sizes:
            result = run((given.keep or Path(scratch)) / str(size), size, given.queries)
            if given.json:
                print(json.dumps(result))
                continue
            print(f"{size:,} propositions (load {result['load']:.1f}); ms, p50 / p95")
            for name, figures in result.items():
                if isinstance(figures, dict):
                    wall = f"{figures['wall_p50_ms']:8.1f} / {figures['wall_p95_ms']:8.1f}"
                    own = f"{figures['processor_p50_ms']:8.1f} / {figures['processor_p95_ms']:8.1f}"
                    print(f"  {name:10} wall {wall}   processor {own}")
            if (aim := AIMS_MS.get(size)) is not None:
                print(f"  aim: wall p95 under {aim} ms on two idle cores")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
