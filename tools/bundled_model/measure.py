"""Measure the bundled model on topics, asks, style combinations and wordings it never saw.

Every figure stands beside a control: the same replies held against another prompt, the notes or
the fact exchanged for others'. Replies are sampled with the shipped generation settings, from
fixed seeds. The aims that the figures are held against stand in ``AIMS``.
"""

import argparse
import dataclasses
import json
import random
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from idiolect.handbook.notes import NOTHING_NOTED
from idiolect.handbook.topics import Topic
from idiolect.lm.bundled import MODEL_DIR
from tools.bundled_model.bank import held_out_ask, load_style_messages, load_topics
from tools.bundled_model.context import ATTRIBUTES, Message, style_paragraph, system_content
from tools.bundled_model.knowledge import draw_distractors, proposition
from tools.bundled_model.measure_loss import loss_figures
from tools.bundled_model.measure_speed import speed_figures
from tools.bundled_model.notes import Notes, neighbors, take_notes
from tools.bundled_model.phrases import ABSENT, RECALL_ASKS
from tools.bundled_model.relevance import stems, words
from tools.bundled_model.replies import observed_style
from tools.bundled_model.speaker import Speaker
from tools.bundled_model.styles import HELD_OUT_STYLES, Style

Figures = dict[str, float | dict[str, float]]

OTHERS = 2
"""Topics noted after the right one."""


@dataclass(frozen=True)
class Case:
    """A question about a topic never trained on, in a style combination never trained on."""

    topic: Topic
    style: Style
    paragraph: str
    notes: Notes
    others: tuple[str, ...]
    fact: str
    distractors: tuple[str, ...]

    def prompt(
        self,
        *,
        paragraph: str | None = None,
        notes: Notes | None = None,
        facts: Sequence[str] = (),
    ) -> list[Message]:
        """What the model is shown, with its own style and notes or others."""
        sections = [(notes or self.notes).section, *self.others]
        stated = [proposition(fact, "The user") for fact in facts]
        asked = self.paragraph if paragraph is None else paragraph
        ask: Message = {"role": "user", "content": held_out_ask(self.topic.id)}
        return [*system_content(asked, stated, sections), ask]


def draw_cases(count: int, seed: int) -> list[Case]:
    """Draw cases; the wordings of the styles are held out as well."""
    rng = random.Random(seed)
    topics = load_topics(held_out=True)
    cases = []
    for _ in range(count):
        topic, style = rng.choice(topics), rng.choice(HELD_OUT_STYLES)
        cases.append(
            Case(
                topic,
                style,
                style_paragraph(style, rng, attributes=ATTRIBUTES, held_out_wording=True),
                take_notes(topic, rng, style),
                tuple(take_notes(t, rng).section for t in neighbors(topics, topic, OTHERS, rng)),
                rng.choice(topic.facts).text,
                tuple(draw_distractors(topics, topic, 2, rng)),
            )
        )
    return cases


def notes_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Mean share of a reply's content words that stand in the right topic's notes.

    *Shuffled* holds the same replies against another case's notes; *without* shows the model
    another case's notes in place of the right ones, and holds its replies against the right ones.
    """
    others = [case.notes for case in [*cases[1:], cases[0]]]
    replies = speaker.reply([case.prompt() for case in cases], seed)
    astray = speaker.reply(
        [case.prompt(notes=other) for case, other in zip(cases, others, strict=True)], seed
    )
    right = [case.notes for case in cases]
    return {
        "right notes": _overlap(replies, right),
        "shuffled": _overlap(replies, others),
        "without": _overlap(astray, right),
    }


def style_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of replies with each attribute as asked, in wordings never trained on."""
    fixed = cases[0].paragraph
    replies = speaker.reply([case.prompt() for case in cases], seed)
    same = speaker.reply([case.prompt(paragraph=fixed) for case in cases], seed)
    return _agreement([case.style for case in cases], replies, same)


def hand_written_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """The same under system messages that people wrote and training never saw."""
    messages = random.Random(seed).choices(load_style_messages(held_out=True), k=len(cases))
    prompts = [
        case.prompt(paragraph=message.text) for case, message in zip(cases, messages, strict=True)
    ]
    same = speaker.reply([case.prompt(paragraph=messages[0].text) for case in cases], seed)
    return _agreement([message.style for message in messages], speaker.reply(prompts, seed), same)


def fact_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of replies that speak of a fact that bears on the topic: given, and another's given.

    Speaking of it means that at least half of the fact's content words appear in the reply.
    """
    wanted = [stems(case.fact) for case in cases]
    shuffled = [case.fact for case in [*cases[1:], cases[0]]]
    shares = {}
    for name, facts in (("given", [case.fact for case in cases]), ("another given", shuffled)):
        prompts = [
            case.prompt(paragraph="", facts=[case.distractors[0], fact, case.distractors[1]])
            for case, fact in zip(cases, facts, strict=True)
        ]
        replies = speaker.reply(prompts, seed)
        shares[name] = _share([_speaks_of(w, r) for w, r in zip(wanted, replies, strict=True)])
    return dict(shares)


def absent_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of replies that say that nothing is noted, by what is noted."""

    def says_so(prompts: Sequence[list[Message]]) -> float:
        return _share([any(a in r for a in ABSENT) for r in speaker.reply(prompts, seed)])

    bare = [dataclasses.replace(case, others=()) for case in cases]
    rests = [[*system_content("", [], case.others), case.prompt()[-1]] for case in cases]
    empty = [[*system_content("", [], [NOTHING_NOTED]), case.prompt()[-1]] for case in cases]
    return {
        "nothing is noted": says_so(empty),
        "other topics are noted": says_so(rests),
        "the topic and others": says_so([case.prompt(paragraph="") for case in cases]),
        "the topic alone": says_so([case.prompt(paragraph="") for case in bare]),
    }


def recall_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of known propositions that the answer to "what do you know about me?" repeats."""
    rng = random.Random(seed)
    known = [[*case.distractors, case.fact] for case in cases]
    prompts = [
        [
            *system_content("", [proposition(f, "The user") for f in facts]),
            {"role": "user", "content": rng.choice(RECALL_ASKS)},
        ]
        for facts in known
    ]
    replies = speaker.reply(prompts, seed)

    def recalled(of: Sequence[Sequence[str]]) -> float:
        flags = [
            _speaks_of(stems(fact), reply)
            for facts, reply in zip(of, replies, strict=True)
            for fact in facts
        ]
        return _share(flags)

    return {"given": recalled(known), "another's": recalled([*known[1:], known[0]])}


def flaw_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Shares of replies that repeat a sentence, or have a word that stands nowhere."""
    replies = speaker.reply([case.prompt() for case in cases], seed)
    corpus = {w for topic in load_topics() for w in words(_text(topic))}
    corpus |= {w for m in load_style_messages(held_out=False) for w in words(m.text)}
    shown = [words(" ".join(m["content"] for m in case.prompt())) for case in cases]
    broken = [words(r) - corpus - s for r, s in zip(replies, shown, strict=True)]
    return {
        "repeats a sentence": _share([_repeats(r) for r in replies]),
        "has a broken word": _share([bool({w for w in b if "'" not in w}) for b in broken]),
        "words of all that are broken": round(
            sum(map(len, broken)) / sum(len(words(r)) for r in replies), 4
        ),
    }


MEASURES: dict[str, Callable[[Speaker, Sequence[Case], int], Figures]] = {
    "words from the notes": notes_figures,
    "style, held-out combinations and wordings": style_figures,
    "style, hand-written messages": hand_written_figures,
    "fact used": fact_figures,
    "says that nothing is noted": absent_figures,
    "known propositions recalled": recall_figures,
    "flaws": flaw_figures,
}


def _agreement(styles: Sequence[Style], replies: Sequence[str], same: Sequence[str]) -> Figures:
    """Each attribute's share right: as asked, against another's message, under one message."""
    figures: Figures = {}
    arms = {
        "asked": (replies, styles),
        "another message": (replies, [*styles[1:], styles[0]]),
        "one fixed message": (same, styles),
    }
    for attribute in ATTRIBUTES:
        figures[attribute] = {
            name: _share(
                [
                    (o := observed_style(reply)) is not None
                    and getattr(o, attribute) == getattr(wanted, attribute)
                    for reply, wanted in zip(said, asked, strict=True)
                ]
            )
            for name, (said, asked) in arms.items()
        }
    return figures


def _overlap(replies: Sequence[str], notes: Sequence[Notes]) -> float:
    shares = [
        len(said & stems(noted.section)) / max(1, len(said))
        for said, noted in zip(map(stems, replies), notes, strict=True)
    ]
    return round(statistics.mean(shares), 3)


def _speaks_of(fact: set[str], reply: str) -> bool:
    return len(fact & stems(reply)) * 2 >= max(1, len(fact))


def _text(topic: Topic) -> str:
    points = [part for point in topic.points for part in point]
    pieces = [topic.name, topic.why, topic.example, topic.caution, topic.question, topic.technical]
    return " ".join([*points, *pieces, *topic.asks, *(f"{f.text} {f.tie}" for f in topic.facts)])


def _repeats(reply: str) -> bool:
    sentences = [s for s in re.split(r"[.!?\n]+\s*", reply) if len(s.split()) > 2]
    return len(sentences) != len(set(sentences))


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 3)


def main() -> None:
    """Measure everything and print it, as JSON in the last line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--model-dir", type=Path, default=MODEL_DIR)
    parser.add_argument("--count", type=int, default=200, help="replies per measure")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="measures whose name has this in it")
    arguments = parser.parse_args()
    speaker = Speaker(arguments.model_dir)
    cases = draw_cases(arguments.count, arguments.seed)
    console = Console()
    measures: dict[str, Callable[[], Figures]] = {
        **{
            name: lambda measure=measure: measure(speaker, cases, arguments.seed)
            for name, measure in MEASURES.items()
        },
        "loss": lambda: loss_figures(speaker, arguments.seed),
        "speed": lambda: speed_figures(arguments.model_dir),
    }
    results: dict[str, Figures] = {}
    for name, measured in measures.items():
        if arguments.only and arguments.only not in name:
            continue
        results[name] = measured()
        console.print(f"{name}: {results[name]}", highlight=False, soft_wrap=True)
    console.print(json.dumps(results), soft_wrap=True, highlight=False)


if __name__ == "__main__":
    main()
