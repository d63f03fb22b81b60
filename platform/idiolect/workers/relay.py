"""The relay: sends wake-ups for the jobs that are due, closes batches, asks for daily upkeep.

It runs as a thread of each worker and sends only for the queues that this worker serves, and
only while it is idle: so messages never pile up, and whatever a broker loses is sent again.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from idiolect.kit.clock import Clock
from idiolect.observe.batches import BatchLimits, close_batches
from idiolect.store.database import Database
from idiolect.store.models import Job
from idiolect.store.repositories import lease
from idiolect.store.repositories.job import due_daily, enqueue
from idiolect.store.repositories.observation import waiting

log = structlog.get_logger(__name__)

_SEND_AT_ONCE = 8
_BATCHES_EVERY_S = 1.0
_UPKEEP_LOOKED_FOR_EVERY_S = 60.0
_DAY = timedelta(days=1)
_PAUSE_AFTER_ERROR_S = 1.0


class Relay:
    """Looks at the database every ``poll_s`` seconds until it is stopped.

    Args:
        send: hands a wake-up (job id, queue) to the broker.
        is_idle: tells whether this worker could start a job now.
        resend_s: how long a wake-up may go unanswered before it is sent again.
        limits: what closes a user's batch.
        idle_s: silence after which what is left over closes a smaller one.
    """

    def __init__(
        self,
        database: Database,
        send: Callable[[str, str], None],
        is_idle: Callable[[], bool],
        *,
        queues: Sequence[str],
        poll_s: float,
        resend_s: float,
        limits: BatchLimits,
        idle_s: float,
        clock: Clock,
    ) -> None:
        self._database = database
        self._send = send
        self._is_idle = is_idle
        self._queues = queues
        self._poll_s = poll_s
        self._resend_s = resend_s
        self._limits = limits
        self._idle_s = idle_s
        self._clock = clock
        self._batches_at = self._upkeep_at = clock()
        self._stopping = threading.Event()
        self._turning = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="relay", daemon=True)

    def start(self) -> None:
        """Begins to look."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the present turn and waits for that."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def hold(self) -> None:
        """Waits for the end of a turn and closes the database, until ``release``.

        A process may only fork like this: SQLite keeps the state of its locks in the process,
        and a child that inherits a lock in the making finds its database locked for ever.
        """
        self._turning.acquire()
        self._database.close()

    def release(self) -> None:
        """Goes on after ``hold``, in the process that forked and in its child."""
        self._turning.release()

    def turn(self) -> None:
        """Looks once: ends what was abandoned, asks for what is due, sends it."""
        with self._database.transaction() as session:
            for job in lease.settle_abandoned(session, now=self._clock()):
                log.warning("abandoned job ended", job_id=job.id, state=job.state)
        if self._clock() >= self._batches_at:
            self._close_batches()
            self._batches_at = self._clock() + timedelta(seconds=_BATCHES_EVERY_S)
        if self._clock() >= self._upkeep_at:
            self._ask_for_upkeep()
            self._upkeep_at = self._clock() + timedelta(seconds=_UPKEEP_LOOKED_FOR_EVERY_S)
        if self._is_idle():
            self._send_due()

    def _loop(self) -> None:
        pause_s = self._poll_s
        while not self._stopping.wait(pause_s):
            try:
                with self._turning:
                    self.turn()
                pause_s = self._poll_s
            except Exception as error:  # it must outlive a broker or database
                log.warning("relay failed", error=type(error).__name__)
                pause_s = _PAUSE_AFTER_ERROR_S

    def _send_due(self) -> None:
        with self._database.transaction() as session:
            jobs = lease.due(
                session,
                self._queues,
                now=self._clock(),
                resend_s=self._resend_s,
                limit=_SEND_AT_ONCE,
            )
        for job in jobs:
            self._send_one(job)

    def _send_one(self, job: Job) -> None:
        # Booked first: a worker that refuses the job at once must find the booking to undo it.
        with self._database.transaction() as session:
            if not lease.mark_sent(session, job, now=self._clock()):
                return
        try:
            self._send(job.id, job.queue)
        except Exception:
            with self._database.transaction() as session:
                lease.mark_unsent(session, job.id)
            raise

    def _ask_for_upkeep(self) -> None:
        now = self._clock()
        with self._database.transaction() as session:
            for user_id in due_daily(session, "upkeep", since=now - _DAY):
                # Two relays that look at once ask for one job, and not for two.
                key = f"upkeep {now.date()}"
                enqueue(session, user_id, "upkeep", {}, now=now, idempotency_key=key)

    def _close_batches(self) -> None:
        with self._database.transaction() as session:
            users = waiting(session)
        for user in users:
            now = self._clock()
            silent = user.newest_at <= now - timedelta(seconds=self._idle_s)
            with self._database.transaction() as session:
                close_batches(session, user.user_id, self._limits, now=now, partial=silent)
