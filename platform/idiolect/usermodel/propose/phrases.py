"""Topics: phrases that come back on several days in several places."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

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

_WORD = re.compile(r"[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'\u2019-]+")
_SENTENCE = re.compile(r"[.!?;:|\n\t,()\[\]{}<>\"“”/\\]+|\s{2,}")


@dataclass(slots=True)
class _Topic:
    """Where and when a phrase was met, and how it was written."""

    quotes: dict[str, str] = field(default_factory=dict)
    views: list[ObservationView] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    wrote: bool = False

    def rank(self) -> tuple[int, int, int]:
        """What is met on more days, in more places, more often comes first."""
        return (len(self.days), len(self.places), len(self.views))


def propose_phrases(seen: Seen) -> Iterator[Draft]:
    """Estimates for phrases of two or three words met on three days and in two places.

    One place is one application, or one kind of observation. Days are the independent
    evidence: what one page repeats a hundred times counts once.
    """
    topics: dict[str, _Topic] = defaultdict(_Topic)
    for view in seen.everything:
        if view.trust == "untrusted" or view.kind == "calendar":
            continue
        for key, quote in _phrases(view).items():
            topic = topics[key]
            topic.quotes[view.id] = quote
            topic.views.append(view)
            topic.days.add(seen.day(view))
            topic.places.add(view.application or view.kind)
            topic.wrote = topic.wrote or view.trust in ("typed", "sent")
    names = {(view.application or "").casefold() for view in seen.everything}
    first_name = seen.user_name.casefold()
    frequent = {
        key: topic
        for key, topic in topics.items()
        if len(topic.days) >= LEAST_DAYS
        and len(topic.places) >= LEAST_PLACES
        and key not in names
        and key.split()[0] != first_name
    }
    for key in _distinct(frequent)[:MOST_TOPICS]:
        yield _draft(seen, key, frequent[key])


def _phrases(view: ObservationView) -> dict[str, str]:
    """Phrases of an observation in lower case, each with an exact span that has it."""
    found: dict[str, str] = {}
    for sentence in _SENTENCE.split(view.text):
        words = list(_WORD.finditer(sentence))
        for start in range(len(words)):
            for end in range(start + 2, min(start + LONGEST_WORDS, len(words)) + 1):
                part = words[start:end]
                quote = sentence[part[0].start() : part[-1].end()]
                key = " ".join(word.group().casefold() for word in part)
                if _is_topic(key.split()) and quote.count(" ") == len(part) - 1:
                    found.setdefault(key, quote)
    return found


def _is_topic(words: Sequence[str]) -> bool:
    return all(word not in STOP_WORDS and len(word) > 2 for word in words)


def _distinct(topics: dict[str, _Topic]) -> list[str]:
    """The topics' keys, best first, none of which shares a word with a better one."""
    ordered = sorted(topics, key=lambda key: (topics[key].rank(), len(key), key), reverse=True)
    chosen: list[str] = []
    taken: set[str] = set()
    for key in ordered:
        if taken.isdisjoint(key.split()):
            chosen.append(key)
            taken.update(key.split())
    return chosen


def _draft(seen: Seen, key: str, topic: _Topic) -> Draft:
    shown = _usual(list(topic.quotes.values()))
    verb = "reads and writes about" if topic.wrote else "often reads about"
    latest = topic.views[-LATEST_EVIDENCE:]
    return Draft(
        text=f"{seen.user_name} {verb} {shown}.",
        reasoning=f"Met on {len(topic.days)} days in {len(topic.places)} places.",
        confidence=from_days(len(topic.days), 0, trusts(topic.views)),
        durability=DURABILITY,
        evidence=seen.one_a_day(latest, topic.quotes),
        valid_from=topic.views[0].occurred_at,
        estimate_key=f"topic:{key}",
    )


def _usual(quotes: Sequence[str]) -> str:
    return max(sorted(set(quotes)), key=lambda quote: (quotes.count(quote), quote.islower()))
