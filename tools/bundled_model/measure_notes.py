"""How far replies say what is noted and known, and nothing else."""

import random
import re
import statistics
from collections.abc import Sequence
from typing import Any

from idiolect.handbook.notes import NOTHING_NOTED
from idiolect.handbook.topics import Topic
from tools.bundled_model import phrases
from tools.bundled_model.bank import load_style_messages, load_topics
from tools.bundled_model.context import Message, system_content
from tools.bundled_model.conversations import everyday_replies
from tools.bundled_model.knowledge import proposition
from tools.bundled_model.measure_cases import Case
from tools.bundled_model.measure_style import share
from tools.bundled_model.mixture import published_dialogues
from tools.bundled_model.notes import take_notes
from tools.bundled_model.relevance import stems, words
from tools.bundled_model.replies import compose_reply
from tools.bundled_model.speaker import Speaker

Figures = dict[str, float]


def notes_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Mean share of a reply's content words that stand in the right topic's notes.

    *Not first* is the same where another topic's notes stand before them. *Others beside* holds
    replies against the other topics noted in the same context, *shuffled* against another case's
    topic; *without* shows the model another case's notes in place of the right ones, and holds its
    replies against the right ones. *Composed* are the replies of the program that the model learned
    from: what openings, joins and closings leave for words from the notes.
    """
    shifted = [*cases[1:], cases[0]]
    replies = speaker.reply([case.prompt() for case in cases], seed)
    astray = speaker.reply(
        [
            case.prompt(sections=case.sections(instead=other.topic))
            for case, other in zip(cases, shifted, strict=True)
        ],
        seed,
    )
    right = [_overlap(reply, case.notes) for reply, case in zip(replies, cases, strict=True)]
    beside = [
        _overlap(reply, "\n".join(_without(case.sections(), case.place)))
        for reply, case in zip(replies, cases, strict=True)
        if case.others
    ]
    return {
        "right notes": _mean(right),
        "not first": _mean([one for one, case in zip(right, cases, strict=True) if case.place]),
        "others beside": _mean(beside),
        "shuffled": _mean(
            [_overlap(reply, other.notes) for reply, other in zip(replies, shifted, strict=True)]
        ),
        "without": _mean(
            [_overlap(reply, case.notes) for reply, case in zip(astray, cases, strict=True)]
        ),
        "composed": _mean(_composed_overlaps(cases, seed)),
    }


def fact_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of replies that speak of a fact that bears on the topic: given, and another's given.

    Two facts that bear on nothing stand beside it; *a distractor used* is how many replies speak
    of one of those. Speaking of it means that at least half of its content words are in the reply.
    """
    shuffled = [case.fact for case in [*cases[1:], cases[0]]]

    def replies_to(facts: Sequence[str]) -> list[str]:
        prompts = [
            case.prompt(paragraph="", facts=[case.distractors[0], fact, case.distractors[1]])
            for case, fact in zip(cases, facts, strict=True)
        ]
        return speaker.reply(prompts, seed)

    given, another = replies_to([case.fact for case in cases]), replies_to(shuffled)

    def used(replies: Sequence[str]) -> float:
        return share([_speaks_of(case.fact, r) for case, r in zip(cases, replies, strict=True)])

    return {
        "given": used(given),
        "another given": used(another),
        "a distractor used": share(
            [
                any(_speaks_of(fact, reply) for fact in case.distractors)
                for case, reply in zip(cases, given, strict=True)
            ]
        ),
    }


def absent_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of replies that say that nothing is noted, by what is noted.

    With notes there are as many sections either way, and facts and a style beside them always.
    """

    def says_so(sections: Sequence[list[str]]) -> float:
        prompts = [
            case.prompt(sections=shown, facts=case.distractors)
            for case, shown in zip(cases, sections, strict=True)
        ]
        replies = speaker.reply(prompts, seed)
        return share([any(phrase in reply for phrase in phrases.ABSENT) for reply in replies])

    shifted = [*cases[1:], cases[0]]
    return {
        "nothing is noted": says_so([[NOTHING_NOTED]] * len(cases)),
        "other topics are noted": says_so(
            [case.sections(instead=other.topic) for case, other in zip(cases, shifted, strict=True)]
        ),
        "the topic is noted": says_so([case.sections() for case in cases]),
    }


def recall_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Share of known propositions that the answer to "what do you know about me?" repeats."""
    rng = random.Random(seed)
    known = [[*case.distractors, case.fact] for case in cases]

    def asked(facts: Sequence[str], notes: Sequence[str]) -> list[Message]:
        stated = [proposition(fact, "The user") for fact in facts]
        ask = {"role": "user", "content": rng.choice(phrases.RECALL_ASKS)}
        return [*system_content("", stated, notes), ask]

    noted = [[[], [NOTHING_NOTED], case.sections()][place % 3] for place, case in enumerate(cases)]
    replies = speaker.reply(list(map(asked, known, noted)), seed)

    def recalled(of: Sequence[Sequence[str]]) -> float:
        pairs = zip(of, replies, strict=True)
        return share([_speaks_of(fact, reply) for facts, reply in pairs for fact in facts])

    return {"given": recalled(known), "another's": recalled([*known[1:], known[0]])}


def flaw_figures(speaker: Speaker, cases: Sequence[Case], seed: int) -> Figures:
    """Shares of replies that repeat a sentence, or have a word that stands nowhere.

    *Composed* are the replies of the program that the model learned from, to the same cases.
    """
    replies = speaker.reply([case.prompt() for case in cases], seed)
    rng = random.Random(seed)
    composed = [compose_reply(take_notes(c.topic, rng, c.style), c.style, rng) for c in cases]
    corpus = _vocabulary()
    known = [
        corpus | words(_text(case.topic)) | words(" ".join(m["content"] for m in case.prompt()))
        for case in cases
    ]

    def broken(texts: Sequence[str | None]) -> float:
        pairs = zip(texts, known, strict=True)
        return share([bool(_plain(words(text)) - of) for text, of in pairs if text is not None])

    return {
        "repeats a sentence": share([_repeats(reply) for reply in replies]),
        "composed repeats a sentence": share([_repeats(text) for text in composed if text]),
        "has a broken word": broken(replies),
        "composed has a broken word": broken(composed),
    }


def _vocabulary() -> set[str]:
    """All words of all that the model was trained on."""
    found = {word for topic in load_topics() for word in words(_text(topic))}
    pools = [pool for name, pool in vars(phrases).items() if name.isupper()]
    found |= words(" ".join(_strings(pools)))
    found |= {word for m in load_style_messages(held_out=False) for word in words(m.text)}
    texts = [reply["text"] for _, reply in everyday_replies(held_out=False)]
    texts += [turn["content"] for d in published_dialogues(held_out=False) for turn in d]
    return found | {word for text in texts for word in words(text)}


def _strings(value: Any) -> list[str]:
    """All texts in nested tuples, lists and dicts of texts."""
    if isinstance(value, str):
        return [value]
    within = value.values() if isinstance(value, dict) else value
    return [text for each in within for text in _strings(each)]


def _text(topic: Topic) -> str:
    points = [part for point in topic.points for part in point]
    pieces = [topic.name, topic.why, topic.example, topic.caution, topic.question, topic.technical]
    return " ".join([*points, *pieces, *topic.asks, *(f"{f.text} {f.tie}" for f in topic.facts)])


def _plain(found: set[str]) -> set[str]:
    """Without contractions, which the program makes of two words."""
    return {word for word in found if "'" not in word}


def _without(sections: Sequence[str], place: int) -> list[str]:
    return [*sections[:place], *sections[place + 1 :]]


def _composed_overlaps(cases: Sequence[Case], seed: int) -> list[float]:
    rng = random.Random(seed)
    composed = [(compose_reply(case.noted, case.style, rng), case.notes) for case in cases]
    return [_overlap(reply, notes) for reply, notes in composed if reply is not None]


def _overlap(reply: str, notes: str) -> float:
    said = stems(reply)
    return len(said & stems(notes)) / max(1, len(said))


def _speaks_of(fact: str, reply: str) -> bool:
    wanted = stems(fact)
    return len(wanted & stems(reply)) * 2 >= max(1, len(wanted))


def _repeats(reply: str) -> bool:
    sentences = [s for s in re.split(r"[.!?\n]+\s*", reply) if len(s.split()) > 2]
    return len(sentences) != len(set(sentences))


def _mean(shares: Sequence[float]) -> float:
    return round(statistics.mean(shares), 3)
