"""The loss of the bundled model on text it never saw, beside a 5-gram model of the same text."""

import random
from collections import Counter
from collections.abc import Callable, Iterator

import torch

from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.batches import IGNORED, encode
from tools.bundled_model.mixture import Lesson, Mixture, published_dialogues
from tools.bundled_model.ngram import NgramModel
from tools.bundled_model.speaker import Speaker

LEARNED, MEASURED = 6000, 100
"""Lessons of each kind: that the 5-grams are counted on, and that both are measured on."""

Draw = Callable[[random.Random], Lesson]
KINDS = ("published", "notes", "everyday")


def loss_figures(speaker: Speaker, seed: int) -> dict[str, float | dict[str, float]]:
    """Nats per byte of what is to be predicted, by kind of dialogue.

    Held out are published dialogues, the topics of the notes, and of the everyday dialogues the
    system messages and combinations of style, though not what the user says.
    """
    known = Mixture(
        load_topics(), load_style_messages(held_out=False), published_dialogues(held_out=False)
    )
    unseen = Mixture(
        load_topics(held_out=True),
        load_style_messages(held_out=True),
        published_dialogues(held_out=True),
        held_out=True,
    )
    return {kind: _loss(speaker, known.kind(kind), unseen.kind(kind), seed) for kind in KINDS}


def _loss(speaker: Speaker, known: Draw, unseen: Draw, seed: int) -> dict[str, float]:
    rng = random.Random(seed)
    ngrams = NgramModel(len(speaker.tokenizer))
    ngrams.learn(ids for ids, _ in _encoded(speaker, known, rng, LEARNED))
    nats, size = Counter[str](), 0
    for ids, labels in _encoded(speaker, unseen, rng, MEASURED):
        places = {place for place, label in enumerate(labels) if label != IGNORED}
        predicted = [ids[place] for place in sorted(places)]
        nats["model"] += _nats(speaker, ids, labels)
        nats["5-grams"] += ngrams.nats(ids, places, copying=False)
        nats["5-grams that copy"] += ngrams.nats(ids, places, copying=True)
        # The tokens that end a turn are predicted too; their names are no text.
        size += len(speaker.tokenizer.decode(predicted, skip_special_tokens=True).encode())
    return {name: round(total / size, 3) for name, total in nats.items()}


def _encoded(
    speaker: Speaker, draw: Draw, rng: random.Random, count: int
) -> Iterator[tuple[list[int], list[int]]]:
    return (encode(draw(rng), speaker.tokenizer) for _ in range(count))


def _nats(speaker: Speaker, ids: list[int], labels: list[int]) -> float:
    with torch.inference_mode():
        logits = speaker.model(torch.tensor([ids])).logits[0, :-1]
    return float(
        torch.nn.functional.cross_entropy(
            logits, torch.tensor(labels[1:]), ignore_index=IGNORED, reduction="sum"
        )
    )
