"""Log-probabilities of responses: only their positions reach the vocabulary projection."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers import PreTrainedModel

from idiolect.errors import InvalidInputError

CHUNK_ROWS = 1024
"""Positions projected to the vocabulary at a time; bounds the memory of the logits."""

_SCALED_LOGITS = ("logit_scale", "logits_scaling")


@dataclass(frozen=True, slots=True)
class TokenSequence:
    """A response's token ids after the ids of its context; neither is empty."""

    context: tuple[int, ...]
    response: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.context or not self.response:
            raise InvalidInputError("a context and a response have at least one token each")

    def __len__(self) -> int:
        return len(self.context) + len(self.response)


def response_log_probs(
    model: PreTrainedModel | PeftModel,
    sequences: Sequence[TokenSequence],
    *,
    chunk_rows: int = CHUNK_ROWS,
) -> Tensor:
    """Log-probability of each response given its context.

    P(y) = sum over t of log pi(y_t | x, y_<t), over the response's tokens, in nats.

    Args:
        model: a causal language model; a LoRA adapter acts if it is switched on.
        sequences: contexts with their responses, of any lengths.
        chunk_rows: positions projected to the vocabulary at a time.

    Returns:
        float32 ``[len(sequences)]``, with a gradient unless that is switched off.

    Raises:
        InvalidInputError: no sequences, or a model whose logits are scaled after the projection.
    """
    tokens = token_log_probs(model, sequences, chunk_rows=chunk_rows)
    parts = torch.split(tokens, [len(sequence.response) for sequence in sequences])
    return torch.stack([part.sum() for part in parts])


def token_log_probs(
    model: PreTrainedModel | PeftModel,
    sequences: Sequence[TokenSequence],
    *,
    chunk_rows: int = CHUNK_ROWS,
) -> Tensor:
    """Log-probabilities of the responses' tokens, one sequence after the other.

    ``[batch, time, vocabulary]`` never exists: the hidden states of response positions are
    gathered first and projected ``chunk_rows`` at a time. With a gradient, more than one chunk
    is computed again in the backward pass instead of being kept.

    Returns:
        float32 ``[total response tokens]``, in nats.

    Raises:
        InvalidInputError: no sequences, or a model whose logits are scaled after the projection.
    """
    if not sequences:
        raise InvalidInputError("there are no sequences to score")
    causal_lm = cast(
        PreTrainedModel, model.get_base_model() if isinstance(model, PeftModel) else model
    )
    device = causal_lm.device
    width = max(map(len, sequences))
    # Zeros on the right: under the causal mask no real token sees them, so no mask is needed.
    input_ids = torch.zeros(len(sequences), width, dtype=torch.long)
    rows: list[int] = []
    targets: list[int] = []
    for index, sequence in enumerate(sequences):
        ids = sequence.context + sequence.response
        input_ids[index, : len(ids)] = torch.tensor(ids)
        first = index * width + len(sequence.context) - 1  # this position predicts the first token
        rows.extend(range(first, first + len(sequence.response)))
        targets.extend(sequence.response)

    hidden = causal_lm.base_model(input_ids=input_ids.to(device), use_cache=False)[0]
    hidden = hidden.flatten(0, 1).index_select(0, torch.tensor(rows, device=device))
    target = torch.tensor(targets, device=device)
    project = _projection(causal_lm)
    choose = _chosen
    if len(rows) > chunk_rows and torch.is_grad_enabled():
        choose = partial(checkpoint, _chosen, use_reentrant=False, preserve_rng_state=False)
    chunks = zip(torch.split(hidden, chunk_rows), torch.split(target, chunk_rows), strict=True)
    return torch.cat([choose(project, part, wanted) for part, wanted in chunks])


def _chosen(project: Callable[[Tensor], Tensor], hidden: Tensor, target: Tensor) -> Tensor:
    logits = project(hidden).float()
    wanted = logits.gather(1, target.unsqueeze(1)).squeeze(1)
    return wanted - logits.logsumexp(dim=1)


def _projection(causal_lm: Any) -> Callable[[Tensor], Tensor]:
    """The way from hidden states to logits, as the model's own forward has it."""
    config = causal_lm.config.get_text_config()
    if any(getattr(config, name, None) not in (None, 1, 1.0) for name in _SCALED_LOGITS):
        raise InvalidInputError(
            f"models of type {config.model_type} scale their logits, which is not supported yet",
            hint="Choose a model of the Llama, Qwen, Mistral, Phi or Gemma families.",
        )
    head: nn.Module = causal_lm.get_output_embeddings()
    limit: float | None = getattr(config, "final_logit_softcapping", None)
    if limit is None:
        return head
    return lambda hidden: torch.tanh(head(hidden) / limit) * limit
