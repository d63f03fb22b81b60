"""``idiolect demo --once --json`` as anybody runs it: the whole job on the recording."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import lives


@pytest.mark.timeout(900)
@pytest.mark.xdist_group("demo")
def test_the_main_job_runs_from_screens_to_a_judged_adapter(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "idiolect.cli", "demo", "--once", "--json"]
    with (tmp_path / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr)
        output, _ = process.communicate()
    assert process.returncode == 0, (tmp_path / "stderr").read_text()
    report = json.loads(output.splitlines()[-1])

    assert report["observations"] >= 60
    texts = [each["text"] for each in report["propositions"]]
    assert len(set(texts)) == len(texts) >= 12
    for each in report["propositions"]:
        assert 0.0 < each["confidence"] < 1.0
        assert each["evidence"] >= 1
    assert report["reply"]["text"]
    assert set(report["reply"]["used"]) <= set(texts)
    assert report["reply"]["used"]

    training = report["training"]
    held_out = training["held_out"]
    low, high = held_out["interval"]
    assert training["preferences"] >= 40
    assert 0.0 <= held_out["base"] <= 1.0
    assert low <= held_out["adapter"] - held_out["base"] <= high
    assert training["promoted"] is (low > 0)
    truth = training["true_win_rate"]
    assert truth["questions"] >= held_out["pairs"] > 0
    assert truth["interval"][0] <= truth["adapter"] <= truth["interval"][1]
    stages = {"start", "observe", "propose", "reply", "choose", "train", "answer again"}
    assert stages <= report["seconds"].keys()

    assert not lives(process.pid)
    assert list(tmp_path.glob("idiolect-demo-*")) == []  # its store is gone with it
