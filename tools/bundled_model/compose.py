"""Compose short assistant dialogues that follow style instructions and use what is known.

Every dialogue is a list of OpenAI-style messages plus what a program needs to check it: the
style of each reply and the fact that a reply must use. Run as a script it shows samples.
"""

import argparse
import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

from rich.console import Console

from idiolect.handbook.notes import NOTHING_NOTED, section
from idiolect.handbook.topics import Topic
from tools.bundled_model.bank import StyleMessage, load_style_messages, load_topics
from tools.bundled_model.context import (
    Message,
    ask_about,
    message,
    style_paragraph,
    system_content,
)
from tools.bundled_model.copying import draw_copy_task
from tools.bundled_model.knowledge import (
    MAX_PROPOSITIONS,
    draw_distractors,
    draw_subject,
    pluralize_verb,
    proposition,
)
from tools.bundled_model.notes import fitted, join, neighbors, take_notes, unsaid
from tools.bundled_model.phrases import (
    FOLLOW_UPS,
    RECALL_ASKS,
    RECALL_NOTHING,
)
from tools.bundled_model.replies import compose_absent, compose_recall, compose_reply
from tools.bundled_model.styles import TRAINING_STYLES, Style

Kind = Literal["notes", "brief", "absent", "copying", "advice", "recall"]
"""Replies from notes, from few of them, to what they do not cover, copying, from memory, about the
user."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_PLAIN = Style("short", "prose", "neutral", emoji=False, question=False)


# Shares of the dialogues. A fifth states no style, and is then written in every style alike, so
# that two samples for one prompt differ visibly and a person can choose between them.
STYLE_SHARE = 0.8
KNOWLEDGE_SHARE = 0.55
TWO_TURN_SHARE = 0.12
SAME_TOPIC_SHARE = 0.5
FIRST_SHARE = 0.5
"""Of contexts, those in which the right topic is noted first whatever the number; a retriever does
better, and a model that sees it there nearly always never looks further."""

HAND_WRITTEN_SHARE = 0.4
NOTED_RECALL_SHARE = 0.5
OTHERS_SHARES = (0.4, 0.35, 0.25)
"""Of contexts with notes on no other topic, on one, on two."""

OTHERS_ROOM = 500, 1000
"""Characters for the notes on another topic: as the platform shares its room out among three, and
among two."""

ABSENT_SHARES = (0.35, 0.25, 0.2, 0.2)
"""The same, and on three, where the right topic is not noted."""


@dataclass(frozen=True)
class Dialogue:
    """A dialogue, the style of its first reply, the sentence by which it uses a fact, and what is
    noted on its topic, if that stands in its context.
    """

    messages: tuple[Message, ...]
    topic: str
    style: Style
    tie: str | None = None
    noted: Topic | None = None

    @property
    def prompt(self) -> tuple[Message, ...]:
        """The messages before the first reply."""
        first = next(i for i, m in enumerate(self.messages) if m["role"] == "assistant")
        return self.messages[:first]

    @property
    def reply(self) -> str:
        """The first reply."""
        return next(m["content"] for m in self.messages if m["role"] == "assistant")


class Composer:
    """Draw training dialogues; the same `random.Random` state gives the same dialogue.

    Args:
        topics: what can be said.
        style_messages: system messages that people wrote.
    """

    def __init__(self, topics: Sequence[Topic], style_messages: Sequence[StyleMessage]) -> None:
        self._topics = topics
        self._vocabulary = sorted(
            {word for topic in topics for short, _ in topic.points for word in short.split()[1:]}
        )
        self._style_messages = [m for m in style_messages if m.style in set(TRAINING_STYLES)]
        self._kinds: Mapping[Kind, Callable[[random.Random], Dialogue | None]] = {
            "notes": self._from_notes,
            "brief": partial(self._from_notes, brief=True),
            "absent": self._absent,
            "copying": self._copy,
            "advice": self._advice,
            "recall": self._recall,
        }

    def draw(self, rng: random.Random, kind: Kind) -> Dialogue:
        """Draw one dialogue of a kind."""
        while True:
            dialogue = self._kinds[kind](rng)
            if dialogue is not None:
                return dialogue

    def _from_notes(self, rng: random.Random, *, brief: bool = False) -> Dialogue | None:
        """Advice that says what the notes on its topic say, among notes on others if not brief."""
        topic = rng.choice(self._topics)
        style, paragraph = self._style(topic, rng)
        ask, style = ask_about(topic, style, rng)
        noted = left = take_notes(topic, rng, style, brief=brief)
        predicates, tie = (
            self._predicates(topic, rng) if rng.random() < KNOWLEDGE_SHARE else ([], None)
        )
        if tie is not None:
            fact = next(fact for fact in topic.facts if fact.tie == tie)
            tie, left = join(pluralize_verb(fact.text), noted)
        reply = compose_reply(left, style, rng, tie=tie)
        if reply is None:
            return None
        sections = [] if brief else self._others(topic, rng, OTHERS_SHARES)
        place = 0 if rng.random() < FIRST_SHARE else rng.randint(0, len(sections))
        sections.insert(place, section(noted))
        system = system_content(paragraph, _stated(predicates, rng), sections)
        messages = [*system, message("user", ask), message("assistant", reply)]
        # A context with notes is long: further replies from it cost little to learn from.
        if rng.random() < SAME_TOPIC_SHARE:
            messages += _turn_to(topic, noted, style, messages, rng)
        if rng.random() < TWO_TURN_SHARE:
            messages += _second_turn(noted, style, messages, rng)
        return Dialogue(tuple(messages), topic.name, style, tie, noted)

    def _absent(self, rng: random.Random) -> Dialogue | None:
        """A question on which the notes have nothing."""
        topic = rng.choice(self._topics)
        drawn, paragraph = self._style(topic, rng)
        style = dataclasses.replace(drawn, length="short", format="prose")
        reply = compose_absent(style, rng)
        if reply is None or style not in TRAINING_STYLES:
            return None
        ask, _ = ask_about(topic, style, rng)
        known: list[str] = []
        if rng.random() < KNOWLEDGE_SHARE:
            count = rng.randint(1, MAX_PROPOSITIONS)
            known = _stated(draw_distractors(self._topics, topic, count, rng), rng)
        sections = self._others(topic, rng, ABSENT_SHARES) or [NOTHING_NOTED]
        system = system_content(paragraph, known, sections)
        messages = (*system, message("user", ask), message("assistant", reply))
        return Dialogue(messages, topic.name, style)

    def _copy(self, rng: random.Random) -> Dialogue:
        task = draw_copy_task(self._vocabulary, rng)
        messages = (
            message("system", task.notes),
            message("user", task.ask),
            message("assistant", task.reply),
        )
        return Dialogue(messages, "copying", _PLAIN)

    def _others(self, topic: Topic, rng: random.Random, shares: Sequence[float]) -> list[str]:
        """Sections on a few other topics; by their number, how often so many."""
        [count] = rng.choices(range(len(shares)), shares)
        others = neighbors(self._topics, topic, count, rng)
        return [section(fitted(other, rng.randint(*OTHERS_ROOM), rng)) for other in others]

    def _advice(self, rng: random.Random) -> Dialogue | None:
        topic = rng.choice(self._topics)
        style, paragraph = self._style(topic, rng)
        ask, style = ask_about(topic, style, rng)
        predicates: list[str] = []
        tie = None
        if rng.random() < KNOWLEDGE_SHARE:
            predicates, tie = self._predicates(topic, rng)
        reply = compose_reply(topic, style, rng, tie=tie)
        if reply is None and tie is not None:
            # A list of under 29 words has no room for the sentence that uses the fact.
            tie = None
            reply = compose_reply(topic, style, rng)
        if reply is None:
            return None
        system = system_content(paragraph, _stated(predicates, rng))
        messages = [*system, message("user", ask), message("assistant", reply)]
        if rng.random() < TWO_TURN_SHARE:
            messages += _second_turn(topic, style, messages, rng)
        return Dialogue(tuple(messages), topic.name, style, tie)

    def _recall(self, rng: random.Random) -> Dialogue | None:
        topic = rng.choice(self._topics)
        style, paragraph = self._style(topic, rng)
        predicates = []
        if rng.random() < 0.9:
            count = rng.randint(1, MAX_PROPOSITIONS)
            predicates = draw_distractors(self._topics, topic, count, rng)
        reply: str | None
        if predicates:
            reply = compose_recall([pluralize_verb(p) for p in predicates], style, rng)
        else:
            reply, paragraph = rng.choice(RECALL_NOTHING), ""
            style = _PLAIN
        if reply is None:
            return None
        # The handbook is asked about this too, and finds what is near or nothing.
        sections: list[str] = []
        if rng.random() < NOTED_RECALL_SHARE:
            sections = self._others(topic, rng, OTHERS_SHARES) or [NOTHING_NOTED]
        system = system_content(paragraph, _stated(predicates, rng), sections)
        ask = message("user", rng.choice(RECALL_ASKS))
        messages = (*system, ask, message("assistant", reply))
        return Dialogue(messages, "recall", style)

    def _style(self, topic: Topic, rng: random.Random) -> tuple[Style, str]:
        """Draw a style and the paragraph that asks for it; empty leaves the style open."""
        if rng.random() >= STYLE_SHARE:
            return rng.choice(TRAINING_STYLES), ""
        if rng.random() < HAND_WRITTEN_SHARE:
            drawn = rng.sample(self._style_messages, 12)
            message = next((m for m in drawn if m.area == topic.area.split()[0]), drawn[0])
            return message.style, message.text
        style = rng.choice(TRAINING_STYLES)
        return style, style_paragraph(style, rng)

    def _predicates(self, topic: Topic, rng: random.Random) -> tuple[list[str], str | None]:
        """Draw what is known; four times in five one statement bears on the topic."""
        count = rng.randint(1, MAX_PROPOSITIONS)
        if rng.random() < 0.2:
            return draw_distractors(self._topics, topic, count, rng), None
        fact = rng.choice(topic.facts)
        predicates = draw_distractors(self._topics, topic, count - 1, rng)
        predicates.insert(rng.randint(0, len(predicates)), fact.text)
        return predicates, fact.tie


def _second_turn(
    topic: Topic, style: Style, before: Sequence[Message], rng: random.Random
) -> list[Message]:
    """A short question back at the reply, answered without saying again what was said."""
    kind = rng.choice(tuple(FOLLOW_UPS))
    lead = None if kind == "more" else getattr(topic, kind)
    said = "\n".join(m["content"] for m in before if m["role"] == "assistant")
    if lead == "" or (lead and lead in said):  # it is not noted, or was said
        return []
    left = unsaid(topic, said)
    reply = compose_reply(left, style, rng, lead=lead) if left.points else None
    if reply is None:
        return []
    return [message("user", rng.choice(FOLLOW_UPS[kind])), message("assistant", reply)]


def _turn_to(
    topic: Topic, noted: Topic, style: Style, before: Sequence[Message], rng: random.Random
) -> list[Message]:
    """Another question on the same topic, answered from the same notes in the same style.

    What was not said before is said, or all of it again where all was.
    """
    ask, style = ask_about(topic, style, rng)
    left = unsaid(noted, "\n".join(m["content"] for m in before if m["role"] == "assistant"))
    reply = compose_reply(left if left.points else noted, style, rng)
    return [] if reply is None else [message("user", ask), message("assistant", reply)]


def _stated(predicates: Sequence[str], rng: random.Random) -> list[str]:
    subject = draw_subject(rng)
    return [proposition(p, subject) for p in predicates]


def main() -> None:
    """Show some dialogues."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--kind", choices=KINDS, default="notes")
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    composer = Composer(load_topics(), load_style_messages(held_out=False))
    rng = random.Random(arguments.seed)
    console = Console()
    for _ in range(arguments.count):
        for said in composer.draw(rng, arguments.kind).messages:
            console.print(f"[bold]{said['role']}[/bold] {said['content']}", highlight=False)
        console.rule()


if __name__ == "__main__":
    main()
