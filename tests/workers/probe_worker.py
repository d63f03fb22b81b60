"""A real worker whose job kinds are quick and misbehave on request.

Run as a program: ``probe_worker.py DATA_DIR BROKER_URL``. What a job does is in its payload, and
each attempt leaves a line in the file that the payload names.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from idiolect.errors import JobCancelledError, NotFoundError
from idiolect.kit.logs import configure_logs
from idiolect.settings import QueueSettings, Settings
from idiolect.workers.app import QUEUES, run_worker
from idiolect.workers.execute import ClaimedJob, Publish


def count_to(_: None, job: ClaimedJob) -> Publish:
    """Counts to ``steps``, keeping its place in a checkpoint file."""
    place = job.directory / "place"
    step = int(place.read_text()) if place.exists() else 0
    _note(job, f"from {step}")
    while step < job.payload["steps"]:
        if job.should_stop():
            raise JobCancelledError("stopped while counting")
        step += 1
        place.write_text(str(step))
        job.progress.metrics({"step": step}, step / job.payload["steps"])
        time.sleep(job.payload.get("step_s", 0.0))
    return lambda session: _publish(session, job, step)


def fail(_: None, job: ClaimedJob) -> Publish:
    """Fails in the way that ``how`` names."""
    _note(job, "failing")
    if job.payload["how"] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.payload["how"] == "missing":
        raise NotFoundError("there is no such thing")
    raise ValueError("poisoned")


def _note(job: ClaimedJob, text: str) -> None:
    with Path(job.payload["notes"]).open("a") as notes:
        notes.write(f"{text}\n")


def _publish(_: Session, job: ClaimedJob, step: int) -> dict[str, Any]:
    _note(job, "published")
    return {"counted": step}


TASKS: dict[str, Callable[[None, ClaimedJob], Publish]] = {"count": count_to, "fail": fail}

if __name__ == "__main__":
    data_dir, broker_url = sys.argv[1:]
    configure_logs("INFO")
    run_worker(
        Settings(
            data_dir=Path(data_dir),
            queue=QueueSettings(broker_url=broker_url, lease_s=2, poll_s=0.05, retry_s=0.1),
        ),
        QUEUES,
        lambda: None,
        TASKS,
    )
