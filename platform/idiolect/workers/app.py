"""The worker: Celery with one prefork child, and the relay in its parent."""

import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from celery import Celery, signals
from celery.worker import state

from idiolect.kit.clock import utc_now
from idiolect.kit.processes import end_with_parent
from idiolect.observe.batches import BatchLimits
from idiolect.settings import Settings
from idiolect.store.database import Database
from idiolect.workers.broker import broker_settings
from idiolect.workers.execute import Executor, Task
from idiolect.workers.relay import Relay

S = TypeVar("S")

QUEUES = ("cpu", "gpu")
_TASK_NAME = "idiolect.run_job"


def run_worker(
    settings: Settings,
    queues: Sequence[str],
    build: Callable[[], S],
    tasks: Mapping[str, Task[S]],
) -> None:
    """Works until it is told to end (SIGTERM): then it gives its job back and returns.

    Args:
        queues: which of ``QUEUES`` to serve.
        build: makes the services that tasks use, called in the child.
        tasks: what to do for each kind of job.
    """
    app = Celery("idiolect")
    app.conf.update(_celery_settings(settings))
    # Made before the child is forked, so that both sides see the same flag.
    stopping = multiprocessing.Event()
    executors: list[Executor[S]] = []

    @app.task(name=_TASK_NAME)  # type: ignore[untyped-decorator]  # celery ships no types
    def run_job(job_id: str) -> None:
        if not executors:
            executors.append(_executor(settings, build, tasks, stopping.is_set))
        executors[0].run(job_id)

    ready_file = settings.data_dir / "run" / "worker.ready"
    ready_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    ready_file.unlink(missing_ok=True)
    relay = _relay(settings, app, queues, stopping.is_set)
    # Celery forks a new child whenever one dies, in the middle of whatever the relay does.
    os.register_at_fork(
        before=relay.hold, after_in_parent=relay.release, after_in_child=relay.release
    )
    _connect_signals(relay, ready_file, stopping.set)
    app.worker_main(
        [
            "--quiet",
            "worker",
            f"--queues={','.join(queues)}",
            "--pool=prefork",
            "--concurrency=1",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def _celery_settings(settings: Settings) -> dict[str, Any]:
    return {
        **broker_settings(settings.queue.broker_url, settings.data_dir / "queue"),
        "broker_connection_retry_on_startup": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "worker_prefetch_multiplier": 1,
        "worker_lost_wait": 1.0,  # a child that was killed says nothing more, so do not wait long
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "enable_utc": True,
    }


def _executor(
    settings: Settings,
    build: Callable[[], S],
    tasks: Mapping[str, Task[S]],
    shutting_down: Callable[[], bool],
) -> Executor[S]:
    return Executor(
        Database(settings.database),
        build,
        tasks,
        worker_id=f"{socket.gethostname()}:{os.getpid()}",
        work_dir=settings.data_dir / "work",
        lease_s=settings.queue.lease_s,
        retry_s=settings.queue.retry_s,
        clock=utc_now,
        shutting_down=shutting_down,
    )


def _relay(
    settings: Settings, app: Celery, queues: Sequence[str], shutting_down: Callable[[], bool]
) -> Relay:
    def send(job_id: str, queue: str) -> None:
        app.send_task(_TASK_NAME, args=[job_id], queue=queue)

    return Relay(
        Database(settings.database),
        send,
        lambda: not (state.reserved_requests or shutting_down()),
        queues=queues,
        poll_s=settings.queue.poll_s,
        resend_s=settings.queue.lease_s,
        limits=BatchLimits(settings.user_model.batch_size, settings.user_model.batch_tokens),
        idle_s=settings.user_model.idle_s,
        clock=utc_now,
    )


def _connect_signals(
    relay: Relay, ready_file: Path, tell_child_to_stop: Callable[[], None]
) -> None:
    def started(**_: Any) -> None:
        relay.start()
        ready_file.touch()

    def stopping(**_: Any) -> None:
        tell_child_to_stop()

    def stopped(**_: Any) -> None:
        relay.stop()
        ready_file.unlink(missing_ok=True)

    def child_started(**_: Any) -> None:
        end_with_parent(signal.SIGKILL)

    def keep_our_logs(**_: Any) -> None:
        """A receiver is enough to keep Celery from configuring the logs."""

    signals.worker_ready.connect(started, weak=False)
    signals.worker_shutting_down.connect(stopping, weak=False)
    signals.worker_shutdown.connect(stopped, weak=False)
    signals.worker_process_init.connect(child_started, weak=False)
    signals.setup_logging.connect(keep_our_logs, weak=False)
