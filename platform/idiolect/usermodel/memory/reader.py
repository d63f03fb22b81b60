"""One user's memories as somebody reads them: the owner all of them, a key what it is shown."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from idiolect.errors import NotFoundError
from idiolect.store.database import Database
from idiolect.store.models import Memory, MemoryEvent
from idiolect.store.models.memory import Kind, State
from idiolect.store.repositories.evidence import Reason, reasons_at
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.repositories.memory_queries import ACTIVE, MemoryQueries
from idiolect.store.repositories.page import Page
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.usermodel.memory.provenance import Branch, Provenance, trace


@dataclass(frozen=True, slots=True)
class Believed:
    """A version that was current at some moment.

    Attributes:
        state: that it was in then.
        act: what made this version the one believed, by whom and why; None where nobody may know.
        reasons: what it rested on then.
    """

    memory: Memory
    state: str
    act: MemoryEvent | None
    reasons: tuple[Reason, ...]


class MemoryReader:
    """Reads one user's memories; each call is a transaction of its own.

    An id may be that of any version. What a reader is not shown is to them as if it were not
    there, and the scope that a lineage has now decides about all of its versions.

    Args:
        scopes: with which scopes the reader is shown memories (see ``scopes_of``); None for the
            owner, who is shown all.
    """

    def __init__(
        self, database: Database, user_id: str, scopes: Collection[str] | None = None
    ) -> None:
        self._database = database
        self._user_id = user_id
        self._scopes = scopes

    def page(
        self,
        kind: Kind,
        *,
        states: Collection[State] = ACTIVE,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """One page of the current versions, newest first.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        with self._database.transaction() as session:
            return MemoryQueries(session, self._user_id).page(
                kind, states=states, scopes=self._scopes, limit=limit, cursor=cursor
            )

    def as_of(
        self,
        moment: datetime,
        kind: Kind,
        *,
        states: Collection[State] = (),
        held: datetime | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Believed]:
        """One page of what was believed at a moment and why, newest first.

        What was erased since is left out: it is not recoverable.

        Args:
            states: keeps what was in one of these then; empty keeps all.
            held: keeps what was believed to hold in the world at this other moment.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        with self._database.transaction() as session:
            found = MemoryQueries(session, self._user_id).as_of(
                moment,
                kind,
                states=states,
                held=held,
                scopes=self._scopes,
                limit=limit,
                cursor=cursor,
            )
        return Page(self.explain(found.items, moment), found.next_cursor)

    def explain(self, versions: Sequence[Memory], moment: datetime) -> list[Believed]:
        """In which state versions that the reader is shown were at a moment, and why they were.

        Reasons that are memories which the reader is not shown are left out, and who acted is for
        the owner alone.
        """
        with self._database.transaction() as session:
            acts = MemoryEventRepository(session, self._user_id).acts_until(
                [memory.id for memory in versions], moment
            )
            lineages = [memory.lineage_id for memory in versions]
            reasons = reasons_at(session, self._user_id, lineages, moment)
            shown = self._shown_sources(MemoryQueries(session, self._user_id), reasons)
        return [
            Believed(
                memory,
                state=done[-1].to_state or memory.state if done else memory.state,
                act=done[0] if done and self._scopes is None else None,
                reasons=tuple(
                    reason
                    for reason in reasons.get(memory.lineage_id, ())
                    if shown is None or reason.source_type != "memory" or reason.source_id in shown
                ),
            )
            for memory, done in ((one, acts.get(one.id)) for one in versions)
        ]

    def get(self, memory_id: str) -> Memory:
        """The current version.

        Raises:
            NotFoundError: the reader is shown no such memory, or it was erased.
        """
        with self._database.transaction() as session:
            return self._shown(MemoryQueries(session, self._user_id), memory_id)

    def history(self, memory_id: str) -> Sequence[Memory]:
        """All versions, oldest first; to the owner of an erased one the empty rows that are left.

        Raises:
            NotFoundError: the reader is shown no such memory.
        """
        with self._database.transaction() as session:
            memories = MemoryQueries(session, self._user_id)
            return memories.history(self._version(memories, memory_id).lineage_id)

    def provenance(self, memory_id: str) -> Provenance:
        """What a memory rests on and what rests on it, as trees of what the reader is shown.

        Raises:
            NotFoundError: the reader is shown no such memory, or it was erased.
        """
        with self._database.transaction() as session:
            memories = MemoryQueries(session, self._user_id)
            memory = self._shown(memories, memory_id)
            whole = trace(memories, ProvenanceRepository(session, self._user_id), memory)
            if self._scopes is None:
                return whole
            near = {branch.source_id for branch in _memories(whole.rests_on + whole.carries)}
            shown = memories.shared(near, self._scopes)
        return replace(
            whole,
            rests_on=tuple(_pruned(whole.rests_on, shown)),
            carries=tuple(_pruned(whole.carries, shown)),
        )

    def events(
        self, memory_id: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[MemoryEvent]:
        """One page of what was done to a memory, newest first; also of an erased one.

        Raises:
            NotFoundError: the reader is shown no such memory.
            InvalidInputError: the cursor is not one of this list's.
        """
        with self._database.transaction() as session:
            memories = MemoryQueries(session, self._user_id)
            known = self._version(memories, memory_id)
            return MemoryEventRepository(session, self._user_id).page(
                lineage_id=known.lineage_id, limit=limit, cursor=cursor
            )

    def _shown_sources(
        self, memories: MemoryQueries, reasons: Mapping[str, Sequence[Reason]]
    ) -> set[str] | None:
        """The memories among the reasons that the reader is shown; None: all of them."""
        if self._scopes is None:
            return None
        sources = {
            reason.source_id
            for each in reasons.values()
            for reason in each
            if reason.source_type == "memory"
        }
        return memories.shared(sources, self._scopes)

    def _version(self, memories: MemoryQueries, memory_id: str) -> Memory:
        """The owner is also told of what was erased."""
        if self._scopes is None:
            return memories.get(memory_id)
        return self._shown(memories, memory_id)

    def _shown(self, memories: MemoryQueries, memory_id: str) -> Memory:
        memory = memories.current(memory_id)
        if self._scopes is not None and not memories.shared([memory.lineage_id], self._scopes):
            raise NotFoundError(f"no memory {memory_id}")
        return memory


def _memories(branches: Iterable[Branch]) -> Iterator[Branch]:
    """The branches at whose far end a memory is or was, at any distance."""
    for branch in branches:
        if branch.source_type == "memory":
            yield branch
        yield from _memories(branch.branches)


def _pruned(branches: Iterable[Branch], shown: Collection[str]) -> Iterator[Branch]:
    """The branches without the memories that are not shown and what lies beyond them."""
    for branch in branches:
        if branch.source_type != "memory" or branch.source_id in shown:
            yield replace(branch, branches=tuple(_pruned(branch.branches, shown)))
