"""The supervisor keeps its children up, gives up loudly, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from idiolect.cli.supervisor import Part, Supervisor
from idiolect.errors import NotReadyError
from tests.cli.parts import dying, lasting, pid_in, stubborn
from tests.waiting import lives, wait_until

ENVIRONMENT = dict(os.environ)


def supervise(
    folder: Path, *parts: Part, grace_s: float = 10.0, ready_s: float = 60.0
) -> Supervisor:
    return Supervisor(
        parts,
        environment=ENVIRONMENT,
        log_dir=folder / "logs",
        grace_s=grace_s,
        first_pause_s=0.01,
        ready_s=ready_s,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose process ids, written there by parts, are dead at the end of the test."""
    yield tmp_path
    for file in tmp_path.iterdir():
        if file.is_file() and (pid := pid_in(file)) is not None:
            wait_until(lambda pid=pid: not lives(pid), f"the end of {file.name}")


def test_it_tells_of_each_part_that_is_ready_and_ends_them_all(folder: Path) -> None:
    ready: list[str] = []
    with supervise(folder, lasting(folder, "one"), lasting(folder, "two")) as running:
        assert running.start(ready.append)
        assert sorted(ready) == ["one", "two"]
        pids = [pid_in(folder / "one"), pid_in(folder / "two")]
    assert not any(pid is not None and lives(pid) for pid in pids)


def test_a_part_that_dies_is_started_again(folder: Path) -> None:
    with supervise(folder, lasting(folder, "one")) as running:
        running.start()
        first = pid_in(folder / "one")
        assert first is not None
        watching = threading.Thread(target=running.watch)
        watching.start()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: pid_in(folder / "one") not in (None, first), "a second life")
        running.request_stop()
        watching.join()


def test_a_part_that_keeps_dying_ends_the_start_and_its_log_is_named(folder: Path) -> None:
    with (
        supervise(folder, lasting(folder, "one"), dying("worker")) as running,
        pytest.raises(NotReadyError) as error,
    ):
        running.start()
    assert "worker" in error.value.message
    log = folder / "logs" / "worker.log"
    assert str(log) in error.value.hint
    assert "no good" in log.read_text()


def test_a_part_that_never_gets_ready_is_named(folder: Path) -> None:
    deaf = Part("model", lasting(folder, "one").command, lambda: False)
    with supervise(folder, deaf, ready_s=0.5) as running, pytest.raises(NotReadyError) as error:
        running.start()
    assert error.value.reason_code == "PART_NOT_READY"
    assert "model" in error.value.message


def test_a_deaf_part_is_killed_with_everything_it_started(folder: Path) -> None:
    with supervise(folder, stubborn(folder, "one"), grace_s=0.5) as running:
        running.start()
        wait_until(lambda: pid_in(folder / "one-child") is not None, "the part's child")


def test_a_stop_during_the_start_is_heard(folder: Path) -> None:
    with supervise(folder, Part("x", lasting(folder, "one").command, lambda: False)) as running:
        running.request_stop()
        assert running.start() is False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of the parent's end")
def test_nothing_is_left_when_the_supervisor_itself_is_killed(folder: Path) -> None:
    program = (
        "import os, pathlib\n"
        "from tests.cli.test_supervisor import supervise\n"
        "from tests.cli.parts import lasting\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "running = supervise(folder, lasting(folder, 'one'), lasting(folder, 'two'))\n"
        "running.start()\n"
        "running.watch()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    wait_until(lambda: pid_in(folder / "one") is not None, "the first part")
    wait_until(lambda: pid_in(folder / "two") is not None, "the second part")
    process.kill()
    process.wait()
