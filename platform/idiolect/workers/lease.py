"""The hold on a job while it runs: renewed in the background, watched for a reason to stop."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self

import structlog
from sqlalchemy.exc import OperationalError

from idiolect.errors import LeaseLostError
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.repositories import lease

log = structlog.get_logger(__name__)

StopReason = Literal["cancelled", "lost", "shutdown"]


class Lease:
    """Holds one attempt of a job for as long as the ``with`` block runs.

    A thread looks at the row every ``look_s`` seconds and renews the lease when a third of it
    has passed, so the work itself asks ``should_stop`` at no cost, as often as it likes.

    Args:
        shutting_down: tells whether this worker was asked to end.
    """

    def __init__(
        self,
        database: Database,
        job_id: str,
        attempt: int,
        *,
        lease_s: float,
        clock: Clock,
        shutting_down: Callable[[], bool],
        look_s: float = 0.5,
    ) -> None:
        self._database = database
        self._job_id = job_id
        self._attempt = attempt
        self._lease_s = lease_s
        self._clock = clock
        self._shutting_down = shutting_down
        self._look_s = min(look_s, lease_s / 6)
        self._renewed = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lease", daemon=True)
        self.stop_reason: StopReason | None = None

    def should_stop(self) -> bool:
        """Whether the work should end at its next step; ``stop_reason`` says why."""
        return self.stop_reason is not None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(self._look_s) and self.stop_reason != "lost":
            try:
                self._look()
            except LeaseLostError:
                self.stop_reason = "lost"
            except OperationalError as error:
                # The database is away for a moment; the lease may outlive that.
                log.warning("lease not renewed", job_id=self._job_id, error=type(error).__name__)
                if time.monotonic() - self._renewed > self._lease_s:
                    self.stop_reason = "lost"

    def _look(self) -> None:
        with self._database.transaction() as session:
            cancelled = lease.stop_requested(session, self._job_id, self._attempt)
        if cancelled:
            self.stop_reason = "cancelled"
        elif self._shutting_down():
            self.stop_reason = "shutdown"
        now = time.monotonic()
        if now - self._renewed < self._lease_s / 3:
            return
        with self._database.transaction() as session:
            lease.renew(
                session, self._job_id, self._attempt, now=self._clock(), lease_s=self._lease_s
            )
        self._renewed = now
