"""What a scope names itself, before anything follows from it."""

from dataclasses import dataclass
from typing import Literal

from idiolect.store.repositories.forgetting import Stone

Noun = Literal["proposition", "observation", "message", "suggestion"]


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a scope names, as the preview shows it.

    Attributes:
        noun: what it is.
        id: by which it can be kept; a proposition's is that of its lineage.
        text: its beginning.
        similarity: the cosine by which it was found; None: by its words, its place or its time.
    """

    noun: Noun
    id: str
    text: str
    similarity: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a scope names itself, before anything follows from it; by ids.

    Attributes:
        matches: what the preview shows of it.
        words: the stems of a topic, whose traces are looked for elsewhere too.
        applications: names, in lower case, of applications that go as a whole.
        stones: tombstones to set beside those of the statements.
    """

    lineages: frozenset[str] = frozenset()
    observations: tuple[str, ...] = ()
    messages: frozenset[str] = frozenset()
    suggestions: frozenset[str] = frozenset()
    matches: tuple[Match, ...] = ()
    words: frozenset[str] = frozenset()
    applications: frozenset[str] = frozenset()
    stones: tuple[Stone, ...] = ()
