"""Whether two statements about a user say the same, where of one of them only a vector is left.

Any two statements about the same person are near to each other by the name alone, so the vector is
the mean of two embeddings, with the name and without it. Even so *plays the piano* and *plays the
guitar* are nearly one to an embedder. Behind the vector's meaning therefore stand places for the
statement's words and names and one for whether it is about somebody around the user: a word sets
one of 256 places by its hash, a name one of 64. Very many words share a place, so that none can be
read back.
"""

import hashlib
import re

import numpy as np
from numpy.typing import NDArray

from idiolect.usermodel.grounding import content_words
from idiolect.usermodel.propose.vocabulary import words as listed
from idiolect.usermodel.relate.rules import Parts

SAME_STATEMENT = 0.58
SAME_IN_OTHER_WORDS = 0.68
SURELY_SAME = 0.85
"""Least cosines of all-MiniLM-L6-v2 between a statement and the vector of a tombstone. The second
holds where both share ``FRAME_SHARE`` of their words and each has others: a high cosine comes of
the shared ones then. From the third on it does not matter whether one says *Noah's dog* and the
other *Noah has a dog*."""

FRAME_SHARE = 0.3
"""All four were chosen on gold-user-model's labelled pairs and on the facts of simulated people;
docs/proofs.md tells what they refuse and miss of other people's."""

WORD_PLACES = 256
NAME_PLACES = 64
PLACES = WORD_PLACES + NAME_PLACES + 1
"""How many numbers stand behind a vector's meaning."""

_WORD = re.compile(r"[\w\u2019'-]+")
_POSSESSIVE = re.compile(r"['\u2019]s$")
_NO_NAMES = listed(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
    "thursdays fridays saturdays sundays january february march april may june july august "
    "september october november december i"
)

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
    only_theirs, only_mine = theirs & ~mine, mine & ~theirs
    words, names, subject = slice(0, WORD_PLACES), slice(WORD_PLACES, -1), -1
    differ = only_theirs[:, words].any(axis=1) & only_mine[:, words].any(axis=1)
    shared = (theirs & mine)[:, words].sum(axis=1)
    of_all = (theirs | mine)[:, words].sum(axis=1)
    is_framed = differ & (shared >= FRAME_SHARE * of_all)
    is_near = cosines >= np.where(is_framed, SAME_IN_OTHER_WORDS, SAME_STATEMENT)
    other_names = only_theirs[:, names].any(axis=1) & only_mine[:, names].any(axis=1)
    other_subject = (theirs[:, subject] != mine[subject]) & (cosines < SURELY_SAME)
    same: NDArray[np.bool_] = is_near & ~other_names & ~other_subject
    return same


def meanings_of(rows: Vector, dimensions: int) -> Vector:
    """What statements mean, of length one [n, dimensions]: their vectors without the places."""
    parts = rows[:, :dimensions]
    meanings: Vector = parts / np.linalg.norm(parts, axis=1, keepdims=True)
    return meanings


def marks_of(text: str, user_name: str) -> Vector:
    """Places of a statement's words and names, and whether it is about somebody around the user."""
    words, names = np.zeros(WORD_PLACES), np.zeros(NAME_PLACES)
    for stem in content_words(without_name(text, user_name)):
        words[_hash(stem) % WORD_PLACES] = 1.0
    own = {part.casefold() for part in user_name.split()}
    for written in _WORD.findall(text)[1:]:  # the first is capitalized whatever it is
        name = _POSSESSIVE.sub("", written).casefold()
        if written[0].isupper() and name not in own and name not in _NO_NAMES:
            names[_hash(name) % NAME_PLACES] = 1.0
    of_another = [float(Parts.of(text).of_another)]
    return np.concatenate((words, names, of_another)).astype(np.float32)


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit
