"""One user's memories as somebody reads them: the owner all of them, a key what it is shown."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from idiolect.errors import NotFoundError
from idiolect.store.database import Database
from idiolect.store.models import Memory, MemoryEvent
from idiolect.store.models.memory import Kind, State
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.repositories.memory_queries import ACTIVE, MemoryQueries
from idiolect.store.repositories.page import Page
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.usermodel.memory.provenance import Branch, Provenance, trace


@dataclass(frozen=True, slots=True)
class Believed:
    """A version that was current at some moment, and the state that it was in then."""

    memory: Memory
    state: str


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
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Believed]:
        """One page of what was believed at a moment, newest first, each in its state of then.

        What was erased since is left out: it is not recoverable.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        with self._database.transaction() as session:
            found = MemoryQueries(session, self._user_id).as_of(
                moment, kind, states=states, scopes=self._scopes, limit=limit, cursor=cursor
            )
            ids = [memory.id for memory in found.items]
            then = MemoryEventRepository(session, self._user_id).states_at(ids, moment)
        return Page(
            [Believed(memory, then.get(memory.id, memory.state)) for memory in found.items],
            found.next_cursor,
        )

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
