"""Relates statements with embeddings and rules, where no model is at hand.

Cosine similarity tells whether two statements are about the same; it hardly tells "plays two
evenings a week" from "plays three". So what they are made of decides the rest: negations,
numbers, opposites and named things that differ are a conflict, fewer details are a
generalization. Merging loses what was different, so *identical* asks for the most.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from idiolect.usermodel.propose.vocabulary import words
from idiolect.usermodel.relate.protocols import Label, Pair

IDENTICAL = 0.82
CONFLICT = 0.65
GENERAL = 0.45
SIMILAR = 0.6
"""Least similarities, chosen on every other pair of a labelled set and measured on the rest."""

SHARED_FOR_CONFLICT = 0.5
SHARED_FOR_DETAIL = 0.5
"""Least shares of content words in common for a negation or opposite, and for a number or weekday,
to conflict. Stricter than what labels the most pairs right: a false conflict archives a truth."""

SHORTER = 0.85
"""Share of the old statement's content words that a general one may have at most."""

_WORD = re.compile(r"[\w'\u2019-]+")
_NUMBER = re.compile(r"\d[\d.,:]*")
_SMALL_NUMBERS = {
    "one": "1", "once": "1", "two": "2", "twice": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11",
    "twelve": "12",
}  # fmt: skip
_LARGE_NUMBERS = frozenset({"hundred", "thousand", "million"})
_OTHERS = re.compile(
    r"^\w+'s (?:\w+ ){0,2}?(?:neighbou?r|manager|boss|colleague|friend|cousin|son|sons|daughter"
    r"|daughters|dog|cat|brother|sister|mother|father|wife|husband|partner|flatmate|nephew|niece"
    r"|aunt|uncle|landlord|teacher|student|client|doctor|team|company)\b",
)
_NEGATIONS = re.compile(
    r"\b(?:not|never|no|none|without|nobody|nothing|cannot|\w+n['\u2019]t|no longer|stopped|gave up"
    r"|given up|quit|sold|cancelled|canceled|declined|refuses|refused|dropped|left|former|ended"
    r"|hates|dislikes|avoids)\b",
    re.IGNORECASE,
)
_OPPOSITES: tuple[tuple[str, str], ...] = (
    ("morning", "evening"), ("mornings", "evenings"), ("early", "late"), ("mornings", "night"),
    ("short", "long"), ("short", "detailed"), ("brief", "long"), ("formal", "casual"),
    ("formal", "informal"), ("likes", "dislikes"), ("loves", "hates"), ("likes", "hates"),
    ("always", "never"), ("always", "rarely"), ("often", "rarely"), ("often", "never"),
    ("usually", "rarely"), ("usually", "never"), ("before", "after"), ("first", "last"),
    ("more", "less"), ("cheap", "expensive"), ("left", "right"), ("hot", "cold"),
    ("indoors", "outdoors"), ("alone", "together"), ("alone", "with"), ("teaches", "learns"),
    ("teaches", "learning"), ("buys", "sells"), ("bought", "sold"), ("married", "single"),
    ("vegetarian", "meat"), ("vegan", "meat"), ("tea", "coffee"), ("train", "car"),
    ("weekdays", "weekends"), ("summer", "winter"), ("permanent", "temporary"),
    ("with", "without"), ("accepted", "declined"), ("remote", "office"), ("home", "office"),
    ("owns", "rents"), ("dark", "light"), ("public", "private"), ("paper", "digital"),
)  # fmt: skip
_MONTHS = words(
    "january february march april may june july august september october november december"
)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)
_FUNCTION_WORDS = words(
    "a an the and or of to in on at for with by from as is are was were be been has have had does "
    "do did will would can their they them his her its it that this who which for about into over "
    "after before also now s"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a statement is made of, its subject left out."""

    words: frozenset[str]
    content: frozenset[str]
    names: tuple[str, ...]
    numbers: frozenset[str]
    weekdays: frozenset[str]
    negated: bool
    of_another: bool

    @classmethod
    def of(cls, statement: str) -> "Parts":
        """Takes a statement apart."""
        written = _WORD.findall(statement)
        lower = [word.casefold() for word in written]
        numbers = {number.rstrip(".,:") for number in _NUMBER.findall(statement)}
        if _LARGE_NUMBERS.isdisjoint(lower):
            numbers |= {_SMALL_NUMBERS[word] for word in lower if word in _SMALL_NUMBERS}
        return cls(
            words=frozenset(lower[1:]),
            content=frozenset(stem(word) for word in lower[1:] if word not in _FUNCTION_WORDS),
            names=tuple(re.sub(r"['\u2019]s$", "", word) for word in written if word[0].isupper()),
            numbers=frozenset(numbers),
            weekdays=frozenset(day[:3].casefold() for day in _WEEKDAY.findall(statement)),
            negated=_NEGATIONS.search(statement) is not None,
            of_another=_OTHERS.search(statement) is not None,
        )


class RulesRelater:
    """A ``Relater`` of thresholds and word rules; deterministic, no model."""

    def relate(self, pairs: Sequence[Pair]) -> list[Label | None]:
        """See ``Relater.relate``."""
        return [relation(pair) for pair in pairs]


def relation(pair: Pair) -> Label:
    """The label of one pair."""
    if pair.old.casefold().rstrip(".") == pair.new.casefold().rstrip("."):
        return "identical"
    old, new = Parts.of(pair.old), Parts.of(pair.new)
    if old.of_another != new.of_another:
        return "unrelated"
    if pair.similarity >= CONFLICT and conflict(old, new):
        return "contradicts"
    if pair.similarity >= IDENTICAL and old.numbers == new.numbers and not differ(old, new):
        return "identical"
    is_shorter = len(new.content) <= SHORTER * len(old.content)
    if pair.similarity >= GENERAL and is_shorter and new.numbers <= old.numbers:
        return "generalizes"
    return "similar" if pair.similarity >= SIMILAR else "unrelated"


def conflict(old: Parts, new: Parts) -> bool:
    """Whether two statements about the same thing cannot both hold."""
    shared = overlap(old.content, new.content)
    if shared >= SHARED_FOR_DETAIL and old.names == new.names[::-1] != new.names:
        return True  # who does it to whom has changed
    if shared < SHARED_FOR_CONFLICT:
        return False
    if old.negated != new.negated or is_moved(old, new):
        return True
    if shared >= SHARED_FOR_DETAIL and not differ(old, new):
        details = ((old.numbers, new.numbers), (old.weekdays, new.weekdays))
        if any(left and right and left.isdisjoint(right) for left, right in details):
            return True
    only_old, only_new = old.words - new.words, new.words - old.words
    return any(
        (left in only_old and right in only_new) or (right in only_old and left in only_new)
        for left, right in _OPPOSITES
    )


def is_moved(old: Parts, new: Parts) -> bool:
    """Whether two statements tell other numbers, and differ in these and in months alone."""
    other = old.content ^ new.content
    is_number = bool(old.numbers - new.numbers) and bool(new.numbers - old.numbers)
    return is_number and all(word[0].isdigit() or word in _MONTHS for word in other)


def differ(old: Parts, new: Parts) -> bool:
    """Whether each of two statements names something that the other does not."""
    left = {name for name in old.names if _WEEKDAY.fullmatch(name) is None}
    right = {name for name in new.names if _WEEKDAY.fullmatch(name) is None}
    return bool(left - right) and bool(right - left)


def overlap(left: frozenset[str], right: frozenset[str]) -> float:
    """The shared words' share of the smaller set, in [0, 1]."""
    smaller = min(len(left), len(right))
    return len(left & right) / smaller if smaller else 0.0


def stem(word: str) -> str:
    """A word without its commonest endings."""
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
