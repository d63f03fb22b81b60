"""What a running job tells the outside: its share done, its curves, its log."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.repositories import lease
from idiolect.store.repositories.job import EventKind


class Progress:
    """Writes a job's events, each in a short transaction of its own.

    Progress is written at most every ``interval_s`` seconds, so that a loop may report every
    turn; metrics and log lines are all kept.

    Raises:
        LeaseLostError: from every method, when the job is no longer this attempt's.
    """

    def __init__(
        self,
        database: Database,
        job_id: str,
        attempt: int,
        *,
        clock: Clock,
        interval_s: float = 0.25,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._job_id = job_id
        self._attempt = attempt
        self._clock = clock
        self._interval_s = interval_s
        self._timer = timer
        self._next_at_s = timer()

    def share(self, done: float, stage: str) -> None:
        """Sets the share done, in [0, 1], and what is being done."""
        if self._timer() < self._next_at_s:
            return
        self._next_at_s = self._timer() + self._interval_s
        self._write("progress", {"progress": done, "stage": stage}, done)

    def metrics(self, values: Mapping[str, float], done: float) -> None:
        """Adds one point of each of the job's curves."""
        self._write("metrics", values, done)

    def line(self, text: str) -> None:
        """Adds a line to the job's log; it never tells what the user did or wrote."""
        self._write("log", {"text": text}, None)

    def _write(self, kind: EventKind, data: Mapping[str, Any], done: float | None) -> None:
        with self._database.transaction() as session:
            lease.record(
                session,
                self._job_id,
                self._attempt,
                kind,
                data,
                now=self._clock(),
                progress=done,
            )
