"""Topics: phrases that come back on several days in several places.

A batch is read with up to 2,000 observations before it, whose phrases are some 200,000. So they are
counted by their hashes, which a text keeps from one batch to the next: 8 bytes a phrase and as many
for where it stands. Words are looked at of the few that come first alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from idiolect.usermodel.confidence import from_days
from idiolect.usermodel.propose.protocols import Draft, ObservationView
from idiolect.usermodel.propose.seen import Seen, trusts
from idiolect.usermodel.propose.vocabulary import STOP_WORDS

LEAST_DAYS = 3
LEAST_PLACES = 2
MOST_TOPICS = 5
LONGEST_WORDS = 3
LATEST_EVIDENCE = 12
DURABILITY = 0.45

PRIOR = 0.05
"""Probability that a phrase is a topic of the user's before it comes back. Lower than a habit's:
every page is full of phrases, and what comes back most is chosen from thousands of them."""

_TEXTS_KEPT = 4096
"""Texts whose phrases are kept: those of a batch and its history, and as many again."""

_WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'\u2019-]+")
_SENTENCE = re.compile(r"(?:[^.!?;:|,()\[\]{}<>\"“”/\\\s]|[^\S\n\t](?!\s))+")

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The different phrases of one text, in lower case.

    Attributes:
        hashes: one for each [n].
        spans: where it first stands, from and to [n, 2].
    """

    hashes: Integers
    spans: Integers


@dataclass(frozen=True, slots=True)
class _Frequent:
    """Phrases that were met often enough, and where.

    Attributes:
        views: the observations that were looked at.
        found: the phrases of each.
        hashes: of the phrases that several views have, equal ones together [m].
        at: the places in ``views`` of the same [m].
        first: of each frequent phrase, the first place in these lists [n].
        ranks: on how many days, in how many places and how often each was met [n, 3].
    """

    views: Sequence[ObservationView]
    found: Sequence[_Phrases]
    hashes: Integers
    at: Integers
    first: Integers
    ranks: Integers

    @classmethod
    def among(cls, seen: Seen, views: Sequence[ObservationView]) -> "_Frequent":
        found = [_phrases(view.text) for view in views]
        hashes, at = _sorted([one.hashes for one in found])
        first = np.flatnonzero(np.diff(hashes, prepend=~hashes[:1]))
        times = np.diff(first, append=len(hashes))
        is_seldom = times < LEAST_DAYS  # one view has a phrase once
        kept = np.repeat(~is_seldom, times)
        hashes, at, times = hashes[kept], at[kept], times[~is_seldom]
        first, phrase = np.cumsum(times) - times, np.repeat(np.arange(len(times)), times)
        days = _kinds(phrase, _numbered(map(seen.day, views))[at])
        places = _kinds(phrase, _numbered(view.application or view.kind for view in views)[at])
        often = (days >= LEAST_DAYS) & (places >= LEAST_PLACES)
        ranks = np.column_stack([days, places, times])[often]
        return cls(views, found, hashes, at, first[often], ranks)

    def best_first(self) -> Iterator[tuple[str, int]]:
        """The phrases and their hashes; of equal ones the longest first, and the last by letter."""
        order = np.lexsort(self.ranks.T[::-1])[::-1]
        ranked = self.ranks[order]
        starts = np.flatnonzero(np.any(ranked[1:] != ranked[:-1], axis=1)) + 1
        for equal in np.split(self.first[order], starts):
            named = [(self._key(place), int(self.hashes[place])) for place in equal.tolist()]
            yield from sorted(named, key=lambda one: (len(one[0]), one[0]), reverse=True)

    def where(self, hashed: int) -> tuple[list[ObservationView], dict[str, str]]:
        """The observations that have a phrase, and by their ids the spans that show it."""
        places = np.flatnonzero(self.hashes == hashed)
        places = places[np.argsort(self.at[places])]
        views = [self.views[self.at[place]] for place in places.tolist()]
        quotes = {
            view.id: self._quote(place) for view, place in zip(views, places.tolist(), strict=True)
        }
        return views, quotes

    def _quote(self, place: int) -> str:
        view, phrases = self.views[self.at[place]], self.found[self.at[place]]
        [span] = phrases.spans[phrases.hashes == self.hashes[place]].tolist()
        quote: str = view.text[slice(*span)]
        return quote

    def _key(self, place: int) -> str:
        return " ".join(word.casefold() for word in _WORD.findall(self._quote(place)))


def propose_phrases(seen: Seen) -> Iterator[Draft]:
    """Estimates for phrases of two or three words met on three days and in two places.

    One place is one application, or one kind of observation. Days are the independent
    evidence: what one page repeats a hundred times counts once. What is met on more days, in more
    places, more often comes first.
    """
    views = [
        view for view in seen.everything if view.trust != "untrusted" and view.kind != "calendar"
    ]
    if not views:
        return
    frequent = _Frequent.among(seen, views)
    names = {(name or "").casefold() for name in {view.application for view in seen.everything}}
    allowed = (
        (key, hashed)
        for key, hashed in frequent.best_first()
        if key not in names and key.split()[0] != seen.user_name.casefold()
    )
    for key, hashed in _distinct(allowed):
        yield _draft(seen, key, *frequent.where(hashed))


def _distinct(phrases: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The first few, none of which shares a word with one before it."""
    chosen: list[tuple[str, int]] = []
    taken: set[str] = set()
    for key, hashed in phrases:
        if len(chosen) == MOST_TOPICS:
            break
        if taken.isdisjoint(key.split()):
            chosen.append((key, hashed))
            taken.update(key.split())
    return chosen


@lru_cache(maxsize=_TEXTS_KEPT)
def _phrases(text: str) -> _Phrases:
    """The phrases of a text: two or three words that mean something, in one sentence."""
    found: dict[str, tuple[int, int]] = {}
    for sentence in _SENTENCE.finditer(text):
        run: list[tuple[str, int]] = []  # words that follow each other, and where they begin
        for word in _WORD.finditer(text, *sentence.span()):
            folded = word[0].casefold()
            if len(folded) <= 2 or folded in STOP_WORDS:
                run.clear()
                continue
            run.append((folded, word.start()))
            for length in range(2, min(LONGEST_WORDS, len(run)) + 1):
                start, end = run[-length][1], word.end()
                if text.count(" ", start, end) == length - 1:
                    key = " ".join(part for part, _ in run[-length:])
                    found.setdefault(key, (start, end))
    return _Phrases(
        np.array([hash(key) for key in found], dtype=np.int64),
        np.array(list(found.values()), dtype=np.int64).reshape(-1, 2),
    )


def _sorted(hashes: Sequence[Integers]) -> tuple[Integers, Integers]:
    """Hashes [n] of several lists in one, equal ones together, and in which list each stood [n]."""
    joined = np.concatenate(hashes)
    order = np.argsort(joined)
    lists = np.repeat(np.arange(len(hashes)), [len(one) for one in hashes])
    return joined[order], lists[order]


def _numbered(values: Iterable[object]) -> Integers:
    """Each value's number in the order in which the different ones come."""
    each = list(values)
    numbers = {value: number for number, value in enumerate(dict.fromkeys(each))}
    return np.array([numbers[value] for value in each], dtype=np.int64)


def _kinds(phrase: Integers, values: Integers) -> Integers:
    """How many different values each phrase has; both are numbers from 0 on."""
    met = np.zeros((phrase.max(initial=-1) + 1, values.max(initial=-1) + 1), dtype=bool)
    met[phrase, values] = True
    kinds: Integers = met.sum(axis=1, dtype=np.int64)
    return kinds


def _draft(seen: Seen, key: str, views: Sequence[ObservationView], quotes: dict[str, str]) -> Draft:
    days = {seen.day(view) for view in views}
    places = {view.application or view.kind for view in views}
    wrote = any(view.trust in ("typed", "sent") for view in views)
    verb = "reads and writes about" if wrote else "often reads about"
    return Draft(
        text=f"{seen.user_name} {verb} {_usual(list(quotes.values()))}.",
        reasoning=f"Met on {len(days)} days in {len(places)} places.",
        confidence=from_days(len(days), 0, trusts(views), prior=PRIOR),
        durability=DURABILITY,
        evidence=seen.one_a_day(views[-LATEST_EVIDENCE:], quotes),
        valid_from=views[0].occurred_at,
        estimate_key=f"topic:{key}",
    )


def _usual(quotes: Sequence[str]) -> str:
    return max(sorted(set(quotes)), key=lambda quote: (quotes.count(quote), quote.islower()))
