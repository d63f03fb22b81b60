"""The wordings in which a style is asked for: data, and how it is read."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

_DATA = Path(__file__).parent / "data"

Wordings = Mapping[str, Mapping[object, Sequence[str]]]
"""Of each attribute, by its value."""


def _read(name: str) -> Wordings:
    tables = tomllib.loads((_DATA / name).read_text(encoding="utf-8"))
    truths = {"true": True, "false": False}
    return {
        attribute: {truths.get(value, value): tuple(held["wordings"]) for value, held in of.items()}
        for attribute, of in tables.items()
    }


WORDINGS = _read("wordings.toml")
"""How a system message can ask for one value of one attribute, as a sentence of its own."""

HELD_OUT_WORDINGS = _read("wordings_held_out.toml")
"""The same, never used in training and written by somebody who had not seen the others, so that
measuring can ask for a known style in words that the model has not seen."""

# The same values as short labels, for messages of the kind "Style: short, bullets, warm.",
# and as what a person can be said to prefer.
LABELS: dict[str, dict[object, tuple[str, ...]]] = {
    "length": {
        "short": ("short", "brief", "concise"),
        "medium": ("medium length", "moderate length"),
        "long": ("long", "detailed", "thorough"),
    },
    "format": {
        "prose": ("prose", "no lists", "plain paragraphs"),
        "bullets": ("bullets", "bullet points", "bulleted list"),
        "steps": ("steps", "numbered steps", "step by step"),
    },
    "tone": {
        "warm": ("warm", "friendly", "kind"),
        "neutral": ("neutral", "plain", "matter of fact"),
        "playful": ("playful", "funny", "light"),
        "formal": ("formal", "polite", "professional"),
    },
    "emoji": {True: ("emoji", "with emoji"), False: ("no emoji", "without emoji")},
    "question": {
        True: ("closing question", "ends with a question"),
        False: ("no question", "no closing question"),
    },
}

ROLES = (
    "You are a helpful assistant.",
    "You are the user's personal assistant.",
    "You are Idiolect, an assistant that speaks the user's language.",
    "You help with everyday questions.",
    "Answer the user.",
)
