"""Batches of dialogues as token ids, in few shapes."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import PreTrainedTokenizerBase

from tools.bundled_model.mixture import Lesson, Mixture
from tools.bundled_model.tokenizer import (
    CONTEXT_TOKENS,
    END,
    PAD,
    ROLE_TOKENS,
    SPECIAL_TOKENS,
)

BATCH_TOKENS = 4096
CHUNK_TOKENS = 65_536
WIDTH_STEP = 32
"""Batches come in few shapes: oneDNN compiles a kernel for each and keeps it, which took seven
gigabytes after 400 batches that were each as wide as their longest dialogue."""

IGNORED = -100

SLIPPING_SHARE = 0.5
"""Of dialogues, those in whose replies tokens are wrong now and then."""

SLIP_SHARE = 0.04
"""Of the tokens of such a reply, those at which it goes wrong."""

SLIP_REACH = 24
"""A third of the wrong tokens stood so near before, a third are any."""

STUTTER_LENGTH = 3
"""A third repeat the token before them, for so many tokens on average."""


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
        ids, labels = encode(mixture.draw(rng, progress), tokenizer)
        examples.append((with_slips(ids, labels, len(tokenizer), rng), labels))
        tokens += len(ids)
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


def with_slips(
    ids: Sequence[int], labels: Sequence[int], vocabulary: int, rng: random.Random
) -> list[int]:
    """Put wrong tokens into what the model is shown of a reply; what it is to say stays right.

    A model that only ever continues right text does not know what to do after a token that was
    drawn badly; heads that copy then repeat it without end. So some of the wrong tokens repeat the
    one before them, several times. In scheduled sampling (Bengio et al.
    2015) the wrong tokens are the model's own, which costs another pass.

    Args:
        ids: of the dialogue.
        labels: what is to be predicted at each place.
        vocabulary: how many tokens there are.
        rng: decides which tokens are wrong.
    """
    if rng.random() >= SLIPPING_SHARE:
        return list(ids)
    shown, first = list(ids), len(SPECIAL_TOKENS)
    stutters = False
    for place, label in enumerate(labels):
        if label == IGNORED:
            stutters = False
        elif stutters or rng.random() < SLIP_SHARE:
            near = [each for each in ids[max(0, place - SLIP_REACH) : place] if each >= first]
            kind = "stutter" if stutters else rng.choice(("stutter", "near", "any"))
            if kind == "stutter" and shown[place - 1] >= first:
                shown[place] = shown[place - 1]
                stutters = rng.random() < 1 - 1 / STUTTER_LENGTH
            elif kind == "near" and near:
                shown[place] = rng.choice(near)
            else:
                shown[place] = rng.randrange(first, vocabulary)
    return shown


def _padded(group: Sequence[tuple[list[int], list[int]]], rows: int, width: int, pad: int) -> Batch:
    input_ids = torch.full((rows, width), pad)
    labels = torch.full((rows, width), IGNORED)
    for row, (ids, learned) in enumerate(group):
        input_ids[row, : len(ids)] = torch.tensor(ids)
        labels[row, : len(learned)] = torch.tensor(learned)
    return Batch(input_ids, labels)
