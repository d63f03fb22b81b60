"""Values that a system message can ask of a reply, and how a program reads them back from a text.

Five dimensions, each with values that lessons may have and one that is kept out of all lessons.
They are none of the five that the bundled model was taught by name, which are length, format, tone,
emoji and a closing question; some messages that people wrote for it ask for examples or reasons.
Reading is exact on what ``advice`` composes and knows more wordings than that, but a text whose
value it cannot name has none.
"""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idiolect.simulation.attributes.directness import is_command, is_suggestion
from idiolect.simulation.attributes.examples import EXAMPLES
from idiolect.simulation.attributes.hedging import HEDGING
from idiolect.simulation.attributes.words import (
    list_marks,
    phrase_pattern,
    sentences,
    share_of_sentences,
    words,
)
from idiolect.simulation.splits import Combination

NO_VALUE = ""
"""A text has none of a dimension's values, or two at once."""

LEAST_SHARE = 1 / 3
"""Of the sentences that must be hedged or stressed for the text to be so."""

_HEADING_WORDS = 12
_SENTENCE_END = (".", "!", "?", ":", ",")

_REASON = phrase_pattern(
    (
        "the reason*",
        "here is why",
        "that is why",
        "this is why",
        "why it",
        "why this",
        "the point is",
    )
)
_CAUTION = phrase_pattern(
    ("caution", "careful", "warning", "beware", "watch out", "take care", "the risk*", "one risk")
)
_STRESS = phrase_pattern(
    (
        "without a doubt",
        "no matter what",
        "beyond question",
        "for certain",
        "for sure",
        "definitely",
    )
)
_SUMMARY = phrase_pattern(
    ("in short", "to sum up", "in a nutshell", "in summary", "all in all", "in brief", "the gist")
)
_FIRST_PERSON = re.compile(r"^I(?:'d|\s+(?:would|always|like|prefer|tend|try|usually|myself)\b)")


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way in which replies differ.

    Attributes:
        name: what it is called.
        tuned: the values that lessons may have.
        held_out: the one that no lesson has.
        read: the value of a text, or ``NO_VALUE``.
    """

    name: str
    tuned: tuple[str, ...]
    held_out: str
    read: Callable[[str], str]

    @property
    def values(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.tuned, self.held_out)


def read(text: str) -> Combination:
    """The value of a text in each dimension, in their order; one that says nothing has none."""
    is_empty = not sentences(text)
    return tuple(NO_VALUE if is_empty else dimension.read(text) for dimension in DIMENSIONS)


def is_neutral(sentence: str, *, gives_example: bool = False) -> bool:
    """Whether a sentence of the handbook has no mark of a value by itself.

    Args:
        sentence: what is looked at.
        gives_example: whether it may introduce an example.
    """
    marks = (_REASON, _CAUTION, _STRESS, _SUMMARY)
    return (
        len(sentences(sentence)) == 1
        and HEDGING(sentence).value == 0
        and (gives_example or EXAMPLES(sentence).value == 0)
        and not any(mark.search(sentence) for mark in marks)
    )


def _support(text: str) -> str:
    """What is given beside the advice."""
    parts = sentences(_body(text))
    found = [kind for kind, has in _SUPPORTS.items() if any(map(has, parts))]
    return ("alone", *found)[-1] if len(found) < 2 else NO_VALUE


def _voice(text: str) -> str:
    """How most of the advice speaks, among sentences that give nothing beside it."""
    others = (*_SUPPORTS.values(), _has(_SUMMARY))
    advice = [part for part in sentences(_body(text)) if not any(has(part) for has in others)]
    voices = [voice for part in advice for voice, has in _VOICES.items() if has(part)]
    ((most, count),) = Counter(voices).most_common(1) or [(NO_VALUE, 0)]
    return most if 2 * count > len(voices) else NO_VALUE


def _certainty(text: str) -> str:
    """Whether claims are held back or stressed."""
    body = _body(text)
    shares = {"hedged": HEDGING(body).value, "stressed": share_of_sentences(body, _STRESS)}
    found = [value for value, share in shares.items() if share > 0]
    if not found:
        return "plain"
    return found[0] if len(found) == 1 and shares[found[0]] >= LEAST_SHARE else NO_VALUE


def _layout(text: str) -> str:
    """How sentences stand to each other."""
    body, count = _body(text), len(sentences(_body(text)))
    lines = [line for line in body.splitlines() if line.strip()]
    if list_marks(body):
        return NO_VALUE
    if len(lines) == 1:
        return "joined"
    if len(lines) != count:
        return NO_VALUE
    gaps = len(re.findall(r"\n[ \t]*\n", body))
    return {0: "lines", count - 1: "spaced"}.get(gaps, NO_VALUE)


def _frame(text: str) -> str:
    """What stands above or below the advice."""
    body = _body(text)
    parts = sentences(body)
    found = ["heading"] if body != text.strip() else []
    found += ["summary"] if parts and _SUMMARY.search(parts[-1]) else []
    return ("bare", *found)[-1] if len(found) < 2 else NO_VALUE


def _body(text: str) -> str:
    """The text without its heading: a short first line that is no sentence."""
    first, _, rest = text.strip().partition("\n")
    is_heading = (
        bool(rest.strip())
        and 0 < len(words(first)) <= _HEADING_WORDS
        and not first.rstrip().endswith(_SENTENCE_END)
        and not list_marks(first)
    )
    return rest.strip() if is_heading else text.strip()


def _has(mark: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda sentence: mark.search(sentence) is not None


_SUPPORTS: Mapping[str, Callable[[str], bool]] = {
    "reason": _has(_REASON),
    "example": lambda sentence: EXAMPLES(sentence).value > 0,
    "caution": _has(_CAUTION),
}
_VOICES: Mapping[str, Callable[[str], bool]] = {
    "command": is_command,
    "offer": is_suggestion,
    "self": _has(_FIRST_PERSON),
}

DIMENSIONS = (
    Dimension("support", ("alone", "reason", "example"), "caution", _support),
    Dimension("voice", ("command", "offer"), "self", _voice),
    Dimension("certainty", ("plain", "hedged"), "stressed", _certainty),
    Dimension("layout", ("joined", "lines"), "spaced", _layout),
    Dimension("frame", ("bare", "summary"), "heading", _frame),
)

COMBINATIONS: tuple[Combination, ...] = tuple(
    itertools.product(*(dimension.tuned for dimension in DIMENSIONS))
)
"""All combinations of values that lessons may have."""

NEW_VALUE_COMBINATIONS: tuple[tuple[Combination, ...], ...] = tuple(
    tuple(
        (*combination[:place], dimension.held_out, *combination[place + 1 :])
        for combination in COMBINATIONS
        if combination[place] == dimension.tuned[0]  # each of the others' once
    )
    for place, dimension in enumerate(DIMENSIONS)
)
"""For each dimension, all combinations of its value that no lesson has with values of the others
that lessons may have.
"""
