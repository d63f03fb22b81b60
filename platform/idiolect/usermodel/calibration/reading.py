"""How sure to be of a proposition when it is read: raw confidence, and what the user said.

What is stored is raw: the confidence that its author and its evidence gave a proposition. How far
it is to be believed is worked out when it is read, so that one rating moves all that its author
holds, and a rating that is taken back leaves nothing behind. Of a proposition that

- the user confirmed, rejected or put in their own words, it is what is stored: their word stands;
- they rated *partly*, it is 0.5, the outcome that the mark stands for: nothing else comes nearer
  to it in the sense of Brier, and further evidence does not outweigh what the user said;
- nobody but the user made, it is what is stored;
- a proposer made, it is what the user's map for this author makes of the raw confidence. Where
  the map raises it, then no further than the trust in its evidence allows (``confidence.cap``).
  Raw confidence is within that already, so only what is raised needs the look at its evidence;
  and what has none of its own, because another proposition implies it, is not raised at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from sqlalchemy.orm import Session

from idiolect.store.models import Memory
from idiolect.store.repositories.memory_event import USER
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.store.repositories.rating import RatingRepository, Said
from idiolect.usermodel.calibration.recalibrate import (
    OUTCOMES,
    Mark,
    Rating,
    Recalibration,
    recalibration,
)
from idiolect.usermodel.confidence import cap, trust
from idiolect.usermodel.verdict import is_settled


@dataclass(frozen=True, slots=True)
class Belief:
    """How a proposition stands.

    Attributes:
        confidence: calibrated, in (0, 1).
        mark: how far it is true by the user's latest rating; None where they did not say.
        private: they rated it so: it is for themself and what runs on this machine alone.
    """

    confidence: float
    mark: Mark | None = None
    private: bool = False


def author_of(memory: Memory) -> str:
    """Who made a proposition: the user, if they put it in their own words or no author is named."""
    if memory.payload.get("verdict") == "corrected":
        return USER
    return str(memory.payload.get("author", USER))


def ratings_to_learn(said: Iterable[Said]) -> list[Rating]:
    """The latest rating of each proposition that says how far its author was right.

    *Private* does not say, and what the user made themself tells nothing of an author.

    Args:
        said: oldest first.
    """
    newest = {one.lineage_id: one for one in said if one.mark in OUTCOMES and one.author != USER}
    return [
        Rating(one.lineage_id, one.author, one.raw, OUTCOMES[cast("Mark", one.mark)])
        for one in newest.values()
    ]


def read_beliefs(session: Session, user_id: str, memories: Sequence[Memory]) -> dict[str, Belief]:
    """How these versions of the user's propositions stand, by id; ratings are read once for all."""
    said = RatingRepository(session, user_id).oldest_first()
    marks = {one.lineage_id: cast("Mark", one.mark) for one in said if one.mark in OUTCOMES}
    private = {one.lineage_id for one in said if one.mark == "private"}
    inferred = [one for one in memories if _is_inferred(one, marks.get(one.lineage_id))]
    maps = _maps(tuple(ratings_to_learn(said)))
    calibrated = _calibrated(ProvenanceRepository(session, user_id), inferred, maps)
    return {
        memory.id: Belief(
            confidence=calibrated.get(memory.id, _stated(memory, marks.get(memory.lineage_id))),
            mark=marks.get(memory.lineage_id),
            private=memory.lineage_id in private,
        )
        for memory in memories
    }


def _is_inferred(memory: Memory, mark: Mark | None) -> bool:
    return not is_settled(memory) and mark != "partly" and author_of(memory) != USER


def _stated(memory: Memory, mark: Mark | None) -> float:
    is_partly = mark == "partly" and not is_settled(memory)
    return OUTCOMES["partly"] if is_partly else _raw(memory)


def _calibrated(
    provenance: ProvenanceRepository, inferred: Sequence[Memory], maps: Recalibration
) -> dict[str, float]:
    mapped = {memory.id: maps.confidence(author_of(memory), _raw(memory)) for memory in inferred}
    raised = [memory for memory in inferred if mapped[memory.id] > _raw(memory)]
    trusts = provenance.trusts([memory.lineage_id for memory in raised]) if raised else {}
    for memory in raised:
        ceiling = cap(map(trust, trusts.get(memory.lineage_id, ())))
        mapped[memory.id] = min(mapped[memory.id], max(ceiling, _raw(memory)))
    return mapped


def _raw(memory: Memory) -> float:
    return memory.confidence or 0.0


@lru_cache(maxsize=128)
def _maps(ratings: tuple[Rating, ...]) -> Recalibration:
    # They change seldom and are needed with every search.
    return recalibration(ratings)
