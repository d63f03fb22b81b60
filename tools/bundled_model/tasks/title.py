"""A title for a conversation, from its first message."""

import functools
import random

from idiolect.handbook.topics import Topic
from tools.bundled_model.bank import load_topics
from tools.bundled_model.context import Message, ask_about, message
from tools.bundled_model.rows import DATA_DIR, read_rows
from tools.bundled_model.styles import Style
from tools.bundled_model.tasks.forms import title_prompt
from tools.bundled_model.tasks.gold import Part, part_of
from tools.bundled_model.tasks.people import capitalized

FEWEST_WORDS, MOST_WORDS = 2, 7
EVERYDAY_SHARE = 0.35

_ANY_STYLE = Style("short", "prose", "neutral", emoji=False, question=False)


def draw_title(rng: random.Random) -> tuple[Message, ...]:
    """Draw a message and its topic as the title."""
    if rng.random() < EVERYDAY_SHARE:
        ask, title = rng.choice(load_everyday("training"))
    else:
        topic = rng.choice(_topics())
        (ask, _), title = ask_about(topic, _ANY_STYLE, rng), capitalized(topic.name)
    prompt = title_prompt(ask)
    return (*(each.as_dict() for each in prompt), message("assistant", title))


@functools.cache
def load_everyday(part: Part) -> tuple[tuple[str, str], ...]:
    """First messages of everyday conversations, each with its title; split as the gold rows are."""
    return tuple(
        (row["prompt"], capitalized(row["topic"]))
        for row in read_rows(DATA_DIR / "everyday.jsonl.gz")
        if part_of(row["id"]) == part and is_title(row["topic"])
    )


def is_title(text: str) -> bool:
    """Whether a topic's name has the length of a title."""
    return FEWEST_WORDS <= len(text.split()) <= MOST_WORDS


@functools.cache
def _topics() -> tuple[Topic, ...]:
    return tuple(topic for topic in load_topics() if is_title(topic.name))
