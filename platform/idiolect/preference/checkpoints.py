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


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything that the rest of a run depends on.

    Attributes:
        fingerprint: names the data, base and recipe; another run cannot go on from here.
        step: how many steps are done.
        policy: the trainable tensors.
        optimizer: the optimizer's ``state_dict``.
        random: states of the random generators.
        anchors: the reference's log-probabilities, by content hash.
        history: the metrics of each step so far.
    """

    fingerprint: str
    step: int
    policy: Mapping[str, Tensor]
    optimizer: Mapping[str, Any]
    random: Mapping[str, Any]
    anchors: Mapping[str, float]
    history: list[dict[str, Any]]


class CheckpointFolder:
    """Keeps the newest checkpoint of a run in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint whole, then removes the one before."""
        target = self._folder / f"{_PREFIX}{checkpoint.step:08d}"
        if target.exists():  # of the same step of the same run
            return
        with new_folder(target) as folder:
            save_file(dict(checkpoint.policy), folder / "policy.safetensors")
            torch.save(
                {"optimizer": checkpoint.optimizer, "random": checkpoint.random},
                folder / "optimizer.pt",
            )
            state = {
                "fingerprint": checkpoint.fingerprint,
                "step": checkpoint.step,
                "anchors": checkpoint.anchors,
                "history": checkpoint.history,
            }
            (folder / "state.json").write_text(json.dumps(state))
        for path in self._finished()[:-1]:
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
        return Checkpoint(**state, policy=load_file(folder / "policy.safetensors"), **tensors)

    def clear(self) -> None:
        """Removes every checkpoint."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _finished(self) -> list[Path]:
        return sorted(self._folder.glob(f"{_PREFIX}*"))
