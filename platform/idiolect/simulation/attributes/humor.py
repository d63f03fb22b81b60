"""Marks of joking: laughter, joking words, winks, and comparisons with something odd.

A program sees the marks of humor, not humor; a dry joke has none.
"""

import re

from idiolect.simulation.attributes.attribute import Attribute, Measured
from idiolect.simulation.attributes.words import phrase_pattern, sentences

_LAUGHTER = re.compile(r"\b(?:(?:a?ha){2,}h?|l+o+l+|lmao|rofl|hehe+)\b|[;:]-?[)DPp](?!\w)", re.I)
_GRINS = re.compile("[😂🤣😆😅😜😝😛🤪😉😏🙃🤡😹]")
# fmt: off
_JOKING = phrase_pattern((
    "joke*", "joking", "kidding", "pun", "puns", "punchline", "funny", "silly", "goofy",
    "hilarious", "giggl*", "tickl*", "prank*", "wacky", "ridiculous*", "nonsense", "oops",
    "whoops", "yikes", "spoiler alert", "plot twist", "fun fact", "drumroll", "no judgment",
    "brave soul", "legend has it", "superhero*", "ninja*", "dragon*", "pirate*", "wizard*",
    "detective*", "zombie*", "robot*", "monster*", "grumpy", "sneaky", "magic*", "treasure",
    "secret agent", "villain*", "as if",
))
# fmt: on
_COMPARISON = re.compile(
    r"(?<![\w'])(?!(?:I|you|we|they|who|people|would|to|not|also|really|\w+'(?:d|t))\b)"
    r"[\w']+ like an? \w",
    re.IGNORECASE,
)
"""Where "like" compares; "I'd like a coffee" wishes."""

MARKS = (_LAUGHTER, _GRINS, _JOKING, _COMPARISON)


def _measure(text: str) -> Measured:
    parts = sentences(text)
    found = sum(any(mark.search(part) for mark in MARKS) for part in parts)
    return Measured(found / len(parts) if parts else 0.0)


HUMOR = Attribute("humor", "share of sentences with a mark", (0.0, 1.0), (0.0, 0.5), _measure)
