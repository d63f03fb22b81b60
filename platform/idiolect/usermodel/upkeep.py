"""Upkeep: ends what is due, lets sleep what has decayed, and measures how sound the rest is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import numpy as np

from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.store.repositories.user import UserRepository
from idiolect.store.vectors.protocols import VectorStore
from idiolect.usermodel.calibration.reading import read_beliefs
from idiolect.usermodel.confidence import LOWEST
from idiolect.usermodel.decay import RECENCY_FLOOR, is_spent, recency
from idiolect.usermodel.health import Conflicts, Names, find_conflicts, find_junk
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import by_system
from idiolect.usermodel.memory.memories import Memories
from idiolect.usermodel.relate.protocols import Relater
from idiolect.usermodel.verdict import is_settled

PAIRS_NAMED = 20
"""How many pairs a report names: enough to begin with, and its row stays small."""

_ARCHIVED_AT_ONCE = 200

Tell = Callable[[float, str], None]
"""Is told the share done, in [0, 1], and what is being done."""


@dataclass(frozen=True, slots=True)
class UpkeepReport:
    """What upkeep did and found; lineages by their ids.

    Attributes:
        expired: memories whose time was over.
        archived: propositions that had decayed and are dormant now.
        recovered: archived ones that new evidence woke since the upkeep before.
        active: propositions that act.
        stale: of these, those whose recency stands at its floor.
        duplicates: of these, those that say what one of the nearest earlier ones says.
        contradictions: of these, those that contradict one of the nearest earlier ones.
        junk: of these, those that say nothing or rest on nothing; see ``find_junk``.
        duplicate_rate, contradiction_rate, junk_rate: their shares of the active ones.
        duplicate_pairs, contradiction_pairs: up to 20 of each, the most alike first.
    """

    expired: int
    archived: int
    recovered: int
    active: int
    stale: int
    duplicates: int
    contradictions: int
    junk: int
    duplicate_rate: float
    contradiction_rate: float
    junk_rate: float
    duplicate_pairs: list[Names]
    contradiction_pairs: list[Names]


class Upkeep:
    """Keeps the memories of all users in order; what it measures it does not change.

    Args:
        database: where the propositions lie.
        vectors: their nearness in meaning.
        index: keeps the vectors right.
        memories: the verbs.
        relater: tells what is the same and what contradicts; of rules, for it is asked often.
        clock: gives the present.
    """

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        index: PropositionIndex,
        memories: Memories,
        relater: Relater,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vectors = vectors
        self._index = index
        self._memories = memories
        self._relater = relater
        self._clock = clock

    def run(self, user_id: str, *, since: datetime | None, tell: Tell) -> UpkeepReport:
        """Does one user's upkeep; run again at once, it changes nothing more.

        Args:
            since: when the upkeep before began; None if there was none.
            tell: may raise to stop between two steps, each of which is whole.
        """
        tell(0.0, "ending what is due")
        expired = self._memories.expire_due(user_id, by_system("its time is over"))
        tell(0.05, "archiving what has decayed")
        archived = self._let_sleep(user_id)
        tell(0.1, "mending the index")
        self._index.mend(user_id)
        tell(0.2, "comparing propositions")
        with self._database.transaction() as session:
            name = UserRepository(session, user_id).get().name
            memories = MemoryRepository(session, user_id)
            active = sorted(memories.list_current("proposition"), key=lambda one: one.lineage_id)
            unsupported = ProvenanceRepository(session, user_id).unsupported("proposition")
            audit = MemoryEventRepository(session, user_id)
            recovered = audit.count_recovered("proposition", since)
        conflicts = self._conflicts(
            user_id, active, lambda share: tell(0.2 + 0.8 * share, "comparing propositions")
        )
        junk = find_junk(active, unsupported, name)
        duplicates = {later for _, later in conflicts.same}
        contradictions = {later for _, later in conflicts.contrary}
        share_of = partial(_share, of=len(active))
        return UpkeepReport(
            expired=len(expired),
            archived=archived,
            recovered=recovered,
            active=len(active),
            stale=sum(_is_stale(memory, self._clock()) for memory in active),
            duplicates=len(duplicates),
            contradictions=len(contradictions),
            junk=len(junk),
            duplicate_rate=share_of(len(duplicates)),
            contradiction_rate=share_of(len(contradictions)),
            junk_rate=share_of(len(junk)),
            duplicate_pairs=conflicts.same[:PAIRS_NAMED],
            contradiction_pairs=conflicts.contrary[:PAIRS_NAMED],
        )

    def _let_sleep(self, user_id: str) -> int:
        """Archives the propositions that are spent, some hundreds in a transaction.

        A first upkeep may find thousands, and nobody else can write meanwhile.
        """
        now = self._clock()
        with self._database.transaction() as session:
            memories = MemoryRepository(session, user_id).list_current("proposition")
            old = [one.lineage_id for one in memories if _may_sleep(one, LOWEST, now)]
        archived = 0
        for start in range(0, len(old), _ARCHIVED_AT_ONCE):
            asleep = self._archive_spent(user_id, old[start : start + _ARCHIVED_AT_ONCE], now)
            self._index.restate(user_id, asleep)
            archived += len(asleep)
        return archived

    def _archive_spent(self, user_id: str, old: Sequence[str], now: datetime) -> list[str]:
        """Archives those of some old propositions that are spent by how sure to be of them."""
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            memories = MemoryRepository(session, user_id)
            current = list(memories.by_lineage(old).values())  # they may have changed since
            beliefs = read_beliefs(session, user_id, current)
            spent = [one for one in current if _may_sleep(one, beliefs[one.id].confidence, now)]
            for memory in spent:
                memories.let_sleep(memory, now, reason="it has decayed")
        return [memory.lineage_id for memory in spent]

    def _conflicts(
        self, user_id: str, active: Sequence[Memory], tell: Callable[[float], None]
    ) -> Conflicts:
        vectors = self._vectors.get(user_id, [memory.lineage_id for memory in active])
        # One without a vector was added a moment ago; the next upkeep compares it.
        compared = [memory for memory in active if memory.lineage_id in vectors]
        rows = [vectors[memory.lineage_id] for memory in compared]
        matrix = np.asarray(rows, dtype=np.float32)
        return find_conflicts(compared, matrix, self._relater, tell)


def _may_sleep(memory: Memory, confidence: float, now: datetime) -> bool:
    """Whether a proposition acts, is spent if one is that sure of it, and nobody vouches for it."""
    if memory.state != "activated" or memory.pinned or is_settled(memory):
        return False
    supported_at = memory.supported_at or memory.recorded_at
    return is_spent(confidence, supported_at, now, memory.durability or 0.0)


def _is_stale(memory: Memory, now: datetime) -> bool:
    supported_at = memory.supported_at or memory.recorded_at
    return recency(supported_at, now, memory.durability or 0.0) <= RECENCY_FLOOR


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0
