"""What people ask of the handbook, as a model is shown it: with notes, and without a style."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idiolect.handbook.notes import section, take_notes
from idiolect.handbook.topics import Topic, load_topics
from idiolect.personalize.conditioning import system_message

if TYPE_CHECKING:
    from idiolect.preference.pairs import Messages

NOTES_CHARACTERS = 500
"""Room for three points, and the reason and the question that go with them, mostly."""


@dataclass(frozen=True, slots=True)
class Asks:
    """Conversations of one question each, every one on a topic of its own.

    Attributes:
        seen: to learn from.
        unseen: to be judged on.
    """

    seen: tuple[Messages, ...]
    unseen: tuple[Messages, ...]

    @classmethod
    def draw(cls, seed: int, *, seen: int, unseen: int) -> Asks:
        """
        Args:
            seed: the same one gives the same conversations.
            seen: how many to learn from.
            unseen: how many to be judged on.
        """
        rng = random.Random(seed)  # noqa: S311 - which topics are drawn is no secret
        drawn = [conversation(t, rng) for t in rng.sample(load_topics(), seen + unseen)]
        return cls(tuple(drawn[:seen]), tuple(drawn[seen:]))


def conversation(topic: Topic, rng: random.Random) -> Messages:
    """One of a topic's questions under short notes on it, in the form of the assistant's."""
    in_order = range(len(topic.points))
    noted = take_notes(topic, in_order, NOTES_CHARACTERS) or topic
    return (
        {"role": "system", "content": system_message("", (), [section(noted)])},
        {"role": "user", "content": rng.choice(topic.asks)},
    )
