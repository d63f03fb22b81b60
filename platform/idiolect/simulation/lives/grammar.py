"""A predicate in the forms that texts need: keeps bees, keep bees, keeping bees."""

import re
from dataclasses import dataclass

_ADVERBS = frozenset({"often", "always", "never", "rarely", "recently", "just", "once", "still"})
_UNCHANGED = frozenset({"cannot", "can", "must", "will", "would"})
_FIRST = {"is": "am", "has": "have", "does": "do", "goes": "go", "was": "was"}
_GERUND = {"is": "being", "has": "having", "lies": "lying", "ties": "tying", "dies": "dying"}
_AFTER_HISS = re.compile(r"(?:ss|x|zz|ch|sh|o)es$")
_SHORT = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
"""One vowel and one consonant at the end of a short verb: run, knit, swim; the latter doubles."""
# fmt: off
_STRESSED_LAST = frozenset((
    "admit", "begin", "commit", "control", "forget", "occur", "prefer", "refer", "regret", "submit",
    "transfer",
))
# fmt: on
"""Longer verbs whose consonant doubles, since their last vowel is the stressed one: not offer."""


@dataclass(frozen=True, slots=True)
class Predicate:
    """What is said of somebody, in the third person singular of the present.

    Attributes:
        third: such as ``keeps bees``.
    """

    third: str

    @property
    def first(self) -> str:
        """What follows "I": ``keep bees``; ``I am`` becomes ``am``."""
        before, verb, after = self._parts()
        return " ".join([*before, verb if verb in _UNCHANGED else _base(verb), *after])

    @property
    def gerund(self) -> str:
        """``keeping bees``; of what has no such form, a clause that stands for it."""
        before, verb, after = self._parts()
        if verb in _UNCHANGED or before:
            return f"the fact that I {self.first}"
        return " ".join([_GERUND.get(verb) or _ing(_base(verb)), *after])

    def of(self, name: str) -> str:
        """The statement about somebody: ``Mara keeps bees.``"""
        return f"{name} {self.third}."

    def _parts(self) -> tuple[list[str], str, list[str]]:
        words = self.third.split()
        place = next(at for at, word in enumerate(words) if word not in _ADVERBS)
        return words[:place], words[place], words[place + 1 :]


def _base(verb: str) -> str:
    """The first person of a third person: keeps, studies, teaches, goes, is."""
    if verb in _FIRST:
        return _FIRST[verb]
    if verb.endswith("ies") and len(verb) > 4:
        return f"{verb[:-3]}y"
    if _AFTER_HISS.search(verb):
        return verb[:-2]
    return verb.removesuffix("s")


def _ing(base: str) -> str:
    if base.endswith("e") and not base.endswith(("ee", "ye", "oe")):
        return f"{base[:-1]}ing"
    doubles = _SHORT.match(base) or base in _STRESSED_LAST
    return f"{base}{base[-1]}ing" if doubles else f"{base}ing"
