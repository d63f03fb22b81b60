"""What stands before a reply: the system message, what is known, and how a question is worded."""

import dataclasses
import random
from collections.abc import Sequence
from typing import Any

from idiolect.handbook.topics import Topic
from idiolect.personalize.conditioning import system_message
from idiolect.personalize.profile import RULES
from idiolect.usermodel.charter.subjects import sentence
from tools.bundled_model.instructions import HELD_OUT_WORDINGS, LABELS, ROLES, WORDINGS
from tools.bundled_model.phrases import GREETINGS, IN_PASSING, TOPIC_ASKS
from tools.bundled_model.styles import TRAINING_STYLES, Style

Message = dict[str, str]

ATTRIBUTES = tuple(field.name for field in dataclasses.fields(Style))
NUMBER_SHARES = (0.16, 0.12, 0.12, 0.15, 0.45)
"""Of paragraphs that state one attribute, two, three, four, all."""


PLATFORM_WORDINGS = frozenset(
    sentence(rule.subject, value) for rule in RULES for value in (rule.wanted, rule.refused)
)
PLATFORM_SHARE = 0.3
"""Of wishes, those in the words in which the platform itself tells them, where it has any."""


def message(role: str, content: str) -> Message:
    """A message in the form of OpenAI's API."""
    return {"role": role, "content": content}


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
        [number] = rng.choices(range(1, len(ATTRIBUTES) + 1), NUMBER_SHARES)
        stated = rng.sample(ATTRIBUTES, number)
    else:
        stated = list(attributes)
    if not held_out_wording and rng.random() < 0.15:
        labels = [rng.choice(LABELS[a][getattr(style, a)]) for a in stated]
        return f"{rng.choice(('Style', 'Answer style', 'Write like this'))}: {', '.join(labels)}."
    draw = _held_out_wording if held_out_wording else _wording
    sentences = [draw(attribute, getattr(style, attribute), rng) for attribute in stated]
    if rng.random() < 0.3:
        sentences.insert(0, rng.choice(ROLES))
    return " ".join(sentences)


def _held_out_wording(attribute: str, value: object, rng: random.Random) -> str:
    return rng.choice(HELD_OUT_WORDINGS[attribute][value])


def _wording(attribute: str, value: object, rng: random.Random) -> str:
    wordings = WORDINGS[attribute][value]
    of_platform = [wording for wording in wordings if wording in PLATFORM_WORDINGS]
    is_platform = bool(of_platform) and rng.random() < PLATFORM_SHARE
    return rng.choice(of_platform if is_platform else wordings)


def system_content(
    paragraph: str, propositions: Sequence[str], notes: Sequence[str] = ()
) -> list[Message]:
    """Build the system message of the platform, or none when there is nothing to say."""
    content = system_message(paragraph, propositions, notes)
    return [message("system", content)] if content else []


def ask_about(topic: Topic, style: Style, rng: random.Random) -> tuple[str, Style]:
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
        asked = with_value(style, attribute, value)
        if asked in TRAINING_STYLES:
            return f"{text} {rng.choice(IN_PASSING[attribute][value])}", asked
    return text, style


def with_value(style: Style, attribute: str, value: Any) -> Style:
    return dataclasses.replace(style, **{attribute: value})
