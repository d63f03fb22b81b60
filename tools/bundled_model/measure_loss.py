"""The loss of the bundled model on text it never saw, beside a 5-gram model of the same text."""

import random
from collections.abc import Callable, Iterator

import torch

from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.batches import IGNORED, encode
from tools.bundled_model.mixture import Lesson, Mixture, published_dialogues
from tools.bundled_model.ngram import NgramModel
from tools.bundled_model.speaker import Speaker

LEARNED, MEASURED = 6000, 100
"""Lessons of each kind: that the 5-grams are counted on, and that both are measured on."""

KINDS = ("published", "notes", "everyday")


def loss_figures(speaker: Speaker, seed: int) -> dict[str, float | dict[str, float]]:
    """Nats per byte of what is to be predicted, by kind of dialogue.

    Published dialogues are held out, and so are the topics of the notes; everyday dialogues are
    those that training saw.
    """
    known = Mixture(
        load_topics(), load_style_messages(held_out=False), published_dialogues(held_out=False)
    )
    unseen = Mixture(
        load_topics(held_out=True),
        load_style_messages(held_out=True),
        published_dialogues(held_out=True),
    )
    figures: dict[str, float | dict[str, float]] = {}
    for kind in KINDS:
        rng = random.Random(f"{seed}-{kind}")
        ngrams = NgramModel(len(speaker.tokenizer))
        ngrams.learn(ids for ids, _ in _encoded(speaker, known.kind(kind), rng, LEARNED))
        model, baseline, size = 0.0, 0.0, 0
        for ids, labels in _encoded(speaker, unseen.kind(kind), rng, MEASURED):
            places = [place for place, label in enumerate(labels) if label != IGNORED]
            model += _nats(speaker, ids, labels)
            baseline += ngrams.nats(ids, places)
            size += len(speaker.tokenizer.decode([ids[place] for place in places]).encode())
        figures[kind] = {"model": round(model / size, 3), "5-grams": round(baseline / size, 3)}
    return figures


def _encoded(
    speaker: Speaker, draw: Callable[[random.Random], Lesson], rng: random.Random, count: int
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
