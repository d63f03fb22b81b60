"""Whether a reply keeps a standard, as far as a program can see it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from idiolect.errors import InvalidInputError

LEAST_WORDS = 4
"""Fewer words tell no language."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Check:
    """Signs of a kept standard.

    Attributes:
        says: patterns each of which must be found in a reply.
        never_says: patterns none of which may be.
        same_language: whether the reply must be in the language of the question.
    """

    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    same_language: bool = False

    def and_also(self, says: tuple[str, ...], never_says: tuple[str, ...]) -> "Check":
        """The check with further patterns."""
        return replace(self, says=(*self.says, *says), never_says=(*self.never_says, *never_says))

    def violation(self, question: str, reply: str) -> str | None:
        """What is wrong with a reply; None when nothing is.

        A reply without words is wrong under every check: silence must not pass for obedience.
        """
        if not _WORD.search(reply):
            return "it says nothing"
        for pattern in self.says:
            if not _search(pattern, reply):
                return f"it does not say {pattern}"
        for pattern in self.never_says:
            found = _search(pattern, reply)
            if found:
                return f"it says {found.group()!r}"
        if self.same_language and len(_WORD.findall(reply)) >= LEAST_WORDS:
            asked, answered = language_of(question), language_of(reply)
            if asked != answered:
                return f"it is in {answered or 'no language that is known'}, and not in {asked}"
        return None


def check_of(name: str) -> Check:
    """The check of this name.

    Raises:
        InvalidInputError: there is none.
    """
    checks = _content()["checks"]
    if name not in checks:
        near = get_close_matches(name, checks, n=1)
        raise InvalidInputError(
            f"there is no check {name!r}{f'; did you mean {near[0]}?' if near else ''}",
            hint=f"Use one of {', '.join(checks)}, or none.",
        )
    entry = checks[name]
    return Check(
        tuple(entry.get("says", ())),
        tuple(entry.get("never_says", ())),
        entry.get("same_language", False),
    )


def language_of(text: str) -> str | None:
    """The language with the most function words in a text; None without any, or in a tie."""
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {
        language: sum(word in known for word in words) for language, known in _languages().items()
    }
    most = max(counts.values())
    leading = [language for language, count in counts.items() if count == most]
    return leading[0] if most and len(leading) == 1 else None


def _search(pattern: str, text: str) -> re.Match[str] | None:
    plain = text.replace("\u2019", "'")
    return re.search(pattern, plain, re.IGNORECASE | re.MULTILINE)


@cache
def _languages() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in _content()["languages"].items()}


@cache
def _content() -> Mapping[str, Any]:
    file = Path(__file__).resolve().parent / "checks.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
