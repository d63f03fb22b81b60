"""A user's memories opened for a change: nobody else changes them then, and the index follows."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.forgetting.passing import Said, let_pass
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.checks import require_seen


class Opening:
    """Opens users' memories for the verbs.

    Args:
        database: where they lie.
        index: of the propositions' vectors; written after the commit.
    """

    def __init__(self, database: Database, index: PropositionIndex) -> None:
        self._database = database
        self._index = index

    @contextmanager
    def all(self, user_id: str) -> Iterator[Session]:
        """A transaction that no other act on this user's memories runs beside."""
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            yield session

    @contextmanager
    def one(
        self, user_id: str, memory_id: str, act: Act, said: Said | None = None
    ) -> Iterator[tuple[MemoryRepository, Memory]]:
        """The current version to change in one transaction; its vector is written afterwards.

        Args:
            said: new words for a proposition, which the tombstones must let pass.

        Raises:
            NotFoundError: the user has no such memory, or it was erased.
            ConflictError: its version is not the one that was seen, or the words were forgotten.
        """
        with self.all(user_id) as session:
            memories = MemoryRepository(session, user_id, act.actor)
            memory = memories.current(memory_id)
            require_seen(memory, act)
            if said is not None and memory.kind == "proposition":
                let_pass(session, user_id, said, act.actor)
            yield memories, memory
        self._index.write(user_id, [memory.lineage_id])
