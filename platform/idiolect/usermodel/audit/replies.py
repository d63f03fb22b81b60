"""Whether a text is one of our own replies, come back by way of a screen or the clipboard.

A model of the user that learns from what the assistant said about the user believes ever more of
its own guesses. Replies are known by the hashes of their runs of five words (shingles: A. Broder,
On the resemblance and containment of documents, SEQUENCES 1997), so that no text of theirs is kept
for it, and a frame around a reply or a changed word in it hides nothing.
"""

import re
from collections.abc import Iterable

WORDS = 5
"""In a run. A reply with fewer words is known by nothing: anybody says "Of course"."""

WHOLE = 0.5
"""Share of a text's runs that are ours, from which it counts as ours."""

PASSAGE = 8
"""Runs of ours, from which a text holds a passage of ours: twelve words in a row."""

_WORD = re.compile(r"\w+")


def fingerprint(text: str) -> frozenset[int]:
    """64-bit hashes of all runs of five words; they hold within one process."""
    said = _WORD.findall(text.casefold())
    return frozenset(map(hash, zip(*(said[place:] for place in range(WORDS)), strict=False)))


def fingerprints(replies: Iterable[str]) -> frozenset[int]:
    """Those of several replies together, as a policy wants them."""
    return frozenset[int]().union(*map(fingerprint, replies))


def is_ours(text: str, ours: frozenset[int]) -> bool:
    """Whether at least half of a text's runs are those of replies."""
    runs = fingerprint(text) if ours else frozenset()
    return bool(runs) and len(runs & ours) >= WHOLE * len(runs)


def holds_ours(text: str, ours: frozenset[int]) -> bool:
    """Whether a passage of a reply stands in a text."""
    return bool(ours) and len(fingerprint(text) & ours) >= PASSAGE
