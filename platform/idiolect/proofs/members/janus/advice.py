"""Advice from a handbook topic, written so that it has any combination of values.

The composer is the proof's teacher and its oracle: what it writes is what ``values.read`` reads.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from idiolect.handbook.topics import Point, Topic, load_topics
from idiolect.proofs.members.janus.values import is_neutral
from idiolect.simulation.attributes.directness import is_command, is_suggestion
from idiolect.simulation.splits import Combination

POINTS = 2
"""Noted, and said in every reply; in their short form, which leaves little to copy."""

_NO_ORDER = re.compile(r"(?:Do not|Don't|Never|Please)\b")

_VOICES: Mapping[str, Sequence[str]] = {
    "command": ("{}",),
    "offer": ("You could {}", "You can {}", "One option is to {}"),
    "self": ("I would {}", "I always {}", "I like to {}"),
}
_CERTAINTIES: Mapping[str, Sequence[str]] = {
    "plain": ("{}.",),
    "hedged": ("{}, I think.", "{}, in most cases.", "{}, as far as I know.", "{}, in my view."),
    "stressed": ("{}, without a doubt.", "{}, no matter what.", "{}, beyond question."),
}
_SUPPORTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "reason": ("why", ("The reason: {}", "Here is why: {}", "Why it helps: {}")),
    "example": ("example", ("{}",)),
    "caution": ("caution", ("A warning: {}", "Be careful: {}", "Watch out: {}")),
}
_SUMMARIES = ("In short: {}.", "To sum up: {}.", "In a nutshell: {}.")
_JOINTS: Mapping[str, str] = {"joined": " ", "lines": "\n", "spaced": "\n\n"}


@cache
def usable_topics() -> tuple[Topic, ...]:
    """The topics that have enough to say, with no sentence that bears a mark of a value by itself.

    So a reply that copies their sentences has just the values that it was given.
    """
    found = (
        replace(topic, points=_plain_orders(topic))
        for topic in load_topics()
        if is_neutral(topic.why)
        and is_neutral(topic.example, gives_example=True)
        and is_neutral(topic.caution)
    )
    return tuple(topic for topic in found if len(topic.points) >= POINTS)


def noted(topic: Topic, rng: random.Random) -> Topic:
    """What is noted of a usable topic: some advice, a reason, an example, a caution.

    It is the same whatever is wished, so notes do not tell what to write.
    """
    kept = sorted(rng.sample(range(len(topic.points)), POINTS))
    points = tuple(topic.points[place] for place in kept)
    return replace(topic, points=points, technical="", question="")


def compose(notes: Topic, combination: Combination, rng: random.Random) -> str:
    """A reply from what is noted that has exactly these values.

    Args:
        notes: as ``noted`` gives them.
        combination: a value of each dimension, held-out ones too.
        rng: draws among wordings of the same value.
    """
    support, voice, certainty, layout, frame = combination
    orders = [point.short for point in notes.points]
    advice = [_certain(_voiced(order, voice, rng), certainty, rng) for order in orders]
    remarks = []
    if support in _SUPPORTS:
        field, wordings = _SUPPORTS[support]
        remarks.append(rng.choice(wordings).format(getattr(notes, field)))
    if frame == "summary":
        remarks.append(rng.choice(_SUMMARIES).format(_lowered(orders[0])))
    body = _JOINTS[layout].join([*advice, *remarks])
    return f"{_sentence_case(notes.name)}\n{body}" if frame == "heading" else body


def _plain_orders(topic: Topic) -> tuple[Point, ...]:
    """The points whose short form is a whole sentence that tells what to do, and only that."""
    sentences = (Point(point.short, f"{point.short}.") for point in topic.points)
    return tuple(point for point in sentences if _is_plain_order(point.long))


def _is_plain_order(sentence: str) -> bool:
    """Whether it can be put in every voice, and bears no mark of another value in any."""
    voiced = {
        voice: [wording.format(_lowered(sentence)) for wording in wordings]
        for voice, wordings in _VOICES.items()
    }
    return (
        not _NO_ORDER.match(sentence)
        and all(is_neutral(one) for ones in voiced.values() for one in ones)
        and is_command(sentence)
        and all(map(is_suggestion, voiced["offer"]))
    )


def _voiced(order: str, voice: str, rng: random.Random) -> str:
    wording = rng.choice(_VOICES[voice])
    return wording.format(order if wording.startswith("{}") else _lowered(order))


def _certain(sentence: str, certainty: str, rng: random.Random) -> str:
    return rng.choice(_CERTAINTIES[certainty]).format(sentence)


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
