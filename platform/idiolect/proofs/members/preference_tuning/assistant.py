"""The bundled model as it serves people: what it writes, and the adapters it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import torch

from idiolect.adapters.recipe import Recipe
from idiolect.adapters.train import train_adapter
from idiolect.engine.chat import encode_response
from idiolect.engine.generation import Decoding
from idiolect.engine.loading import LoadedModel, load_model
from idiolect.engine.log_probs import response_log_probs
from idiolect.engine.lora import LoraSwitch, LoraWeights
from idiolect.lm.bundled import MODEL_DIR
from idiolect.proofs.writing import write

if TYPE_CHECKING:
    from idiolect.preference.batches import Example
    from idiolect.preference.pairs import Messages

Replies = Sequence[Sequence[str]]
"""Of each conversation."""


@dataclass(frozen=True, slots=True)
class Assistant:
    """The frozen model, and a switch for the adapters that it writes under.

    Attributes:
        loaded: the model.
        switch: puts adapters on it.
    """

    loaded: LoadedModel
    switch: LoraSwitch

    def replies(
        self, contexts: Sequence[Messages], decoding: Decoding, adapter: LoraWeights | None = None
    ) -> list[list[str]]:
        """What it answers, without blanks around; where it says nothing, an empty text."""
        written = write(self.loaded, contexts, decoding, lambda: self.switch.on(adapter))
        return [[text.strip() for text in texts] for texts in written]

    def surprise(self, contexts: Sequence[Messages], replies: Replies) -> float:
        """Nats per token by which replies surprise the model without an adapter.

        It grows when an adapter no longer writes the model's language.
        """
        sequences = [
            encode_response(self.loaded.tokenizer, context, text)
            for context, texts in zip(contexts, replies, strict=True)
            for text in texts
        ]
        with torch.inference_mode():
            total = float(response_log_probs(self.loaded.model, sequences).sum())
        return -total / sum(len(sequence.response) for sequence in sequences)


@cache
def assistant() -> Assistant:
    """The bundled model, loaded once."""
    loaded = load_model(MODEL_DIR, "cpu")
    return Assistant(loaded, LoraSwitch(loaded.model))


def adapter_of(examples: Sequence[Example], **recipe: Any) -> LoraWeights:
    """Trains an adapter as the platform trains a user's.

    Args:
        examples: what is learned from.
        recipe: fields that differ from the recipe's defaults.

    Raises:
        InvalidInputError: as ``train_adapter``.
    """
    with TemporaryDirectory() as folder:
        trained = train_adapter(
            examples, base=MODEL_DIR, recipe=Recipe(**recipe), work_dir=Path(folder)
        )
        return assistant().switch.read(trained.path)
