"""What the owner rules about a memory beside what it says: pin, end, and with whom it is shared.

Rulings change in place, are carried over by revisions and stay when content is rolled back.
"""

from datetime import datetime
from typing import Any

from idiolect.errors import InvalidInputError
from idiolect.kit.clock import Clock
from idiolect.store.database import Database
from idiolect.store.models import ApiKey, Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import Verb
from idiolect.usermodel.memory.act import ASSISTANTS, PRIVATE, Act
from idiolect.usermodel.memory.checks import (
    require_no_adapter,
    require_not_private,
    require_open,
)
from idiolect.usermodel.memory.opening import Opening


class Rulings:
    """The verbs of what owners rule; reached as ``Memories.rulings``, whose rules hold here too."""

    def __init__(self, database: Database, opening: Opening, clock: Clock) -> None:
        self._database = database
        self._opening = opening
        self._clock = clock

    def pin(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Keeps a memory: no job expires it, lets it decay or merges it."""
        return self._rule(user_id, memory_id, "pin", {"pinned": True}, act)

    def unpin(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Takes the pin away."""
        return self._rule(user_id, memory_id, "unpin", {"pinned": False}, act)

    def expire_at(self, user_id: str, memory_id: str, moment: datetime | None, act: Act) -> Memory:
        """Has upkeep end a memory at a moment to come; None takes that back.

        Raises:
            InvalidInputError: the moment has passed.
            ConflictError: it was merged or has expired, or is an adapter.
        """
        if moment is not None and moment <= self._clock():
            raise InvalidInputError(
                "a memory cannot be told to end in the past",
                hint="Name a moment to come, or end it now.",
            )
        with self._opening.one(user_id, memory_id, act) as (memories, memory):
            if moment is not None:
                require_open(memory)
                require_no_adapter(memory)
            return self._record(memories, memory, "expire_at", {"expires_at": moment}, act)

    def share(self, user_id: str, memory_id: str, scope: str, act: Act) -> Memory:
        """Shows a memory to ``assistants``, all of them, or to one, by the id of its key.

        Raises:
            InvalidInputError: no such scope, or no such key of this user.
            ConflictError: the user rated it private, or it was merged or has expired.
        """
        if scope != ASSISTANTS:
            self._require_key(user_id, scope)
        with self._opening.one(user_id, memory_id, act) as (memories, memory):
            require_open(memory)
            require_not_private(memories, memory)
            return self._record(memories, memory, "share", {"scope": scope}, act)

    def unshare(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Makes a memory private again."""
        return self._rule(user_id, memory_id, "unshare", {"scope": PRIVATE}, act)

    def _require_key(self, user_id: str, key_id: str) -> None:
        with self._database.transaction() as session:
            key = session.get(ApiKey, key_id)
        if key is None or key.user_id != user_id or key.revoked_at is not None:
            raise InvalidInputError(
                f"a memory cannot be shared with {key_id!r}",
                hint="Use `assistants`, or the id of one of your keys that is not revoked.",
            )

    def _rule(
        self, user_id: str, memory_id: str, verb: Verb, ruling: dict[str, Any], act: Act
    ) -> Memory:
        with self._opening.one(user_id, memory_id, act) as (memories, memory):
            return self._record(memories, memory, verb, ruling, act)

    def _record(
        self,
        memories: MemoryRepository,
        memory: Memory,
        verb: Verb,
        ruling: dict[str, Any],
        act: Act,
    ) -> Memory:
        for name, value in ruling.items():
            setattr(memory, name, value)
        memories.record(
            verb,
            memory,
            self._clock(),
            reason=act.reason,
            from_state=memory.state,
            detail={
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in ruling.items()
            },
        )
        return memory
