"""Where a run stands, on the disk: written whole, read back to the last bit."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from idiolect.kit.files import new_folder, remove_unfinished

_PREFIX = "step-"
_SNAPSHOT = "weights-"
_TENSORS = ("policy", "anchors", "estimates", "best")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that the rest of a run depends on.

    Attributes:
        fingerprint: names the data, base and recipe; another run cannot go on from here.
        step: how many steps are done.
        policy: the trainable tensors.
        optimizer: the optimizer's ``state_dict``.
        random: states of the random generators.
        anchors: log-probabilities under frozen policies, as their cache writes them.
        estimates: the objective's running estimates.
        best: the weights at the best look at held-out examples; empty without any.
        looks: that look's loss and step, and how many failed since.
        history: the metrics of each step so far.
        evaluations: what each look at the held-out examples saw, with its step.
    """

    fingerprint: str
    step: int
    policy: Mapping[str, Tensor]
    optimizer: Mapping[str, Any]
    random: Mapping[str, Any]
    anchors: Mapping[str, Tensor]
    estimates: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    looks: Mapping[str, Any]
    history: list[dict[str, Any]]
    evaluations: list[dict[str, Any]]


class CheckpointFolder:
    """Keeps the newest checkpoint of a run in a folder.

    Args:
        folder: of this run alone.
        snapshots: also keeps the policy's weights of every checkpoint, to be averaged.
    """

    def __init__(self, folder: Path, *, snapshots: bool = False) -> None:
        self._folder = folder
        self._snapshots = snapshots

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint whole, then removes the one before."""
        target = self._folder / f"{_PREFIX}{checkpoint.step:08d}"
        if target.exists():  # of the same step of the same run
            return
        with new_folder(target) as folder:
            for name in _TENSORS:
                save_file(_contiguous(getattr(checkpoint, name)), folder / f"{name}.safetensors")
            torch.save(
                {"optimizer": checkpoint.optimizer, "random": checkpoint.random},
                folder / "optimizer.pt",
            )
            state = {
                "fingerprint": checkpoint.fingerprint,
                "step": checkpoint.step,
                "looks": checkpoint.looks,
                "history": checkpoint.history,
                "evaluations": checkpoint.evaluations,
            }
            (folder / "state.json").write_text(json.dumps(state))
        for path in self._finished()[:-1]:
            if self._snapshots:
                self._keep_weights(path)
            shutil.rmtree(path)

    def load(self) -> Checkpoint | None:
        """The newest checkpoint, None when there is none."""
        remove_unfinished(self._folder)
        finished = self._finished()
        if not finished:
            return None
        folder = finished[-1]
        state = json.loads((folder / "state.json").read_text())
        tensors = torch.load(folder / "optimizer.pt", weights_only=True, map_location="cpu")
        for name in _TENSORS:
            tensors[name] = load_file(folder / f"{name}.safetensors")
        return Checkpoint(**state, **tensors)

    def snapshots(self) -> dict[int, dict[str, Tensor]]:
        """The weights at each checkpoint by its step, in order, the newest included."""
        kept = sorted(self._folder.glob(f"{_SNAPSHOT}*"))
        paths = {int(path.stem.removeprefix(_SNAPSHOT)): path for path in kept}
        for path in self._finished():
            paths[int(path.name.removeprefix(_PREFIX))] = path / "policy.safetensors"
        return {step: load_file(path) for step, path in sorted(paths.items())}

    def clear(self) -> None:
        """Removes every checkpoint."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _keep_weights(self, checkpoint: Path) -> None:
        step = checkpoint.name.removeprefix(_PREFIX)
        # A rename within one folder: a killed run has the file whole or not at all.
        (checkpoint / "policy.safetensors").rename(self._folder / f"{_SNAPSHOT}{step}.safetensors")

    def _finished(self) -> list[Path]:
        return sorted(self._folder.glob(f"{_PREFIX}*"))


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.contiguous() for name, tensor in tensors.items()}
