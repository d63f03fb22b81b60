"""Batches of dialogues as token ids, in few shapes."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from tools.bundled_model.mixture import Lesson, Mixture
from tools.bundled_model.tokenizer import CONTEXT_TOKENS, END, PAD, ROLE_TOKENS

BATCH_TOKENS = 4096
CHUNK_TOKENS = 65_536
WIDTH_STEP = 32
"""Batches come in few shapes: oneDNN compiles a kernel for each and keeps it, which took seven
gigabytes after 400 batches that were each as wide as their longest dialogue."""

IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """Token ids of some dialogues, padded on the right, and what is to be predicted.

    Both are int64 of shape (dialogues, tokens); `labels` is -100 outside the replies.
    """

    input_ids: torch.Tensor
    labels: torch.Tensor


def encode(lesson: Lesson, tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """Give the token ids of a dialogue and its labels: each reply and the end of its turn.

    What does not fit into the context is cut off at its end.
    """
    vocabulary = tokenizer.get_vocab()
    ids: list[int] = []
    labels: list[int] = []
    for message in lesson.messages:
        role = vocabulary[ROLE_TOKENS[message["role"]]]
        content = [*tokenizer.encode(message["content"], add_special_tokens=False), vocabulary[END]]
        is_learned = message["role"] == "assistant" or (lesson.whole and message["role"] == "user")
        ids += [role, *content]
        labels += [IGNORED, *(content if is_learned else [IGNORED] * len(content))]
    return ids[:CONTEXT_TOKENS], labels[:CONTEXT_TOKENS]


def chunk_batches(
    mixture: Mixture,
    tokenizer: PreTrainedTokenizerBase,
    *,
    seed: int,
    chunk: int,
    progress: float,
) -> list[Batch]:
    """Compose the batches of one chunk; dialogues of similar length share a batch.

    Args:
        mixture: what is drawn from.
        tokenizer: of the model.
        seed: of the run.
        chunk: its number in the run.
        progress: share of the run that lies behind it.
    """
    rng = random.Random(f"{seed}-{chunk}")
    examples: list[tuple[list[int], list[int]]] = []
    tokens = 0
    while tokens < CHUNK_TOKENS:
        example = encode(mixture.draw(rng, progress), tokenizer)
        examples.append(example)
        tokens += len(example[0])
    examples.sort(key=lambda example: len(example[0]), reverse=True)
    pad = tokenizer.get_vocab()[PAD]
    batches: list[Batch] = []
    while examples:
        width = math.ceil(len(examples[0][0]) / WIDTH_STEP) * WIDTH_STEP
        rows = max(1, BATCH_TOKENS // width)
        batches.append(_padded(examples[:rows], rows, width, pad))
        examples = examples[rows:]
    rng.shuffle(batches)
    return batches


def _padded(group: Sequence[tuple[list[int], list[int]]], rows: int, width: int, pad: int) -> Batch:
    input_ids = torch.full((rows, width), pad)
    labels = torch.full((rows, width), IGNORED)
    for row, (ids, learned) in enumerate(group):
        input_ids[row, : len(ids)] = torch.tensor(ids)
        labels[row, : len(learned)] = torch.tensor(learned)
    return Batch(input_ids, labels)
