"""``idiolect up`` for real: every process, every noun of the command line, and a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idiolect.cli.up import is_taken
from tests.waiting import PATIENCE_S, lives, wait_until


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Running:
    """An ``idiolect up`` on an empty store, and the command line beside it."""

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.output = data_dir.parent / "output"
        self.environment = {
            **os.environ,
            "IDIOLECT_DATA_DIR": str(data_dir),
            "IDIOLECT_API__PORT": str(self.port),
            "IDIOLECT_MODEL__KIND": "scripted",
            "IDIOLECT_QUEUE__POLL_S": "0.05",
        }
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "idiolect.cli", "up"],
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        wait_until(lambda: "Idiolect is up" in self.said() or self.ended(), "Idiolect is up")
        assert not self.ended(), self.said()

    def said(self) -> str:
        return self.output.read_text()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "idiolect.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    def json(self, *arguments: str) -> Any:
        answer = self.run(*arguments)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


def family(pid: int) -> set[int]:
    """A process and all its descendants, as /proc has them."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(status.parent.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests of this file; it is ended the way a person ends it."""
    running = Running(tmp_path_factory.mktemp("up") / "data")
    everybody = family(running.process.pid)
    yield running
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(PATIENCE_S) == 0, running.said()
    wait_until(lambda: not any(map(lives, everybody)), "the end of every process")
    assert not is_taken("127.0.0.1", running.port)


pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
    pytest.mark.xdist_group("up"),
]


def test_it_says_where_the_page_is_and_the_link_opens_it(up: Running) -> None:
    key = (up.output.parent / "data" / "secrets" / "first-key").read_text().strip()
    assert f"http://127.0.0.1:{up.port}/#key={key}" in up.said()


def test_a_second_one_on_the_same_data_is_refused(up: Running) -> None:
    answer = up.run("up")
    assert answer.returncode == 5
    assert "already" in answer.stderr


def test_observations_become_a_profile(up: Running, tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    said = ["I am vegetarian.", "I'm learning the piano."]
    lines = [
        {
            "idempotency_key": f"said-{number}",
            "kind": "statement",
            "source": "test",
            "text": text,
            "trust": "typed",
            "occurred_at": f"2026-03-02T09:0{number}:00Z",
        }
        for number, text in enumerate(said)
    ]
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    counts = {"accepted": 2, "duplicates": 0, "refused": []}
    assert up.json("observe", "import", str(file)) == counts
    again = up.json("observe", "import", str(file))
    assert (again["accepted"], again["duplicates"]) == (0, 2)
    assert len(up.json("observe", "ls")) == 2

    job = up.json("profile", "refresh")
    assert (job["kind"], job["state"]) == ("propose", "succeeded")
    propositions = up.json("profile", "ls")
    assert len(propositions) == 2
    diet = next(one for one in propositions if "vegetarian" in one["text"])
    shown = up.json("profile", "show", diet["id"])
    assert "vegetarian" in shown["evidence"][0]["quote"]
    assert diet["id"] in [one["id"] for one in up.json("profile", "search", "vegetarian food")]
    assert up.json("vectors", "rebuild")["result"]["vectors"] == 2
    assert up.json("profile", "refresh") is None
    assert {one["kind"] for one in up.json("jobs", "ls")} >= {"propose", "reindex"}

    assert up.run("forget", "proposition", diet["id"], "--yes").returncode == 0
    assert up.run("profile", "show", diet["id"]).returncode == 4


def test_preferences_go_in_and_come_out(up: Running, tmp_path: Path) -> None:
    file, copy = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    pairs = [
        {"prompt": f"Say {number}.", "chosen": f"{number}", "rejected": f"It is {number}."}
        for number in range(3)
    ]
    file.write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs))
    assert up.json("prefs", "import", str(file))["accepted"] == 3
    assert len(up.json("prefs", "ls")) == 3
    assert up.run("prefs", "export", str(copy)).returncode == 0
    assert up.json("prefs", "import", str(copy))["duplicates"] == 3

    answer = up.run("train")
    assert answer.returncode == 1
    assert json.loads(answer.stdout)["error"]["code"] in (
        "TOO_FEW_PREFERENCES",
        "BASE_NOT_TRAINABLE",
    )
    assert up.json("adapters", "ls") == []
    assert up.run("adapters", "rollback").returncode == 5
    assert up.run("adapters", "show", "adp_none").returncode == 4


def test_a_chat_in_the_terminal(up: Running) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "idiolect.cli", "chat"],
        env=up.environment,
        input="Hello there\n\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Hello there" in answer.stdout


def test_the_doctor_finds_the_running_parts_well(up: Running) -> None:
    report = json.loads(up.run("doctor", "--json").stdout)
    ok = {one["name"]: one["ok"] for one in report["checks"]}
    running = ("database", "migrations", "vectors", "queue", "model", "embedder", "disk", "ports")
    assert all(ok[name] for name in running), report


def test_a_killed_worker_comes_back(up: Running) -> None:
    ready = up.output.parent / "data" / "run" / "worker.ready"
    [worker] = [pid for pid in family(up.process.pid) if is_worker(pid, up.process.pid)]
    ready.unlink()
    os.kill(worker, signal.SIGKILL)
    wait_until(ready.exists, "another worker")
    assert up.json("vectors", "rebuild")["state"] == "succeeded"
    assert "part ended, starting it again" in up.said()


def is_worker(pid: int, supervisor: int) -> bool:
    """Whether a process is the worker's parent process, a child of the supervisor."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return parent == supervisor and b"idiolect.workers" in Path(f"/proc/{pid}/cmdline").read_bytes()
