"""A file of pairs is trained on by one command, which says what it does and can be stopped."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from idiolect.cli.app import app
from idiolect.errors import InvalidInputError
from tests.preference.training import capital_pairs
from tests.tiny_model import save_tiny_model

RECIPE = """
rank = 4
alpha = 8
learning_rate = 1e-2
batch_size = 2
epochs = 3
max_length_tokens = 64
held_out_share = 0.3
threads = 1
[objective]
preset = "dpo"
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with pairs.jsonl and recipe.toml, to run commands in."""
    rows = [
        {"prompt": one.context_w, "chosen": one.sample_w, "rejected": one.sample_l}
        for one in capital_pairs(16)
    ]
    (tmp_path / "pairs.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return tmp_path


def command(model: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "idiolect.cli", "train", "--data", "pairs.jsonl"),
        *("--recipe", "./recipe.toml", "--model", str(model), "--device", "cpu"),
    ]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """What a person at a terminal sees of a command that succeeds."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}
    process = subprocess.Popen(arguments, cwd=folder, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, seen
    return seen.decode()


def test_it_trains_and_tells_how_it_went(folder: Path, tiny: Path) -> None:
    answer = run(folder, *command(tiny), "--json")
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout.splitlines()[-1])
    held_out = result["held_out"]["pairs"]
    assert result["examples"] + held_out == 16
    assert result["steps"] == 3 * -(-result["examples"] // 2)
    assert result["loss"]["last"] < result["loss"]["first"] == pytest.approx(0.6931, abs=1e-3)
    assert result["held_out"]["adapter"] >= result["held_out"]["base"]
    assert sorted(path.name for path in (folder / "adapter").iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "card.json",
    ]
    card = json.loads((folder / "adapter" / "card.json").read_text())
    assert "Rafailov" in card["objective"]["citation"]
    assert len(card["curves"]["loss"]) == result["steps"]
    assert card["report"] == result["report"]
    train, apart = (result["report"][part] for part in ("train", "held_out"))
    assert (train["pairs"], apart["pairs"]) == (result["examples"], held_out)
    moved = train["displacement"]
    assert moved["chosen_drift"] > moved["rejected_drift"]
    assert not (folder / "adapter.work").exists()

    lines = answer.stderr.splitlines()
    assert f"dpo on {16 - held_out} pairs of pairs.jsonl, {held_out} held out" in answer.stderr
    assert any(line.startswith("step 1 of ") and "tokens/s" in line for line in lines)
    assert 6 <= sum(line.startswith("step ") for line in lines) < result["steps"]
    assert "Warning" not in answer.stderr

    again = run(folder, *command(tiny))
    assert again.returncode == 5
    assert "adapter is there already" in again.stderr


def test_ctrl_c_leaves_a_checkpoint_from_which_the_same_command_goes_on(
    folder: Path, tiny: Path
) -> None:
    (folder / "recipe.toml").write_text(
        RECIPE.replace("epochs = 3", "epochs = 30\nevaluate_every_steps = 50")
    )
    process = subprocess.Popen(command(tiny), cwd=folder, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("step 1 "):
            process.send_signal(signal.SIGINT)
            break
    rest = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 130
    assert "the same command goes on from its checkpoint, in adapter.work" in rest
    assert not (folder / "adapter").exists()

    seen = on_a_terminal(folder, *command(tiny))
    assert "goes on after step" in seen
    assert "tokens/s" in seen
    assert "nats, rejected " in seen
    assert "0.693 -> " in seen  # of the whole run, the part before the stop included
    assert "held out after step 50" in seen
    assert "they also chose the weights" in seen
    assert (folder / "adapter" / "adapter_model.safetensors").is_file()


def test_a_loss_that_is_no_number_stops_the_run_with_the_rows(folder: Path, tiny: Path) -> None:
    # A gradient is about beta, whose square is beyond what a float holds.
    (folder / "recipe.toml").write_text(f"{RECIPE}beta = 1e38")
    answer = run(folder, *command(tiny))
    assert answer.returncode == 1
    assert "; its examples: row-" in answer.stderr
    assert "learning rate" in answer.stderr
    assert not (folder / "adapter").exists()


def test_bad_rows_are_named_before_a_model_is_looked_for(folder: Path) -> None:
    with (folder / "pairs.jsonl").open("a") as file:
        file.write('{"prompt": "a", "chosen": "", "rejected": "b"}\n')
    answer = run(folder, *command(Path("nobody/nothing")))
    assert answer.returncode == 2
    assert "pairs.jsonl: 1 of 17 rows cannot be used\n  row 17, chosen: is empty" in answer.stderr


def test_thumbs_have_no_sides_to_report_of(folder: Path, tiny: Path) -> None:
    rows = [
        {"prompt": pair.context_w, "completion": text, "label": text.isupper()}
        for pair in capital_pairs(8)
        for text in (pair.sample_w, pair.sample_l)
    ]
    (folder / "pairs.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (folder / "recipe.toml").write_text(RECIPE.replace('"dpo"', '"kto"'))
    answer = run(folder, *command(tiny), "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["report"] is None
    assert json.loads((folder / "adapter" / "card.json").read_text())["report"] is None


def test_a_device_that_does_not_exist_is_refused(folder: Path, tiny: Path) -> None:
    answer = run(folder, *command(tiny), "--device", "abacus")
    assert answer.returncode == 2
    assert "there is no device 'abacus'" in answer.stderr


def test_options_of_a_file_are_refused_without_one() -> None:
    answer = CliRunner().invoke(app, ["train", "--recipe", "kto", "--out", "x"])
    assert isinstance(answer.exception, InvalidInputError)
    assert answer.exception.message == "--recipe, --out only with --data"
