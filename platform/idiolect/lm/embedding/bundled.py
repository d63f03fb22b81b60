"""all-MiniLM-L6-v2 in onnxruntime: embeds on the processor without torch."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from idiolect.errors import NotReadyError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

MINILM_DIR = Path(__file__).resolve().parent / "minilm"
"""Where set-up writes ``model.onnx`` and ``tokenizer.json``."""

MAX_TOKENS = 256
"""The length the model was trained for; longer texts are cut."""


class BundledEmbedder:
    """Sentence embeddings of 384 dimensions (Reimers & Gurevych 2019, section 3: mean pooling).

    The files are opened at the first call. One instance serves many threads.

    Args:
        directory: holds ``model.onnx`` and ``tokenizer.json``.
        threads: processor threads for one call.
        batch_size: texts that go through the model together.
    """

    def __init__(
        self, directory: Path = MINILM_DIR, *, threads: int = 1, batch_size: int = 32
    ) -> None:
        self._directory = directory
        self._threads = threads
        self._batch_size = batch_size

    @property
    def name(self) -> str:
        return "all-MiniLM-L6-v2"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text; texts are cut at 256 tokens.

        Raises:
            NotReadyError: the model has not been exported yet.
        """
        # Texts of like length share a batch, so little of it is padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors: list[list[float]] = [[] for _ in texts]
        for start in range(0, len(order), self._batch_size):
            indices = order[start : start + self._batch_size]
            pooled = self._embed_batch([texts[index] for index in indices])
            for index, vector in zip(indices, pooled.tolist(), strict=True):
                vectors[index] = vector
        return vectors

    def _embed_batch(self, texts: list[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        [hidden] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return mean_pool(np.asarray(hidden, dtype=np.float32), mask)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._file("tokenizer.json")))
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding()
        return tokenizer

    @cached_property
    def _session(self) -> "InferenceSession":
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.intra_op_num_threads = self._threads
        # Spinning threads would keep a core busy between two calls.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return InferenceSession(
            str(self._file("model.onnx")), options, providers=["CPUExecutionProvider"]
        )

    def _file(self, name: str) -> Path:
        path = self._directory / name
        if not path.is_file():
            raise NotReadyError(
                f"the embedding model has no {name}",
                hint="Run `make setup`; without a checkout, "
                "`python -m idiolect.lm.embedding.export`.",
                code="EMBEDDER_MISSING",
            )
        return path


def mean_pool(hidden: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean of the tokens' states, scaled to length 1.

    Args:
        hidden: states [texts, tokens, dimensions].
        mask: 1 for a token, 0 for padding [texts, tokens].

    Returns:
        Unit vectors [texts, dimensions].
    """
    weights = mask[..., None].astype(np.float32)
    mean = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
    unit: NDArray[np.float32] = mean / np.maximum(
        np.linalg.norm(mean, axis=1, keepdims=True), 1e-12
    )
    return unit
