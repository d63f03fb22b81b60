"""The checkpoints of a real run, averaged."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from idiolect.errors import InvalidInputError
from idiolect.preference.averaging import average_run
from idiolect.preference.checkpoints import CheckpointFolder
from idiolect.preference.merging import Best, Last, Lora, Power, Uniform
from idiolect.preference.trainer import Evaluation, History
from tests.preference.training import tiny_policy, tiny_trainer

torch.set_num_threads(1)

SCALE = 2.0  # alpha 8 / rank 4


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[CheckpointFolder, History, Lora]:
    """Eight steps with checkpoints after 3, 6 and 8."""
    folder = tmp_path_factory.mktemp("run")
    policy = tiny_policy()
    history = tiny_trainer(policy, folder, snapshots=True).run()
    return CheckpointFolder(folder), history, Lora.read(policy.state_dict(), SCALE)


def test_snapshots_are_kept_and_the_last_is_the_result(
    run: tuple[CheckpointFolder, History, Lora],
) -> None:
    checkpoints, history, result = run
    assert list(checkpoints.snapshots()) == [0, 3, 6, 8]
    merged = average_run(checkpoints, history, Last(), scale=SCALE)
    assert merged.weights == (0.0, 1.0)  # the one after 3 steps is in the first half
    torch.testing.assert_close(merged.adapter.tensors(), result.tensors(), rtol=0, atol=0)


def test_the_mean_lies_between_its_checkpoints(
    run: tuple[CheckpointFolder, History, Lora],
) -> None:
    checkpoints, history, _ = run
    merged = average_run(checkpoints, history, Uniform(), scale=SCALE, first=0.0)
    assert merged.weights == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert merged.adapter.rank == 4
    assert 0 < merged.greatest_error < 0.5  # the mean has a higher rank than it is cut to


def test_weights_follow_the_loss_or_the_step(
    run: tuple[CheckpointFolder, History, Lora],
) -> None:
    checkpoints, history, _ = run
    by_loss = average_run(checkpoints, history, Power(2.0), scale=SCALE, first=0.0)
    mean = [
        sum(one.loss for one in history.steps[a:b]) / (b - a) for a, b in ((0, 3), (3, 6), (6, 8))
    ]
    shares = [1 / loss**2 for loss in mean]
    assert by_loss.weights == pytest.approx([share / sum(shares) for share in shares])
    by_step = average_run(
        checkpoints, history, Power(1.0, "higher"), scale=SCALE, by_step=True, first=0.0
    )
    assert by_step.weights == pytest.approx((3 / 17, 6 / 17, 8 / 17))


def test_held_out_losses_come_first(run: tuple[CheckpointFolder, History, Lora]) -> None:
    checkpoints, history, _ = run
    looks = [
        Evaluation(loss, 0.5, 0.0, 0.0, 0.0, None, step)
        for step, loss in ((3, 0.5), (6, 0.2), (8, 0.4))
    ]
    looked = replace(history, evaluations=looks)
    best = average_run(checkpoints, looked, Best(), scale=SCALE, first=0.0)
    assert best.weights == (0.0, 1.0, 0.0)


def test_a_run_without_snapshots_has_only_its_last(tmp_path: Path) -> None:
    history = tiny_trainer(tiny_policy(), tmp_path).run()
    assert list(CheckpointFolder(tmp_path).snapshots()) == [8]
    with pytest.raises(InvalidInputError, match="no checkpoints to average"):
        average_run(CheckpointFolder(tmp_path / "empty"), history, Uniform(), scale=SCALE)
