"""Whether two statements about a person say the same: an embedder's cosine, and their words.

A cosine tells what two statements are about; "plays on Tuesdays" and "plays on Thursdays" are
nearly one to it. So statements match only if nothing in their words tells them apart. One that
says less than the other may match it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from idiolect.lm.protocols import Embedder

SAME_MEANING = 0.7
"""Least cosine of all-MiniLM-L6-v2."""

SURELY_SAME = 0.8
"""Cosine from which two statements need not have a content word in common."""

_STEM_LETTERS = 5
_WORD = re.compile(r"[\w'\u2019-]+")
_NUMBER = re.compile(r"\d+(?:[:.,]\d+)*")
_WEEKDAY = re.compile(r"^(mon|tues|wednes|thurs|fri|satur|sun)days?$")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|without|cannot|\w+n['\u2019]t|stopped|quit|dropped|canceled|cancelled"
    r"|gave up|given up|dislikes?|hates?|avoids?|former|formerly)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"^\w+['\u2019]s (?:\w+ )?(?:neighbou?r|manager|boss|colleague|friend|cousin|sons?|daughters?"
    r"|brother|sister|mother|father|wife|husband|partner|flatmate|nephew|niece|aunt|uncle)\b"
    r"(?!(?:['\u2019]s name)?\s+(?:is|was)\s+(?:called\s+|named\s+)?[A-Z])"
)
"""Statements about somebody around the person, but for those that only say who it is."""

_OPPOSITES: tuple[tuple[str, str], ...] = (
    *(("short", "long"), ("short", "detai"), ("brief", "long"), ("brief", "detai")),
    *(("forma", "casua"), ("forma", "infor"), ("plain", "techn"), ("simpl", "techn")),
    *(("simpl", "elabo"), ("sober", "cheer"), ("sober", "enthu"), ("morni", "eveni")),
    *(("early", "late"), ("more", "less"), ("teach", "learn"), ("buys", "sells")),
    *(("likes", "disli"), ("loves", "hates"), ("siste", "broth"), ("mothe", "fathe")),
    *(("son", "daugh"), ("husba", "wife"), ("boyfr", "girlf"), ("dog", "cat")),
)
"""Stems that part two statements of which each has one."""

_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
# fmt: off
_MONTHS = frozenset((
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
))
_EMPTY = frozenset((
    "a", "an", "the", "and", "or", "of", "to", "in", "on", "at", "for", "with", "by", "from", "as",
    "is", "are", "was", "be", "has", "have", "does", "do", "it", "its", "that", "this", "who",
    "their", "his", "her", "he", "she", "they", "most", "often", "usually", "every", "reads",
    "writes", "about", "works", "uses", "visits", "regularly", "interested", "likes", "mostly",
    "days", "working", "called",
))
"""Words that say nothing of what a statement is about."""
# fmt: on


@dataclass(frozen=True, slots=True)
class Details:
    """What of a statement can speak against another one; the person's own name is left out.

    Attributes:
        content: its content words, cut to five letters.
        names: capitalized words but weekdays and months, in lower case; the first word only where
            the person comes later, since it is capitalized whatever it is.
        first: its first word, which may be a name in any case.
        numbers: in digits.
        weekdays: by their first letters.
        months: in lower case.
        is_negated: whether it denies something.
        is_of_another: whether it begins with somebody around the person.
    """

    content: frozenset[str]
    names: frozenset[str]
    first: str
    numbers: frozenset[str]
    weekdays: frozenset[str]
    months: frozenset[str]
    is_negated: bool
    is_of_another: bool

    @classmethod
    def of(cls, statement: str, person: str) -> "Details":
        """Takes a statement about a person with this first name apart."""
        bare = (re.sub(r"['\u2019]s$", "", word) for word in _WORD.findall(statement))
        written = [word for word in bare if word]
        own = [word for word in written if word.lower() != person.lower()]
        lower = [word.lower() for word in own]
        first = written[0].lower() if written else ""
        capitals = {word.lower() for word in own if word[0].isupper()}
        begins_with_another = first in lower and len(own) < len(written) and first not in _EMPTY
        named = capitals if begins_with_another else capitals - {first}
        return cls(
            content=frozenset(word[:_STEM_LETTERS] for word in lower if word not in _EMPTY),
            names=frozenset(
                word for word in named if word not in _MONTHS and not _WEEKDAY.match(word)
            ),
            first=first,
            numbers=frozenset(_NUMBER.findall(statement))
            | {_NUMBERS[word] for word in lower if word in _NUMBERS},
            weekdays=frozenset(found[1] for word in lower if (found := _WEEKDAY.match(word))),
            # Capitalized, so that whoever may march somewhere does so in no month.
            months=frozenset(capitals & _MONTHS),
            is_negated=_NEGATION.search(statement) is not None,
            is_of_another=_OTHERS.match(statement) is not None,
        )


def may_match(one: Details, other: Details, cosine: float) -> bool:
    """Whether nothing keeps two statements apart that are this near to each other."""
    if one.is_negated != other.is_negated or one.is_of_another != other.is_of_another:
        return False
    if one.names - other.names - {other.first} and other.names - one.names - {one.first}:
        return False
    told = (
        (one.numbers, other.numbers),
        (one.weekdays, other.weekdays),
        (one.months, other.months),
    )
    for mine, theirs in told:
        if mine and theirs and not (mine <= theirs or theirs <= mine):
            return False
    only_one, only_other = one.content - other.content, other.content - one.content
    both_ways = ((only_one, only_other), (only_other, only_one))
    if any(a in mine and b in theirs for a, b in _OPPOSITES for mine, theirs in both_ways):
        return False
    return cosine >= SURELY_SAME or not one.content.isdisjoint(other.content)


class Matcher:
    """Tells how near statements are whose meanings may be the same.

    Args:
        embedder: gives unit vectors; the thresholds are those of all-MiniLM-L6-v2.
        threshold: least cosine of a match.
    """

    def __init__(self, embedder: Embedder, threshold: float = SAME_MEANING) -> None:
        self._embedder = embedder
        self._threshold = threshold

    def nearness(
        self, ours: Sequence[str], theirs: Sequence[str], person: str
    ) -> NDArray[np.float64]:
        """Cosines of all that match, 0 for all that don't [ours, theirs].

        Args:
            ours: statements.
            theirs: other statements.
            person: the first name of whom all of them are about.
        """
        if not ours or not theirs:
            return np.zeros((len(ours), len(theirs)))
        vectors = np.array(self._embedder.embed([*ours, *theirs]))
        cosines: NDArray[np.float64] = vectors[: len(ours)] @ vectors[len(ours) :].T
        mine, others = ([Details.of(text, person) for text in texts] for texts in (ours, theirs))
        nearness = np.zeros_like(cosines)
        for row, column in zip(*np.nonzero(cosines >= self._threshold), strict=True):
            cosine = float(cosines[row, column])
            if may_match(mine[row], others[column], cosine):
                nearness[row, column] = cosine
        return nearness
