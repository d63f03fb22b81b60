"""Whether the words of a statement stand in what was seen, and where.

A small model copies well and invents easily. So a statement of one is kept only when the text it
was asked about carries it.
"""

import re
from collections.abc import Sequence

from idiolect.usermodel.propose.vocabulary import words
from idiolect.usermodel.relate.rules import stem

LEAST_SHARE = 0.5
"""Of a statement's content words, must stand in its evidence. People sum up in words of their own,
so a larger share refuses most of what a careful reader concludes."""

STEM_LETTERS = 5
"""By so many first letters two forms of a word count as the same."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_DIGIT = re.compile(r"\d")
FUNCTION_WORDS = words(
    "a an the and or but of to in on at for with by from as is are am was were be been being has "
    "have had do does did will would can could may might must should not no it its this that these "
    "those there their they them themself his her hers him he she my me i you your we our us who "
    "whom whose which what when where how than then so too also very about into over after before "
    "until till up out off just any some all own probably likely seems appears plans intends means "
    "wants called user"
)


def content_words(text: str) -> frozenset[str]:
    """The stems of a text's words without those that every sentence has."""
    found = (word.casefold().removesuffix("'s") for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in found if word not in FUNCTION_WORDS)


def grounds(statement: str, passages: Sequence[str], name: str) -> tuple[str, ...]:
    """The fewest passages that carry a statement, in their order; none when they do not.

    They are taken one after the other, each the one that holds most of the content words still
    missing, until none adds any. Together they must hold ``LEAST_SHARE`` of the words, and every
    number and every name: those are what a model that invents gets wrong.

    Args:
        statement: about the user.
        passages: lines or sentences that it may rest on.
        name: the user's, which need not stand in them.
    """
    own = content_words(name)
    wanted = content_words(statement) - own
    exact = {word for word in wanted if _DIGIT.search(word)} | (_names(statement) - own)
    held = [content_words(passage) & wanted for passage in passages]
    missing, taken = wanted, list[int]()
    while missing and held:
        best = max(range(len(held)), key=lambda place: len(held[place] & missing))
        if not held[best] & missing:
            break
        taken.append(best)
        missing -= held[best]
    is_carried = len(wanted - missing) >= LEAST_SHARE * len(wanted) and not exact & missing
    return tuple(passages[place] for place in sorted(taken)) if is_carried else ()


def _names(statement: str) -> frozenset[str]:
    """The stems of the words that are written with a capital, the first one left out."""
    return content_words(" ".join(w for w in _WORD.findall(statement)[1:] if w[0].isupper()))


def _stem(word: str) -> str:
    return stem(word)[:STEM_LETTERS]
