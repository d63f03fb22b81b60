"""What the user says of a proposition, and what follows for it and for its author.

A rating is kept with the author and the raw confidence of what was rated, so that the map from
raw to calibrated confidence learns from it (``calibration``). Beside that it acts on the
proposition itself:

=========  =============================================================================
true       it is confirmed: as sure as what the user typed, and inference leaves it alone
partly     it stays, and reads as 0.5; a verdict from before is taken back
false      it is rejected: archived, and drafts that say the same are refused
private    it is shared with no assistant any more, and shown to no hosted model
=========  =============================================================================

*Private* says nothing of truth and the other three nothing of privacy, so each stays as it was
until the ratings of the proposition are taken back.

What the user made themself, or put in their own words, can be rated like all else. Such a rating
acts and is kept with the user as its author, and no map learns from it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from idiolect.errors import NotFoundError
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import USER
from idiolect.store.repositories.rating import RatingRepository
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.calibration.reading import author_of, ratings_to_learn
from idiolect.usermodel.calibration.recalibrate import Mark
from idiolect.usermodel.calibration.report import CalibrationReport, calibration_report
from idiolect.usermodel.confidence import CAPS, LOWEST, PRIOR
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import PRIVATE
from idiolect.usermodel.memory.checks import require_open
from idiolect.usermodel.verdict import RATED


class Ratings:
    """Takes ratings of propositions, and tells how well calibrated confidence is by them.

    Args:
        database: where propositions and ratings lie.
        index: of the propositions' vectors; written after the commit.
        clock: gives the present.
    """

    def __init__(self, database: Database, index: PropositionIndex, clock: Clock) -> None:
        self._database = database
        self._index = index
        self._clock = clock

    def rate(self, user_id: str, memory_id: str, mark: Mark) -> Memory:
        """Records what the user says of a proposition and lets it act; gives its version then.

        Raises:
            NotFoundError: this user has no such proposition.
            ConflictError: it was merged or has expired.
        """
        now = self._clock()
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            memories = MemoryRepository(session, user_id, USER)
            known = _proposition(memories, memory_id)
            require_open(known)
            claim = _claim(memories, known)
            raw = PRIOR if claim.confidence is None else claim.confidence
            RatingRepository(session, user_id).add(
                known, mark, now, author=author_of(claim), raw=raw
            )
            rated = _ACTS[mark](memories, known, now)
        self._index.write(user_id, [rated.lineage_id])
        return rated

    def withdraw(self, user_id: str, memory_id: str) -> Memory:
        """Takes back all ratings of a proposition and what they did to it; gives its version then.

        A correction stays, and what *private* took away is not shared again.

        Raises:
            NotFoundError: this user has no such proposition.
            ConflictError: it was merged or has expired.
        """
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            memories = MemoryRepository(session, user_id, USER)
            known = _proposition(memories, memory_id)
            require_open(known)
            RatingRepository(session, user_id).remove(known.lineage_id)
            if known.payload.get("verdict") in RATED:
                before = _claim(memories, known).payload.get("verdict")
                known = _reopen(memories, known, self._clock(), "rating taken back", before)
        self._index.write(user_id, [known.lineage_id])
        return known

    def report(self, user_id: str) -> CalibrationReport:
        """How well calibrated confidence is by the user's ratings, before and after the map."""
        with self._database.transaction() as session:
            ratings = ratings_to_learn(RatingRepository(session, user_id).oldest_first())
        return calibration_report(ratings)


def _proposition(memories: MemoryRepository, memory_id: str) -> Memory:
    memory = memories.current(memory_id)
    if memory.kind != "proposition":
        raise NotFoundError(f"{memory_id} is not a proposition")
    return memory


def _claim(memories: MemoryRepository, known: Memory) -> Memory:
    """The newest version that no verdict of the user was upon: what its author holds."""
    history = memories.history(known.lineage_id)
    open_ones = [one for one in history if one.payload.get("verdict") not in RATED]
    return open_ones[-1] if open_ones else known


def _confirm(memories: MemoryRepository, known: Memory, now: datetime) -> Memory:
    return memories.revise(
        known,
        now,
        reason="rated true",
        state="activated",
        confidence=CAPS["typed"],
        supported_at=now,
        payload={**known.payload, "verdict": "confirmed"},
    )


def _reject(memories: MemoryRepository, known: Memory, now: datetime) -> Memory:
    return memories.revise(
        known,
        now,
        reason="rated false",
        state="archived",
        confidence=LOWEST,
        payload={**known.payload, "verdict": "rejected"},
    )


def _doubt(memories: MemoryRepository, known: Memory, now: datetime) -> Memory:
    if "verdict" not in known.payload:
        return known  # its raw confidence stays; what is read of it is another thing
    return _reopen(memories, known, now, "rated partly", None)


def _reopen(
    memories: MemoryRepository, known: Memory, now: datetime, reason: str, verdict: str | None
) -> Memory:
    """Puts a proposition back to what its author held; without a verdict, inference goes on."""
    claim = _claim(memories, known)
    payload = {name: value for name, value in known.payload.items() if name != "verdict"}
    payload["author"] = author_of(claim)
    if verdict is not None:
        payload["verdict"] = verdict
    return memories.revise(
        known,
        now,
        reason=reason,
        state="archived" if claim.state == "archived" else "activated",
        confidence=claim.confidence,
        supported_at=claim.supported_at,
        payload=payload,
    )


def _keep_private(memories: MemoryRepository, known: Memory, now: datetime) -> Memory:
    known.scope = PRIVATE
    memories.record(
        "unshare",
        known,
        now,
        reason="rated private",
        from_state=known.state,
        detail={"scope": PRIVATE},
    )
    return known


_ACTS: Mapping[Mark, Callable[[MemoryRepository, Memory, datetime], Memory]] = {
    "true": _confirm,
    "partly": _doubt,
    "false": _reject,
    "private": _keep_private,
}
