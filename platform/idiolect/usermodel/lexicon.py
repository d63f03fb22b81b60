"""Lists of patterns, looked for in one pass over a text.

An alternation of hundreds of patterns is tried whole at every letter of a text. Here each pattern
is filed under its heads, the letters with which whatever it matches begins, and tried only where a
word begins with them. At most words that is none.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Generic, NamedTuple, TypeVar

L = TypeVar("L", bound=Hashable)

HEAD = 6
"""Signs of a head at most. It may reach into the next word: "the fl" is rarer than "the"."""

_BEGINNINGS_KEPT = 1 << 16
"""Beginnings of words for which it is kept what may match there: most words come again."""

_WORD = re.compile(rf"(?=(.{{1,{HEAD}}}))\w+", re.DOTALL)
_AT_WORD = re.compile(r"\\b|\(\?<!\\w\)")
_FIRST_SIGN = re.compile(r"[^\W_]")
_SIGN = re.compile(r"[^\W_]|[ '&/,:;-]|\\[^\w\s]")
_GROUP = re.compile(r"\(\?(?:-i)?:")
_BEHIND = re.compile(r"\(\?<[=!]")
_QUANTIFIED = re.compile(r"[?*+{]")


class Listed(NamedTuple, Generic[L]):
    """A pattern and what it stands for."""

    label: L
    pattern: str
    flags: re.RegexFlag = re.NOFLAG


class Lexicon(Generic[L]):
    """Tells which labels' patterns match somewhere in a text.

    Patterns that do not say that they begin where a word does are tried everywhere.
    """

    def __init__(self, listed: Iterable[Listed[L]]) -> None:
        self._by_head: defaultdict[str, list[Listed[L]]] = defaultdict(list)
        self._anywhere: list[Listed[L]] = []
        for one in listed:
            known = heads(one.pattern)
            if "" in known:
                self._anywhere.append(one)
            else:
                for head in known:
                    self._by_head[head].append(one)
        self._tried_at = lru_cache(maxsize=_BEGINNINGS_KEPT)(self._filed_under)

    def labels(self, text: str) -> frozenset[L]:
        """The labels of all patterns that match."""
        found = {one.label for one in self._anywhere if _compiled(one).search(text)}
        for word in _WORD.finditer(text):
            for label, pattern in self._tried_at(word[1]):
                if label not in found and pattern.match(text, word.start()):
                    found.add(label)
        return frozenset(found)

    def _filed_under(self, beginning: str) -> tuple[tuple[L, re.Pattern[str]], ...]:
        begun = beginning.casefold()
        return tuple(
            (one.label, _compiled(one))
            for end in range(1, len(begun) + 1)
            for one in self._by_head.get(begun[:end], ())
        )


@cache
def _compiled(listed: Listed[L]) -> re.Pattern[str]:
    return re.compile(listed.pattern, listed.flags)


def alternatives(pattern: str) -> Iterator[str]:
    """The parts of a pattern between the bars that stand in no group and no class."""
    start = 0
    for sign, depth in _structure(pattern):
        if sign[0] == "|" and depth == 0:
            yield pattern[start : sign.start()]
            start = sign.end()
    yield pattern[start:]


def heads(pattern: str) -> frozenset[str]:
    """What all that a pattern matches begins with, in small letters; "" where it cannot be told.

    ``(?<!\\w)(?:be|is) an? ill`` has the heads "be a i", "be an ", "is a i" and "is an ". What
    follows a class, an assertion or anything else that is no plain sign is not looked at: a short
    head is only tried more often.
    """
    found: set[str] = set()
    for way in alternatives(pattern):
        at_word = _AT_WORD.match(way)
        found |= _heads(way[at_word.end() :]) if at_word else {""}
    return frozenset(found)


def _heads(pattern: str, begun: str = "") -> frozenset[str]:
    """The heads of what begins so and goes on as a pattern says."""
    if len(begun) >= HEAD:
        return frozenset({begun.casefold()})
    if _BEHIND.match(pattern):
        return _heads(pattern[_end_of_group(pattern) :], begun)
    if sign := (_SIGN if begun else _FIRST_SIGN).match(pattern):
        ways, after = [begun + sign[0][-1]], pattern[sign.end() :]
        if after.startswith("?"):
            ways, after = [*ways, begun], after[1:]
        elif _QUANTIFIED.match(after):
            return frozenset({begun.casefold()})
        return frozenset[str]().union(*(_heads(after, way) for way in ways))
    opened = _GROUP.match(pattern)
    if opened is None:
        return frozenset({begun.casefold()})
    end = _end_of_group(pattern)
    ways, after = [*alternatives(pattern[opened.end() : end - 1])], pattern[end:]
    if after.startswith("?"):
        ways, after = [*ways, ""], after[1:]
    elif _QUANTIFIED.match(after):
        return frozenset({begun.casefold()})
    return frozenset[str]().union(*(_heads(way + after, begun) for way in ways))


def _end_of_group(pattern: str) -> int:
    """Where the group ends with which a pattern begins."""
    return next(sign.end() for sign, depth in _structure(pattern) if depth == 0)


def _structure(pattern: str) -> Iterator[tuple[re.Match[str], int]]:
    """A pattern's brackets and bars outside of classes, each with how many groups are open then."""
    depth, is_class = 0, False
    for sign in re.finditer(r"\\.|[][()|]", pattern):
        if is_class or sign[0] == "[":
            is_class = sign[0] != "]"
        elif sign[0] in "()|":
            depth += (sign[0] == "(") - (sign[0] == ")")
            yield sign, depth
