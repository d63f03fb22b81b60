"""Which words of a text carry its content."""

import re

_WORD = re.compile(r"[a-z']+")
_STEM = 5
# fmt: off
COMMON = frozenset((
    "about", "after", "also", "always", "because", "before", "each", "every", "first", "from",
    "have", "here", "into", "just", "keep", "like", "make", "many", "more", "most", "much", "never",
    "often", "only", "other", "over", "since", "some", "such", "than", "that", "their", "them",
    "then", "there", "these", "they", "thing", "things", "this", "time", "user", "what", "when",
    "where", "which", "while", "will", "with", "without", "work", "your",
))
# fmt: on


def words(text: str) -> set[str]:
    """The words of a text in small letters."""
    return set(_WORD.findall(text.lower()))


def stems(text: str) -> set[str]:
    """The first five letters of each content word: longer than three, and none of the common."""
    return {w[:_STEM] for w in words(text) if len(w) > 3 and w not in COMMON}
