"""How much memory a training pass takes, and trading time for it."""

from typing import Any

from transformers import PreTrainedModel

from idiolect.engine.gemm import rounded
from idiolect.engine.head import CHUNK_ROWS
from idiolect.engine.planning import TOKENS_PER_PASS
from idiolect.errors import InvalidInputError

_KEPT_WIDTHS = 13
"""Values of a hidden state's width that a layer keeps for each token: norms, queries, keys, values
(the context's once more for each response), attention's output. Measured: 12 to 13."""

_KEPT_INNER_WIDTHS = 4
"""The same of the inner width: gate, up, the activated gate, their product."""

_CHECKPOINTED_WIDTHS = 2
"""What is left between checkpointed layers; measured: 1.3 to 1.5."""

_LOGITS_COPIES = 3
"""Chunks of logits that exist at one moment."""


def activation_bytes(
    causal_lm: PreTrainedModel, tokens: int, *, checkpointing: bool = False
) -> int:
    """Estimates what a forward pass keeps for the backward pass, and the logits' chunks.

    Args:
        causal_lm: a model of decoder layers.
        tokens: in the pass, equal beginnings counted once (``planning.packed_tokens``).
        checkpointing: the layers compute their inside again in the backward pass.
    """
    tokens = rounded(tokens, causal_lm.device)
    config: Any = causal_lm.config.get_text_config()
    width, layers = config.hidden_size, config.num_hidden_layers
    inner = getattr(config, "intermediate_size", None) or 4 * width
    one_layer = _KEPT_WIDTHS * width + _KEPT_INNER_WIDTHS * inner
    kept = layers * one_layer
    if checkpointing:
        kept = layers * _CHECKPOINTED_WIDTHS * width + one_layer
    logits = _LOGITS_COPIES * min(tokens, CHUNK_ROWS) * config.vocab_size * 4
    return int(tokens * kept * causal_lm.dtype.itemsize + logits)


def prepare_training(
    causal_lm: PreTrainedModel, *, largest_example_tokens: int, limit_bytes: int
) -> int:
    """Chooses how much goes through at once; switches checkpointing on only if it must be.

    Args:
        causal_lm: the model; one that was prepared before is set anew.
        largest_example_tokens: of the example that takes most, which cannot be torn apart.
        limit_bytes: memory for the activations of one pass.

    Returns:
        Tokens per pass for ``planning.plan_passes``, at most ``TOKENS_PER_PASS`` unless one
        example has more.

    Raises:
        InvalidInputError: even with checkpointing that example does not fit.
    """
    model: Any = causal_lm
    model.activation_checkpointing_disable()
    tokens = max(TOKENS_PER_PASS, largest_example_tokens)
    for checkpointing in (False, True):
        needed = activation_bytes(causal_lm, largest_example_tokens, checkpointing=checkpointing)
        if needed > limit_bytes:
            continue
        if checkpointing:
            causal_lm.activation_checkpointing_enable()
        while activation_bytes(causal_lm, tokens, checkpointing=checkpointing) > limit_bytes:
            tokens = max(largest_example_tokens, tokens * 9 // 10)
        return tokens
    raise InvalidInputError(
        f"an example of {largest_example_tokens} tokens needs {needed / 1e9:.1f} GB to train on,"
        f" and there are {limit_bytes / 1e9:.1f} GB",
        hint="Raise pass_memory_gb or lower max_length_tokens in the recipe, or choose a smaller"
        " model.",
    )
