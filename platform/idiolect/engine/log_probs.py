"""Log-probabilities of responses: equal beginnings are computed once, and only the positions that
predict a response's tokens reach the vocabulary projection."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import cast

import torch
from peft import PeftModel
from torch import Tensor
from transformers import PreTrainedModel

from idiolect.engine.anatomy import anatomy_of, head_of
from idiolect.engine.attention import packed_hidden_states
from idiolect.engine.head import CHUNK_ROWS, chosen_log_probs, log_collision
from idiolect.engine.packing import filled, pack
from idiolect.engine.planning import TOKENS_PER_PASS, plan_buckets, plan_passes
from idiolect.engine.sequences import TokenSequence
from idiolect.errors import InvalidInputError

__all__ = [
    "CHUNK_ROWS",
    "TokenScores",
    "TokenSequence",
    "response_log_probs",
    "token_log_probs",
    "token_scores",
]


@dataclass(frozen=True, slots=True)
class TokenScores:
    """What a model says of the responses' tokens, one sequence after the other, in nats.

    Attributes:
        log_probs: log pi(y_t | x, y_<t), float32 ``[total response tokens]``.
        log_collision: log sum over v of pi(v | x, y_<t)^2, of the same shape and without a
            gradient; None unless it was asked for.
    """

    log_probs: Tensor
    log_collision: Tensor | None = None


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
        sequences: contexts with their responses, of any lengths and however many.
        chunk_rows: positions projected to the vocabulary at a time.

    Returns:
        float32 ``[len(sequences)]``, with a gradient unless that is switched off.

    Raises:
        InvalidInputError: no sequences, or a model whose logits are made in an unknown way.
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

    Returns:
        float32 ``[total response tokens]``, in nats.

    Raises:
        InvalidInputError: no sequences, or a model whose logits are made in an unknown way.
    """
    return token_scores(model, sequences, chunk_rows=chunk_rows).log_probs


def token_scores(
    model: PreTrainedModel | PeftModel,
    sequences: Sequence[TokenSequence],
    *,
    collision: bool = False,
    chunk_rows: int = CHUNK_ROWS,
) -> TokenScores:
    """Scores the responses' tokens; ``[batch, time, vocabulary]`` never exists.

    With a gradient, all sequences go through together: the graph keeps them anyway, so the caller
    says how many there are (``plan_passes``). Without one, they go through in several passes.

    Args:
        model: a causal language model; a LoRA adapter acts if it is switched on.
        sequences: contexts with their responses, of any lengths; those that begin alike share the
            computation of it, and with it the dropout that is drawn there.
        collision: also computes ``log_collision``.
        chunk_rows: positions projected to the vocabulary at a time.

    Raises:
        InvalidInputError: no sequences, or a model whose logits are made in an unknown way.
    """
    if not sequences:
        raise InvalidInputError("there are no sequences to score")
    causal_lm = cast(
        PreTrainedModel, model.get_base_model() if isinstance(model, PeftModel) else model
    )
    parts: Sequence[Sequence[int]] = [range(len(sequences))]
    if not torch.is_grad_enabled():
        parts = plan_passes([[sequence] for sequence in sequences], TOKENS_PER_PASS)
    scores = [
        _one_pass(causal_lm, [sequences[index] for index in part], collision, chunk_rows)
        for part in parts
    ]
    order = _restored(sequences, parts).to(causal_lm.device)
    return TokenScores(
        torch.cat([score.log_probs for score in scores])[order],
        torch.cat([cast(Tensor, score.log_collision) for score in scores])[order]
        if collision
        else None,
    )


def _one_pass(
    causal_lm: PreTrainedModel,
    sequences: Sequence[TokenSequence],
    collision: bool,
    chunk_rows: int,
) -> TokenScores:
    hidden = _predicting(causal_lm, sequences)
    head = head_of(causal_lm)
    target = torch.tensor(
        list(chain.from_iterable(sequence.response for sequence in sequences)),
        device=hidden.device,
    )
    return TokenScores(
        chosen_log_probs(head, hidden, target, chunk_rows=chunk_rows),
        log_collision(head, hidden, chunk_rows=chunk_rows) if collision else None,
    )


def _predicting(causal_lm: PreTrainedModel, sequences: Sequence[TokenSequence]) -> Tensor:
    """Hidden states that predict the responses' tokens, ``[total response tokens, width]``."""
    if max(map(len, sequences)) < anatomy_of(causal_lm).packs_below_tokens:
        packing = filled(pack(sequences, causal_lm.device))
        return packed_hidden_states(causal_lm.base_model, packing).index_select(0, packing.rows)
    buckets = plan_buckets([len(sequence) for sequence in sequences])
    parts = [_padded(causal_lm, [sequences[index] for index in part]) for part in buckets]
    return torch.cat(parts).index_select(0, _restored(sequences, buckets).to(causal_lm.device))


def _padded(causal_lm: PreTrainedModel, sequences: Sequence[TokenSequence]) -> Tensor:
    """As ``_predicting``, with a row for each sequence.

    The zeros on the right need no mask: under the causal one no real token sees them.
    """
    width = max(len(sequence.inputs) for sequence in sequences)
    input_ids = torch.zeros(len(sequences), width, dtype=torch.long)
    rows: list[int] = []
    for index, sequence in enumerate(sequences):
        inputs = sequence.inputs
        input_ids[index, : len(inputs)] = torch.tensor(inputs)
        rows.extend(range(index * width + len(sequence.context) - 1, index * width + len(inputs)))
    hidden: Tensor = causal_lm.base_model(
        input_ids=input_ids.to(causal_lm.device), use_cache=False
    )[0]
    return hidden.flatten(0, 1).index_select(0, torch.tensor(rows, device=causal_lm.device))


def _restored(sequences: Sequence[TokenSequence], parts: Sequence[Sequence[int]]) -> Tensor:
    """Where the tokens of each sequence are after the parts were computed one by one."""
    planned = list(chain.from_iterable(parts))
    ends = accumulate(len(sequences[index].response) for index in planned)
    end_of = dict(zip(planned, ends, strict=True))
    return torch.cat(
        [
            torch.arange(end_of[index] - len(sequence.response), end_of[index])
            for index, sequence in enumerate(sequences)
        ]
    )
