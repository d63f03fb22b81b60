"""What a program can measure of a reply's manner, whatever it is about."""

import re
from collections.abc import Callable, Mapping

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 - the typographic apostrophe
_LIST_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+\S", re.MULTILINE)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


def word_count(text: str) -> int:
    """How many words a text has; numbers and list marks are none."""
    return len(_WORD.findall(text))


def _brevity(text: str) -> float:
    return 1.0 / (1.0 + word_count(text) / 40.0)


def _lists(text: str) -> float:
    return 1.0 if len(_LIST_ITEM.findall(text)) >= 2 else 0.0


def _emoji(text: str) -> float:
    return 1.0 if _EMOJI.search(text) else 0.0


def _closing_question(text: str) -> float:
    return 1.0 if text.rstrip().endswith("?") else 0.0


def _enthusiasm(text: str) -> float:
    return min(text.count("!"), 3) / 3.0


ATTRIBUTES: Mapping[str, Callable[[str], float]] = {
    "brevity": _brevity,
    "lists": _lists,
    "emoji": _emoji,
    "closing_question": _closing_question,
    "enthusiasm": _enthusiasm,
}
"""Each attribute's measure, in [0, 1]. Brevity is 1/(1 + words/40): 1/2 at forty words."""


def measure(text: str) -> dict[str, float]:
    """All attributes of one text."""
    return {name: attribute(text) for name, attribute in ATTRIBUTES.items()}
