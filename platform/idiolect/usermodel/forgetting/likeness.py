"""Whether two statements about a user say the same, where of one of them only a vector is left.

Any two statements about the same person are near to each other by the name alone, so the vector is
the mean of two embeddings, with the name and without it. Even so *plays the piano* and *plays the
guitar* are nearly one to an embedder, and *on Mondays* and *on Tuesdays* are. Behind the vector's
meaning therefore stand places for the statement's words, names and times and one for whether it is
about somebody around the user: a word sets one of 256 places by its hash, a name or a time one of
64. Very many words share a place, so that none can be read back.
"""

import hashlib
import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.propose.vocabulary import words as listed
from idiolect.usermodel.relate.rules import Parts

SAME_STATEMENT = 0.58
SAME_IN_OTHER_WORDS = 0.68
SURELY_SAME = 0.85
"""Least cosines of all-MiniLM-L6-v2 between a statement and the vector of a tombstone. The second
holds where both share ``FRAME_SHARE`` of their words, or none but ``_FRAMES``, and each has others:
a high cosine comes of the shared ones then. From the third on it does not matter whether one says
*Noah's dog* and the other *Noah has a dog*."""

FRAME_SHARE = 0.3

SAME_TOPIC = 0.42
"""Least cosine between a statement and a topic's words, the user's name in neither.

All five were chosen on gold-user-model's labelled pairs and on the facts of simulated people;
docs/proofs.md tells what they refuse and miss of other people's."""

WORD_PLACES = 256
NAME_PLACES = 64
TIME_PLACES = 64
PLACES = WORD_PLACES + NAME_PLACES + TIME_PLACES + 1
"""How many numbers stand behind a vector's meaning."""

_WORDS = slice(0, WORD_PLACES)
_NAMES = slice(WORD_PLACES, WORD_PLACES + NAME_PLACES)
_TIMES = slice(WORD_PLACES + NAME_PLACES, -1)
_SUBJECT = -1

_WORD = re.compile(r"[\w\u2019'-]+")
_POSSESSIVE = re.compile(r"['\u2019]s$")
_DIGITS = re.compile(r"\d+")
_FRAMES = content_words(
    "works interested prefers likes loves wants enjoys uses goes takes gets makes answers"
)
"""Words that say little of what a statement is about: *works as a lawyer*, *works with Theo*."""

_DAYS = listed("monday tuesday wednesday thursday friday saturday sunday")
_MONTHS = listed(
    "january february march april may june july august september october november december"
)
_NO_NAMES = _DAYS | _MONTHS | {f"{day}s" for day in _DAYS} | {"i"}

Vector = NDArray[np.float32]


def without_name(text: str, user_name: str) -> str:
    """A statement without the name of whom it is about."""
    own = {part.casefold() for part in user_name.split()}
    kept = [
        word
        for word in text.split()
        if _POSSESSIVE.sub("", word.strip('.,;:!?"')).casefold() not in own
    ]
    return " ".join(kept) or text


def known_by(named: Vector, bare: Vector, text: str, user_name: str) -> Vector:
    """The vector that a statement is known by, of length one [dimensions + places].

    Args:
        named, bare: the embeddings of the statement and of what it is without the user's name.
        text: the statement.
        user_name: the user's.
    """
    return _unit(np.concatenate((_unit(named + bare), marks_of(text, user_name))))


def same_statement(rows: Vector, meaning: Vector, marks: Vector) -> NDArray[np.bool_]:
    """Which of some statements say the same as another one [n].

    Args:
        rows: what they are known by [n, dimensions + places].
        meaning: the other one's embedding [dimensions].
        marks: the other one's places.
    """
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    cosines = meanings_of(rows, len(meaning)) @ meaning
    theirs, mine = rows[:, len(meaning) :] > 0, marks > 0
    shared = (theirs & mine)[:, _WORDS]
    of_all = (theirs | mine)[:, _WORDS].sum(axis=1)
    by_frames = shared.any(axis=1) & ~shared[:, ~_FRAME_PLACES].any(axis=1)
    is_framed = (shared.sum(axis=1) >= FRAME_SHARE * of_all) | by_frames
    is_framed &= _differ(theirs, mine, _WORDS)
    is_near = cosines >= np.where(is_framed, SAME_IN_OTHER_WORDS, SAME_STATEMENT)
    other_subject = (theirs[:, _SUBJECT] != mine[_SUBJECT]) & (cosines < SURELY_SAME)
    other_details = _differ(theirs, mine, _NAMES) | _differ(theirs, mine, _TIMES)
    same: NDArray[np.bool_] = is_near & ~other_details & ~other_subject
    return same


def same_moment(one: str, other: str) -> bool:
    """Whether two statements tell the same time by more than one mark, as a day and an hour."""
    told = _times(one)
    return len(told) > 1 and told == _times(other)


def about_topic(rows: Vector, meaning: Vector, marks: Vector) -> NDArray[np.bool_]:
    """Which of some topics a statement is about [n]; see ``same_statement`` for the shapes.

    Whoever forgets one town by its name has not forgotten the others.
    """
    if not len(rows):
        return np.zeros(0, dtype=np.bool_)
    is_near = meanings_of(rows, len(meaning)) @ meaning >= SAME_TOPIC
    about: NDArray[np.bool_] = is_near & ~name_others(rows[:, len(meaning) :], marks)
    return about


def name_others(rows: Vector, marks: Vector) -> NDArray[np.bool_]:
    """Which of some places are of texts that name something else than a text does, and lack what
    that one names [n]; both without the vectors' meanings."""
    return _differ(rows > 0, marks > 0, _NAMES)


def _differ(theirs: NDArray[np.bool_], mine: NDArray[np.bool_], places: slice) -> NDArray[np.bool_]:
    """Whether each of two has something that the other has not, of words, names or times [n]."""
    only_theirs = (theirs & ~mine)[:, places].any(axis=1)
    only_mine = (~theirs & mine)[:, places].any(axis=1)
    return np.logical_and(only_theirs, only_mine)


def meanings_of(rows: Vector, dimensions: int) -> Vector:
    """What statements mean, of length one [n, dimensions]: their vectors without the places."""
    parts = rows[:, :dimensions]
    meanings: Vector = parts / np.linalg.norm(parts, axis=1, keepdims=True)
    return meanings


def marks_of(text: str, user_name: str) -> Vector:
    """Places of a statement's words, names and times, and whether it is about somebody else."""
    marks = np.zeros(PLACES, dtype=np.float32)
    marks[_WORDS] = _placed(content_words(without_name(text, user_name)), WORD_PLACES)
    marks[_NAMES] = _placed(_names(text, user_name), NAME_PLACES)
    marks[_TIMES] = _placed(_times(text), TIME_PLACES)
    marks[_SUBJECT] = float(Parts.of(text).of_another)
    return marks


def _names(text: str, user_name: str) -> set[str]:
    """What is written with a capital; the first word is in any case, so it does not count.

    Where all others are as well, as in a topic in title case, nothing tells names from words.
    """
    written = _WORD.findall(text)[1:]
    if all(word[0].isupper() for word in written):
        return set()
    own = {part.casefold() for part in user_name.split()}
    capitals = (_POSSESSIVE.sub("", word) for word in written if word[0].isupper())
    return {name.casefold() for name in capitals} - own - _NO_NAMES


def _times(text: str) -> set[str]:
    """The numbers of dates, hours and amounts, and the days and months."""
    numbers = (digits for number in Parts.of(text).numbers for digits in _DIGITS.findall(number))
    words = {word.casefold() for word in _WORD.findall(text)}
    days = {day for day in _DAYS if not words.isdisjoint({day, f"{day}s"})}
    # Capitalized, so that whoever may march somewhere does so in no month.
    months = {month for month in _MONTHS if month.capitalize() in text}
    return {str(int(number)) for number in numbers} - {"0"} | days | months


def _placed(words: Iterable[str], count: int) -> Vector:
    places = np.zeros(count, dtype=np.float32)
    for word in words:
        hashed = hashlib.sha256(word.encode()).digest()
        places[int.from_bytes(hashed[:4]) % count] = 1.0
    return places


_FRAME_PLACES: NDArray[np.bool_] = _placed(_FRAMES, WORD_PLACES) > 0


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit
