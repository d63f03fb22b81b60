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

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from idiolect.usermodel.audit.plain import hides_text, plain

ENOUGH_POINTS = 2
"""From which a text counts as one that instructs a model."""

ENOUGH_OF_MESSAGE, ENOUGH_OF_SCREEN = 2, 3
"""Points from which a text counts as unsolicited; screens have advertisements beside what was
looked for, so they need more."""

_WORD = re.compile(r"\w+")


def instructs(text: str, *, is_own_words: bool = False) -> bool:
    """Whether a text gives orders to a language model that reads it.

    Args:
        text: as it was seen.
        is_own_words: whether the user wrote it. Then only what nobody says to people counts,
            since the user may tell the assistant what to do, and may have pasted it.
    """
    if hides_text(text):
        return True
    read, points = plain(text), 0
    said = frozenset(_WORD.findall(read))
    for clue in _instructions():
        if (is_own_words and clue.points < ENOUGH_POINTS) or not clue.may_stand_in(said, read):
            continue
        points += clue.points * sum(pattern.search(read) is not None for pattern in clue.patterns)
        if points >= ENOUGH_POINTS:
            return True
    return False


def is_unsolicited(text: str, *, is_screen: bool = False) -> bool:
    """Whether a text reads as an advertisement, spam or phishing."""
    read = plain(text)
    points = sum(worth for worth, pattern in _bait() if pattern.search(read))
    return points >= (ENOUGH_OF_SCREEN if is_screen else ENOUGH_OF_MESSAGE)


@cache
def _content() -> Any:
    with (Path(__file__).parent / "cues.toml").open("rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True, slots=True)
class _Clue:
    """Patterns of one worth, and words (or letters) of which one stands wherever they do."""

    points: int
    words: frozenset[str]
    letters: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]

    def may_stand_in(self, said: frozenset[str], text: str) -> bool:
        return not (self.words.isdisjoint(said) and self.letters.isdisjoint(text))


@cache
def _instructions() -> tuple[_Clue, ...]:
    """Those that settle it alone come first."""
    content = _content()
    clues = (
        _Clue(
            points=group["points"],
            words=frozenset(group.get("words", "").split()),
            letters=frozenset(group.get("letters", "")),
            patterns=tuple(_compiled(one, content["lists"].items()) for one in group["patterns"]),
        )
        for group in content["instruction"]
    )
    return tuple(sorted(clues, key=lambda clue: -clue.points))


@cache
def _bait() -> tuple[tuple[int, re.Pattern[str]], ...]:
    return tuple((one["points"], re.compile(one["pattern"])) for one in _content()["unsolicited"])


def _compiled(pattern: str, lists: Iterable[tuple[str, str]]) -> re.Pattern[str]:
    for name, members in lists:
        pattern = pattern.replace(f"{{{name}}}", members)
    return re.compile(pattern)
