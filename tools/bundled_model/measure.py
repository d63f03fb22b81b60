"""Measure the bundled model on asks, style combinations and wordings that training never saw.

Every figure stands beside a control: the same replies held against another prompt's style, the
same facts without being given, the same topics shuffled. Replies are sampled the way the
platform samples them (the shipped generation settings), from fixed seeds.
"""

import argparse
import dataclasses
import functools
import json
import random
import re
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from rich.console import Console

from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import Topic, load_style_messages, load_topics
from tools.bundled_model.compose import Composer
from tools.bundled_model.context import ATTRIBUTES, Message, style_paragraph, system_content
from tools.bundled_model.knowledge import draw_distractors, proposition
from tools.bundled_model.phrases import RECALL_ASKS
from tools.bundled_model.replies import observed_style
from tools.bundled_model.speaker import Speaker
from tools.bundled_model.styles import HELD_OUT_STYLES, Style, format_of, has_emoji, length_of
from tools.bundled_model.train import IGNORED, encode

Figures = dict[str, float | dict[str, float]]

_STEM = 5
# fmt: off
_COMMON = frozenset((
    "about", "after", "also", "always", "because", "before", "each", "every", "first", "from",
    "have", "here", "into", "just", "keep", "like", "make", "many", "more", "most", "much", "never",
    "often", "only", "other", "over", "since", "some", "such", "than", "that", "their", "them",
    "then", "there", "these", "they", "thing", "things", "this", "time", "user", "what", "when",
    "where", "which", "while", "will", "with", "without", "work", "your",
))
# fmt: on


def style_figures(speaker: Speaker, topics: Sequence[Topic], seed: int, count: int) -> Figures:
    """Share of replies with each attribute as asked, on held-out combinations and wordings."""
    rng = random.Random(seed)
    styles = [rng.choice(HELD_OUT_STYLES) for _ in range(count)]
    prompts = [
        _prompt(
            style_paragraph(s, rng, attributes=ATTRIBUTES, held_out_wording=True),
            [],
            rng.choice(topics).held_out_ask,
        )
        for s in styles
    ]
    replies = speaker.reply(prompts, seed)
    return _agreement(styles, replies)


def hand_written_figures(
    speaker: Speaker, topics: Sequence[Topic], seed: int, count: int
) -> Figures:
    """The same under hand-written system messages that training never saw."""
    rng = random.Random(seed)
    messages = rng.sample(load_style_messages(held_out=True), count)
    prompts = []
    for message in messages:
        same_area = [t for t in topics if t.area == message.area] or list(topics)
        prompts.append(_prompt(message.text, [], rng.choice(same_area).held_out_ask))
    return _agreement([m.style for m in messages], speaker.reply(prompts, seed))


def fact_figures(speaker: Speaker, topics: Sequence[Topic], seed: int, count: int) -> Figures:
    """Share of replies that speak of a fact of the topic: given, and not given.

    Speaking of it means that at least half of the fact's content words appear in the reply.
    """
    rng = random.Random(seed)
    given, withheld, facts = [], [], []
    for _ in range(count):
        topic = rng.choice(topics)
        fact = rng.choice(topic.facts).text
        others = draw_distractors(topics, topic, 2, rng)
        ask = topic.held_out_ask
        given.append(_prompt("", [*others, fact], ask))
        withheld.append(_prompt("", others, ask))
        facts.append(_stems(fact))
    shares = {}
    for name, prompts in (("given", given), ("withheld", withheld)):
        replies = speaker.reply(prompts, seed)
        shares[name] = _share(
            [len(f & _stems(r)) * 2 >= max(1, len(f)) for f, r in zip(facts, replies, strict=True)]
        )
    return dict(shares)


def recall_figures(speaker: Speaker, topics: Sequence[Topic], seed: int, count: int) -> Figures:
    """Share of known propositions that the answer to "what do you know about me?" repeats."""
    rng = random.Random(seed)
    predicates = [draw_distractors(topics, rng.choice(topics), 3, rng) for _ in range(count)]
    prompts = [_prompt("", p, rng.choice(RECALL_ASKS)) for p in predicates]
    replies = speaker.reply(prompts, seed)

    def recalled(known: Sequence[list[str]]) -> float:
        return _share(
            [
                len(_stems(p) & _stems(r)) * 2 >= max(1, len(_stems(p)))
                for ps, r in zip(known, replies, strict=True)
                for p in ps
            ]
        )

    return {"given": recalled(predicates), "of others": recalled(predicates[1:] + predicates[:1])}


def topic_figures(speaker: Speaker, topics: Sequence[Topic], seed: int, count: int) -> Figures:
    """Mean share of a reply's content words that the right topic's text holds, and a wrong one's.

    The asks are held out; a template's words count for neither topic and lower both shares.
    """
    rng = random.Random(seed)
    asked = [rng.choice(topics) for _ in range(count)]
    replies = speaker.reply([_prompt("", [], t.held_out_ask) for t in asked], seed)
    words = [_stems(r) for r in replies]

    def overlap(of: Sequence[Topic]) -> float:
        shares = [len(w & _topic_stems(t)) / max(1, len(w)) for w, t in zip(words, of, strict=True)]
        return round(statistics.mean(shares), 3)

    best = [_closest(w, topics) for w in words]
    return {
        "right topic": overlap(asked),
        "another topic": overlap(asked[1:] + asked[:1]),
        "closest topic is the right one": _share(
            [b is t for b, t in zip(best, asked, strict=True)]
        ),
    }


def variety_figures(speaker: Speaker, topics: Sequence[Topic], seed: int, count: int) -> Figures:
    """Shares of the style values when no style is asked for, and of flawed replies."""
    rng = random.Random(seed)
    prompts = [_prompt("", [], rng.choice(topics).held_out_ask) for _ in range(count)]
    replies = speaker.reply(prompts, seed)
    counts = Counter(str(v) for r in replies for v in (length_of(r), format_of(r)))
    known = {w for t in topics for w in _words(_text(t))}
    known |= {w for m in load_style_messages(held_out=False) for w in _words(m.text)}
    pairs = [speaker.reply([p] * 2, seed + i) for i, p in enumerate(prompts[:20])]
    return {
        **{name: round(n / count, 3) for name, n in sorted(counts.items())},
        "emoji": _share([has_emoji(r) for r in replies]),
        "two candidates differ in style": _share(
            [observed_style(a) != observed_style(b) for a, b in pairs]
        ),
        "repeats a sentence": _share([_repeats(r) for r in replies]),
        "has a word not in the corpus": _share([bool(_words(r) - known) for r in replies]),
    }


def loss_figures(speaker: Speaker, topics: Sequence[Topic], seed: int, count: int) -> Figures:
    """Negative log-likelihood of composed replies to held-out asks, in nats."""
    asked = [dataclasses.replace(t, asks=(t.held_out_ask,)) for t in topics]
    composer = Composer(asked, load_style_messages(held_out=True))
    rng = random.Random(seed)
    nats, tokens, size_bytes = 0.0, 0, 0
    for _ in range(count):
        dialogue = composer.draw(rng)
        ids, labels = encode(dialogue, speaker.tokenizer)
        with torch.inference_mode():
            logits = speaker.model(torch.tensor([ids])).logits[0, :-1]
        targets = torch.tensor(labels[1:])
        nats += float(
            torch.nn.functional.cross_entropy(
                logits, targets, ignore_index=IGNORED, reduction="sum"
            )
        )
        tokens += int((targets != IGNORED).sum())
        replies = [m["content"] for m in dialogue.messages if m["role"] == "assistant"]
        size_bytes += sum(len(r.encode()) for r in replies)
    return {"nats per token": round(nats / tokens, 3), "nats per byte": round(nats / size_bytes, 3)}


MEASURES: dict[str, Callable[[Speaker, Sequence[Topic], int, int], Figures]] = {
    "loss": loss_figures,
    "style, held-out combinations and wordings": style_figures,
    "style, hand-written messages": hand_written_figures,
    "fact used": fact_figures,
    "known propositions recalled": recall_figures,
    "topic": topic_figures,
    "variety without a style": variety_figures,
}


def _agreement(styles: Sequence[Style], replies: Sequence[str]) -> Figures:
    """Give each attribute's share right, and in brackets the share against another prompt."""
    figures: Figures = {}
    observed = [observed_style(r) for r in replies]
    others = list(styles[1:]) + list(styles[:1])
    for attribute in ATTRIBUTES:
        figures[attribute] = {
            name: _share(
                [
                    o is not None and getattr(o, attribute) == getattr(w, attribute)
                    for o, w in zip(observed, wanted, strict=True)
                ]
            )
            for name, wanted in (("asked", styles), ("another message", others))
        }
    return figures


def _prompt(paragraph: str, predicates: Sequence[str], ask: str) -> list[Message]:
    stated = [proposition(p, "The user") for p in predicates]
    return [*system_content(paragraph, stated), {"role": "user", "content": ask}]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z']+", text.lower()))


def _stems(text: str) -> set[str]:
    return {w[:_STEM] for w in _words(text) if len(w) > 3 and w not in _COMMON}


def _text(topic: Topic) -> str:
    points = [part for point in topic.points for part in point]
    pieces = [topic.name, topic.why, topic.example, topic.caution, topic.question, topic.technical]
    return " ".join([*points, *pieces, *topic.asks, *(f"{f.text} {f.tie}" for f in topic.facts)])


@functools.cache
def _topic_stems(topic: Topic) -> set[str]:
    return _stems(_text(topic))


def _closest(stems: set[str], topics: Sequence[Topic]) -> Topic:
    return max(topics, key=lambda topic: len(stems & _topic_stems(topic)))


def _repeats(reply: str) -> bool:
    sentences = [s for s in re.split(r"[.!?\n]+\s*", reply) if len(s.split()) > 2]
    return len(sentences) != len(set(sentences))


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 3)


def main() -> None:
    """Measure everything and print it, as JSON in the last line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model", type=Path, default=MODEL_DIR)
    parser.add_argument("--count", type=int, default=200, help="replies per measure")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    speaker = Speaker(arguments.model)
    topics = load_topics()
    console = Console()
    results: dict[str, Figures] = {}
    for name, measure in MEASURES.items():
        results[name] = measure(speaker, topics, arguments.seed, arguments.count)
        console.print(f"{name}: {results[name]}", highlight=False)
    rate = speaker.written_tokens / speaker.writing_s
    results["speed"] = {"tokens per second, batches of 32": round(rate)}
    console.print(json.dumps(results), soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
