"""Words that give a text away: orders to a language model, and unsolicited mail.

Both are lists of patterns in ``cues.toml``. A single word proves little, so weak ones count only
together.

Measured on texts that instruct a model and harmless ones that look like it, both written by hand:
23 of 23 and 0 of 35 on the part that the patterns were made on, 20 of 23 and 0 of 35 on the other.
Of 44 that other people had collected, mostly orders to agents that can send and delete, 26 were
found at first sight and 35 after that, with 0 of 28 harmless ones. Of 60,000 lines of a chat,
15,000 of service dialogue, 1,700 questions to assistants and 1,500 transcripts with one, three were
taken for orders, one of them a template of a prompt. What is paraphrased, encoded, or in a language
that is not listed is missed.
"""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from idiolect.usermodel.audit.plain import hides_text, plain
from idiolect.usermodel.lexicon import Lexicon, Listed

ENOUGH_POINTS = 2
"""From which a text counts as one that instructs a model."""

ENOUGH_OF_MESSAGE, ENOUGH_OF_SCREEN = 2, 3
"""Points from which a text counts as unsolicited; screens have advertisements beside what was
looked for, so they need more."""


def instructs(text: str, *, is_own_words: bool = False) -> bool:
    """Whether a text gives orders to a language model that reads it.

    Args:
        text: as it was seen.
        is_own_words: whether the user wrote it. Then only what nobody says to people counts,
            since the user may tell the assistant what to do, and may have pasted it.
    """
    if hides_text(text):
        return True
    least = ENOUGH_POINTS if is_own_words else 1
    found = (clue.points for clue in _instructions().labels(plain(text)) if clue.points >= least)
    return sum(found) >= ENOUGH_POINTS


def is_unsolicited(text: str, *, is_screen: bool = False) -> bool:
    """Whether a text reads as an advertisement, spam or phishing."""
    points = sum(clue.points for clue in _bait().labels(plain(text)))
    return points >= (ENOUGH_OF_SCREEN if is_screen else ENOUGH_OF_MESSAGE)


class _Clue(NamedTuple):
    """What a pattern stands for: its place in the list, so that each counts once, and its worth."""

    number: int
    points: int


@cache
def _content() -> Any:
    with (Path(__file__).parent / "cues.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _instructions() -> Lexicon[_Clue]:
    content = _content()
    return _lexicon(
        (group["points"], _filled(pattern, content["lists"].items()))
        for group in content["instruction"]
        for pattern in group["patterns"]
    )


@cache
def _bait() -> Lexicon[_Clue]:
    return _lexicon((one["points"], one["pattern"]) for one in _content()["unsolicited"])


def _lexicon(clues: Iterable[tuple[int, str]]) -> Lexicon[_Clue]:
    return Lexicon(
        Listed(_Clue(number, points), pattern) for number, (points, pattern) in enumerate(clues)
    )


def _filled(pattern: str, lists: Iterable[tuple[str, str]]) -> str:
    for name, members in lists:
        pattern = pattern.replace(f"{{{name}}}", members)
    return pattern
