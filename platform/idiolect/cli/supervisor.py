"""One parent for the processes of Idiolect: starts them, keeps them up, leaves none behind."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from idiolect.errors import NotReadyError
from idiolect.kit.processes import end_with_parent

log = structlog.get_logger(__name__)

_POLL_S = 0.1
_RESTARTS = 5
_FORGIVEN_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """A process to run: what it is called, how it is started, and when it can be used."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]


@dataclass(slots=True)
class _Child:
    part: Part
    log: Path
    process: subprocess.Popen[bytes]
    deaths_s: list[float] = field(default_factory=list)
    start_at_s: float | None = None


class Supervisor:
    """Runs parts as children, each in a process group of its own, with a log file of its own.

    A child that dies is started again after a pause that doubles, at most five times a minute.
    On Linux the children are told to end even if this process is killed outright.

    Args:
        environment: what the children get.
        log_dir: where ``<name>.log`` files lie; made when missing.
        ready_s: how long the parts may take to become ready.
        grace_s: how long a child may take to end before it is killed with its group.
        first_pause_s: the pause before a child that died is started again for the first time.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        environment: Mapping[str, str],
        log_dir: Path,
        ready_s: float = 180.0,
        grace_s: float = 15.0,
        first_pause_s: float = 0.5,
    ) -> None:
        self._parts = parts
        self._environment = environment
        self._log_dir = log_dir
        self._ready_s = ready_s
        self._grace_s = grace_s
        self._first_pause_s = first_pause_s
        self._children: list[_Child] = []
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def request_stop(self) -> None:
        """Makes ``start`` and ``watch`` return soon; safe in a signal handler."""
        self._stopping.set()

    def start(self, on_ready: Callable[[str], None] = lambda _: None) -> bool:
        """Starts all parts and waits until each is ready, which ``on_ready`` hears of.

        Returns:
            False when it was asked to stop meanwhile.

        Raises:
            NotReadyError: a part keeps dying or is not ready in time; its log is named.
        """
        self._log_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in self._parts:
            log = self._log_dir / f"{part.name}.log"
            self._children.append(_Child(part, log, self._spawn(part, log)))
        waiting = list(self._children)
        until = time.monotonic() + self._ready_s
        while waiting and not self._stopping.is_set():
            for child in list(waiting):
                if child.process.poll() is None and child.part.is_ready():
                    waiting.remove(child)
                    on_ready(child.part.name)
            if waiting and time.monotonic() > until:
                raise _not_ready(waiting[0], f"is not ready after {self._ready_s:.0f} s")
            self._revive()
            self._stopping.wait(_POLL_S)
        return not self._stopping.is_set()

    def watch(self) -> None:
        """Keeps the parts up until ``request_stop``.

        Raises:
            NotReadyError: a part keeps dying; its log is named.
        """
        while not self._stopping.wait(_POLL_S):
            self._revive()

    def stop(self) -> None:
        """Ends all children and whatever they started, and waits for that."""
        self._stopping.set()
        for child in self._children:
            if child.process.poll() is None:
                child.process.terminate()
        until = time.monotonic() + self._grace_s
        for child in self._children:
            try:
                child.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
            _kill_group(child.process.pid)
            child.process.wait()
        self._children.clear()

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process.poll() is None:
                continue
            if child.start_at_s is None:
                status = child.process.returncode
                log.warning("part ended, starting it again", part=child.part.name, status=status)
                child.start_at_s = now + self._pause_s(child, now)
            elif now >= child.start_at_s:
                _kill_group(child.process.pid)
                child.process = self._spawn(child.part, child.log)
                child.start_at_s = None

    def _pause_s(self, child: _Child, now: float) -> float:
        child.deaths_s = [death for death in child.deaths_s if now - death < _FORGIVEN_AFTER_S]
        if len(child.deaths_s) == _RESTARTS:
            raise _not_ready(child, f"ended {_RESTARTS + 1} times in a minute")
        child.deaths_s.append(now)
        return self._first_pause_s * 2.0 ** (len(child.deaths_s) - 1)

    def _spawn(self, part: Part, log: Path) -> subprocess.Popen[bytes]:
        supervisor = os.getpid()

        def before_program() -> None:
            end_with_parent(signal.SIGTERM)
            if os.getppid() != supervisor:  # it died before the kernel knew of the wish
                os._exit(1)

        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own programs
                part.command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=before_program,
            )


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # the whole group has ended, as it should


def _not_ready(child: _Child, fault: str) -> NotReadyError:
    return NotReadyError(
        f"the {child.part.name} {fault}",
        code="PART_NOT_READY",
        hint=f"Its log says why: {child.log}",
    )
