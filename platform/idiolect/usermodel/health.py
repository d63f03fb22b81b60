"""How sound the propositions are that act: which repeat or contradict others, which are junk."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from idiolect.store.models import Memory
from idiolect.usermodel.relate.protocols import Pair, Relater
from idiolect.usermodel.relate.rules import CONFLICT, Parts, stem
from idiolect.usermodel.revise import is_estimate
from idiolect.usermodel.verdict import is_settled

NEIGHBORS = 5
"""With how many of the earlier propositions each one is compared: its nearest in meaning."""

_ROWS_AT_ONCE = 512  # of the matrix of similarities: 20 MB at 10,000 propositions

Names = tuple[str, str]
"""The lineages of two propositions, the earlier one first."""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Pairs of propositions that cannot both stay as they are, the most alike first.

    Attributes:
        same: the later one says what the earlier one says.
        contrary: both cannot hold.
    """

    same: list[Names]
    contrary: list[Names]


def find_conflicts(
    memories: Sequence[Memory],
    vectors: np.ndarray,
    relater: Relater,
    tell: Callable[[float], None],
) -> Conflicts:
    """Labels each proposition against the nearest of those before it.

    A pair is looked at once, and only if its cosine could make it the same or contrary: the
    relater's rules ask for 0.82 and 0.65. Two estimates are never compared, as when they were
    learned: their keys say already whether they are the same.

    Args:
        memories: propositions, the earliest first.
        vectors: their unit vectors, a row each.
        tell: is told the share done, in [0, 1].
    """
    pairs: list[tuple[float, Names]] = []
    questions: list[Pair] = []
    for later, earlier, similarity in nearest_earlier(vectors, CONFLICT, NEIGHBORS, tell):
        old, new = memories[earlier], memories[later]
        if not (is_estimate(old) and is_estimate(new)):
            pairs.append((similarity, (old.lineage_id, new.lineage_id)))
            questions.append(Pair(old.text or "", new.text or "", similarity))
    labels = relater.relate(questions) if questions else []
    labelled = sorted(zip(pairs, labels, strict=True), key=lambda found: -found[0][0])
    return Conflicts(
        same=[names for (_, names), label in labelled if label == "identical"],
        contrary=[names for (_, names), label in labelled if label == "contradicts"],
    )


def nearest_earlier(
    vectors: np.ndarray, least: float, limit: int, tell: Callable[[float], None]
) -> Iterator[tuple[int, int, float]]:
    """For each row, up to ``limit`` rows before it that are nearest to it, nearest first.

    Args:
        vectors: unit vectors, (rows, dimensions).
        least: the smallest cosine that counts.
        tell: is told the share of the work done, which grows with the square of the rows.

    Yields:
        The row, the row before it, and their cosine.
    """
    rows = len(vectors)
    for start in range(0, rows, _ROWS_AT_ONCE):
        stop = min(start + _ROWS_AT_ONCE, rows)
        cosines = vectors[start:stop] @ vectors[:stop].T
        for row in range(start, stop):
            before = cosines[row - start, :row]
            near = np.flatnonzero(before >= least)
            for column in near[np.argsort(-before[near], kind="stable")[:limit]]:
                yield row, int(column), float(before[column])
        tell((stop / rows) ** 2)


def find_junk(
    memories: Sequence[Memory], unsupported: Collection[str], user_name: str
) -> list[str]:
    """The lineages that say nothing, or that nothing supports and nobody vouched for.

    Nothing is said where no word is left but the user's name and function words ("Mara has
    it."). What the user stated, confirmed, corrected or pinned is theirs to keep, and no junk.
    Whether a proposition was ever of use is not asked: that is not recorded on it.

    Args:
        memories: propositions.
        unsupported: the lineages without a link to what they were made from.
        user_name: as propositions call the user.
    """
    name = {stem(word.casefold()) for word in user_name.split()}
    return [
        memory.lineage_id
        for memory in memories
        if not (memory.pinned or is_settled(memory))
        and (memory.lineage_id in unsupported or not Parts.of(memory.text or "").content - name)
    ]
