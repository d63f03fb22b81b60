"""The bundled model with all of its weights trained, where an adapter learns too slowly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from idiolect.engine.gemm import has_fast_bf16
from idiolect.engine.loading import load_model
from idiolect.engine.log_probs import TokenScores, TokenSequence, token_scores
from idiolect.lm.bundled import MODEL_DIR
from idiolect.preference.policies.causal_lm import CausalLmPolicy

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedModel

    from idiolect.engine.loading import LoadedModel


class WholeLm:
    """A language model without an adapter; implements ``AdaptedLm`` all the same.

    Where the processor has them, its products are made in bfloat16, and its weights stay float32.

    Args:
        model: trained in place.
    """

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model.requires_grad_(True)
        self._first = {name: tensor.clone() for name, tensor in self.state_dict().items()}

    @property
    def base(self) -> PreTrainedModel:
        return self._model

    def train(self, train: bool) -> None:
        self._model.train(train)

    def scores(self, samples: Sequence[TokenSequence], *, collision: bool) -> TokenScores:
        with torch.autocast("cpu", torch.bfloat16, enabled=has_fast_bf16(self._model.device)):
            return token_scores(self._model, samples, collision=collision)

    @contextmanager
    def off(self) -> Iterator[None]:
        """The weights are the first ones within the block."""
        present = {name: tensor.clone() for name, tensor in self.state_dict().items()}
        self.load_state_dict(self._first)
        try:
            yield
        finally:
            self.load_state_dict(present)

    def parameters(self) -> list[nn.Parameter]:
        return list(self._model.parameters())

    def state_dict(self) -> dict[str, Tensor]:
        return {name: weights.detach() for name, weights in self._model.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, weights in self._model.named_parameters():
                weights.copy_(state[name])


def whole_model() -> tuple[LoadedModel, CausalLmPolicy]:
    """A fresh copy of the bundled model, and the policy that trains it."""
    loaded = load_model(MODEL_DIR, "cpu")
    limit = loaded.context_tokens
    return loaded, CausalLmPolicy(WholeLm(loaded.model), loaded.tokenizer, max_length_tokens=limit)
