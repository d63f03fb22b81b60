"""What a causal language model does with its input, found by trying it once.

Neither is written down anywhere that can be trusted for every architecture: whether attention
over a packed row is honoured, and what happens to the logits after the projection (Cohere
multiplies them, Granite divides them, Gemma caps them). So both are measured on the model itself
with a few tokens, and what does not come out the same is not used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from idiolect.engine import attention
from idiolect.engine.head import Head
from idiolect.engine.packing import pack
from idiolect.engine.sequences import SHARED_MIN_TOKENS, TokenSequence
from idiolect.errors import InvalidInputError

_WINDOWS = ("sliding_window", "attention_chunk_size")
_TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-4}
_LOW_PRECISION_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What was found out about a model.

    Attributes:
        scale: multiplies the logits.
        limit: caps the logits.
        packs_below_tokens: sequences shorter than this may share a packed row; 0 is never.
        reason: why it is 0, or empty.
    """

    scale: float
    limit: float | None
    packs_below_tokens: float
    reason: str


_known: WeakKeyDictionary[nn.Module, Anatomy] = WeakKeyDictionary()


def anatomy_of(causal_lm: PreTrainedModel) -> Anatomy:
    """Looks at a model, once: four forward passes of a few tokens.

    A model whose attention is torch's scaled-dot-product attention is switched to
    ``attention.packed_attention``, which is the same to everyone who doesn't pass a packing.

    Raises:
        InvalidInputError: its logits are made from its hidden states in an unknown way.
    """
    if causal_lm not in _known:
        with torch.no_grad(), _evaluating(causal_lm):
            scale, limit = _logits(causal_lm)
            reason = _why_not_packed(causal_lm)
        _known[causal_lm] = Anatomy(
            scale=scale,
            limit=limit,
            packs_below_tokens=0 if reason else _window(causal_lm) + 1,
            reason=reason,
        )
    return _known[causal_lm]


def head_of(causal_lm: PreTrainedModel) -> Head:
    """The model's way from hidden states to logits, as it is at this moment.

    Raises:
        InvalidInputError: it is made in an unknown way.
    """
    found = anatomy_of(causal_lm)
    return Head(_projection(causal_lm), found.scale, found.limit)


def _projection(causal_lm: PreTrainedModel) -> nn.Module:
    model: Any = causal_lm
    projection: nn.Module | None = model.get_output_embeddings()
    if projection is None:
        raise InvalidInputError(
            f"{type(causal_lm).__name__} has no vocabulary projection",
            hint="Choose a causal language model.",
        )
    return projection


def _logits(causal_lm: PreTrainedModel) -> tuple[float, float | None]:
    """The scale and the limit that give the model's own logits."""
    config = causal_lm.config.get_text_config()
    factor = getattr(config, "logits_scaling", None) or 1.0
    scales = [
        1.0,
        getattr(config, "logit_scale", None) or 1.0,
        1.0 / factor,
        factor,
        getattr(config, "lm_head_multiplier", None) or 1.0,
    ]
    limits: list[float | None] = [getattr(config, "final_logit_softcapping", None), None]
    ids = _ids(causal_lm, SHARED_MIN_TOKENS)
    transformer: nn.Module = causal_lm.base_model
    hidden = transformer(input_ids=ids, use_cache=False)[0]
    logits = causal_lm(input_ids=ids, use_cache=False).logits
    for limit, scale in product(limits, dict.fromkeys(scales)):
        if _same(Head(_projection(causal_lm), scale, limit)(hidden), logits):
            return scale, limit
    raise InvalidInputError(
        f"models of type {config.model_type} make their logits in a way that is not supported",
        hint="Choose a model of the Llama, Qwen, Mistral, Phi, Gemma, Cohere or Granite families.",
    )


def _why_not_packed(causal_lm: PreTrainedModel) -> str:
    """Empty if a packed row gives the hidden states of its sequences alone."""
    config: Any = causal_lm.config.get_text_config()
    before = config._attn_implementation
    if before not in ("sdpa", attention.NAME):
        return f"its attention is {before}, not sdpa"
    ids = tuple(_ids(causal_lm, SHARED_MIN_TOKENS + 8)[0].tolist())
    context = ids[:SHARED_MIN_TOKENS]
    sequences = [TokenSequence(context, part) for part in (ids[-8:-4], ids[-4:])]
    packing = pack(sequences, causal_lm.device)
    transformer: Any = causal_lm.base_model
    alone = torch.tensor([sequence.inputs for sequence in sequences], device=causal_lm.device)
    expected = transformer(input_ids=alone, use_cache=False)[0]
    expected = expected[:, len(context) - 1 :].flatten(0, 1)
    config._attn_implementation = attention.NAME
    try:
        hidden = attention.packed_hidden_states(transformer, packing)[packing.rows]
    except (TypeError, ValueError, RuntimeError) as error:
        config._attn_implementation = before
        return f"it does not take a packed row ({type(error).__name__}: {error})"
    if _same(hidden, expected):
        return ""
    config._attn_implementation = before
    return "a packed row gives other hidden states"


def _window(causal_lm: PreTrainedModel) -> float:
    """Tokens that every layer looks back over; a packed row knows of no window."""
    config = causal_lm.config.get_text_config()
    if getattr(config, "use_sliding_window", None) is False:
        return float("inf")
    windows = [getattr(config, name, None) for name in _WINDOWS]
    return min([window for window in windows if window], default=float("inf"))


def _ids(causal_lm: PreTrainedModel, count: int) -> Tensor:
    vocabulary: int = causal_lm.config.get_text_config().vocab_size
    return (torch.arange(1, count + 1, device=causal_lm.device) * 7 % vocabulary).unsqueeze(0)


def _same(found: Tensor, expected: Tensor) -> bool:
    tolerance = _TOLERANCE.get(expected.dtype, _LOW_PRECISION_TOLERANCE)
    difference = (found.float() - expected.float()).norm()
    return bool(difference <= tolerance * expected.float().norm())


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    """Without dropout, whatever each part of the model is set to."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True
