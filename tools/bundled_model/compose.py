"""Compose short assistant dialogues that follow style instructions and use what is known.

Every dialogue is a list of OpenAI-style messages plus what a program needs to check it: the
style of each reply and the fact that a reply must use. Run as a script it shows samples.
"""

import argparse
import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from tools.bundled_model.bank import StyleMessage, Topic, load_style_messages, load_topics
from tools.bundled_model.instructions import INSTRUCTIONS, LABELS, ROLES
from tools.bundled_model.knowledge import (
    MAX_PROPOSITIONS,
    draw_distractors,
    draw_preference,
    draw_subject,
    knowledge_section,
    pluralize_verb,
    proposition,
)
from tools.bundled_model.phrases import (
    FOLLOW_UPS,
    GREETINGS,
    IN_PASSING,
    RECALL_ASKS,
    RECALL_NOTHING,
    TOPIC_ASKS,
)
from tools.bundled_model.replies import compose_recall, compose_reply
from tools.bundled_model.styles import TRAINING_STYLES, Style

Message = dict[str, str]

ATTRIBUTES = tuple(field.name for field in dataclasses.fields(Style))

# Shares of the dialogues. A third states no style, and is then written in every style alike, so
# that two samples for one prompt differ visibly and a person can choose between them.
STYLE_SHARE = 0.65
KNOWLEDGE_SHARE = 0.55
RECALL_SHARE = 0.1
TWO_TURN_SHARE = 0.12
HAND_WRITTEN_SHARE = 0.4
PREFERENCE_SHARE = 0.25


@dataclass(frozen=True)
class Dialogue:
    """A dialogue, the style of its first reply, and the sentence by which it uses a fact."""

    messages: tuple[Message, ...]
    topic: str
    style: Style
    tie: str | None = None

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
    """Draw training dialogues; the same `random.Random` state gives the same dialogue."""

    def __init__(self, topics: Sequence[Topic], style_messages: Sequence[StyleMessage]) -> None:
        self._topics = topics
        self._style_messages = [m for m in style_messages if m.style in set(TRAINING_STYLES)]

    def draw(self, rng: random.Random) -> Dialogue:
        """Draw one dialogue of any kind."""
        while True:
            draw = self._recall if rng.random() < RECALL_SHARE else self._advice
            dialogue = draw(rng)
            if dialogue is not None:
                return dialogue

    def _advice(self, rng: random.Random) -> Dialogue | None:
        topic = rng.choice(self._topics)
        style, paragraph = self._style(topic, rng)
        ask, style = _ask(topic, style, rng)
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
        if (
            0 < len(predicates) < MAX_PROPOSITIONS
            and not paragraph
            and rng.random() < PREFERENCE_SHARE
        ):
            predicates = _with_preference(predicates, style, rng)
        system = system_content(paragraph, _stated(predicates, rng))
        messages = [*system, _message("user", ask), _message("assistant", reply)]
        if rng.random() < TWO_TURN_SHARE:
            messages += _second_turn(topic, style, rng)
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
            style = Style("short", "prose", "neutral", emoji=False, question=False)
        if reply is None:
            return None
        system = system_content(paragraph, _stated(predicates, rng))
        ask = _message("user", rng.choice(RECALL_ASKS))
        messages = (*system, ask, _message("assistant", reply))
        return Dialogue(messages, "recall", style)

    def _style(self, topic: Topic, rng: random.Random) -> tuple[Style, str]:
        """Draw a style and the paragraph that asks for it; empty leaves the style open."""
        if rng.random() >= STYLE_SHARE:
            return rng.choice(TRAINING_STYLES), ""
        if rng.random() < HAND_WRITTEN_SHARE:
            drawn = rng.sample(self._style_messages, 12)
            message = next((m for m in drawn if m.area == topic.area), drawn[0])
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


def style_paragraph(
    style: Style,
    rng: random.Random,
    *,
    attributes: Sequence[str] | None = None,
    held_out_wording: bool = False,
) -> str:
    """Ask for a style in words: some attributes of it, or those named.

    `held_out_wording` uses only the wordings that training never sees.
    """
    if attributes is None:
        stated = [a for a in ATTRIBUTES if rng.random() < 0.75] or [rng.choice(ATTRIBUTES)]
        rng.shuffle(stated)
    else:
        stated = list(attributes)
    if not held_out_wording and rng.random() < 0.15:
        labels = [rng.choice(LABELS[a][getattr(style, a)]) for a in stated]
        return f"{rng.choice(('Style', 'Answer style', 'Write like this'))}: {', '.join(labels)}."
    pools = [INSTRUCTIONS[a][getattr(style, a)] for a in stated]
    sentences = [p[-1] if held_out_wording else rng.choice(p[:-1]) for p in pools]
    if rng.random() < 0.3:
        sentences.insert(0, rng.choice(ROLES))
    return " ".join(sentences)


def system_content(paragraph: str, propositions: Sequence[str]) -> list[Message]:
    """Build the system message of the platform, or none when there is nothing to say."""
    sections = [paragraph] if paragraph else []
    if propositions:
        sections.append(knowledge_section(propositions))
    return [_message("system", "\n\n".join(sections))] if sections else []


def _ask(topic: Topic, style: Style, rng: random.Random) -> tuple[str, Style]:
    """Word the user's message in one of many ways; it may itself ask for a length or a format."""
    text = rng.choice(topic.asks)
    kind = rng.random()
    if kind < 0.15:
        text = rng.choice(TOPIC_ASKS).format(topic=topic.name)
    elif kind < 0.3:
        text = text.lower().rstrip("?.!")
    elif kind < 0.45:
        words = text.split()
        text = " ".join(w for w in words if len(words) < 4 or rng.random() < 0.8) or text
    if rng.random() < 0.1:
        text = f"{rng.choice(GREETINGS)} {text}"
    if rng.random() < 0.08:
        attribute = rng.choice(tuple(IN_PASSING))
        value = rng.choice(tuple(IN_PASSING[attribute]))
        asked = _with_value(style, attribute, value)
        if asked in TRAINING_STYLES:
            return f"{text} {rng.choice(IN_PASSING[attribute][value])}", asked
    return text, style


def _with_value(style: Style, attribute: str, value: Any) -> Style:
    return dataclasses.replace(style, **{attribute: value})


def _second_turn(topic: Topic, style: Style, rng: random.Random) -> list[Message]:
    kind = rng.choice(tuple(FOLLOW_UPS))
    lead = None if kind == "more" else getattr(topic, kind)
    reply = compose_reply(topic, style, rng, lead=lead)
    if reply is None:
        return []
    return [_message("user", rng.choice(FOLLOW_UPS[kind])), _message("assistant", reply)]


def _with_preference(predicates: list[str], style: Style, rng: random.Random) -> list[str]:
    """Add the preference of one style value, which the reply follows, to what is known."""
    attribute = rng.choice(ATTRIBUTES)
    preference = draw_preference(attribute, getattr(style, attribute), rng)
    place = rng.randint(0, len(predicates))
    return [*predicates[:place], preference, *predicates[place:]]


def _stated(predicates: Sequence[str], rng: random.Random) -> list[str]:
    subject = draw_subject(rng)
    return [proposition(p, subject) for p in predicates]


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}


def main() -> None:
    """Show some dialogues."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    composer = Composer(load_topics(), load_style_messages(held_out=False))
    rng = random.Random(arguments.seed)
    console = Console()
    for _ in range(arguments.count):
        for message in composer.draw(rng).messages:
            console.print(f"[bold]{message['role']}[/bold] {message['content']}", highlight=False)
        console.rule()


if __name__ == "__main__":
    main()
