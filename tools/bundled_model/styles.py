"""The five style attributes of a reply, and the checkers that read them back from a text."""

import hashlib
import itertools
import re
from dataclasses import dataclass
from typing import Literal

Length = Literal["short", "medium", "long"]
Format = Literal["prose", "bullets", "steps"]
Tone = Literal["warm", "neutral", "playful", "formal"]

LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
FORMATS: tuple[Format, ...] = ("prose", "bullets", "steps")
TONES: tuple[Tone, ...] = ("warm", "neutral", "playful", "formal")

# Words in a reply, both ends included.
LENGTH_BANDS: dict[Length, tuple[int, int]] = {
    "short": (4, 28),
    "medium": (29, 65),
    "long": (66, 130),
}

# fmt: off
EMOJI = (
    "😊", "🙂", "😄", "🎉", "👍", "✨", "🌟", "💡", "🌱", "🚀", "🙌", "🍀", "☀️", "💪", "😉", "🎈",
)
# fmt: on

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'\u2019-]*")
_STEP = re.compile(r"^\d+\. ", re.MULTILINE)
_BULLET = re.compile(r"^- ", re.MULTILINE)
_EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF\uFE0F]")


@dataclass(frozen=True)
class Style:
    """How a reply is written, whatever it says."""

    length: Length
    format: Format
    tone: Tone
    emoji: bool
    question: bool


ALL_STYLES: tuple[Style, ...] = tuple(
    Style(*values)
    for values in itertools.product(LENGTHS, FORMATS, TONES, (False, True), (False, True))
)


def is_held_out(style: Style) -> bool:
    """Tell whether a combination is kept out of training: a sixth of them, by hash."""
    digest = hashlib.sha256(repr(style).encode()).digest()
    return digest[0] % 6 == 0


TRAINING_STYLES: tuple[Style, ...] = tuple(s for s in ALL_STYLES if not is_held_out(s))
HELD_OUT_STYLES: tuple[Style, ...] = tuple(s for s in ALL_STYLES if is_held_out(s))


def count_words(text: str) -> int:
    """Count the words of a text; the markers of lists and emoji are no words."""
    return len(_WORD.findall(_STEP.sub("", text)))


def length_of(text: str) -> Length | None:
    """Name the length band of a text, or None when it lies outside all of them."""
    words = count_words(text)
    return next((n for n, (low, high) in LENGTH_BANDS.items() if low <= words <= high), None)


def format_of(text: str) -> Format:
    """Name the layout: two or more marked lines make a list."""
    if len(_STEP.findall(text)) >= 2:
        return "steps"
    if len(_BULLET.findall(text)) >= 2:
        return "bullets"
    return "prose"


def has_emoji(text: str) -> bool:
    """Tell whether a text holds an emoji."""
    return _EMOJI.search(text) is not None


def ends_with_question(text: str) -> bool:
    """Tell whether the last sentence asks something, whatever emoji follows it."""
    return _EMOJI.sub("", text).rstrip().endswith("?")
