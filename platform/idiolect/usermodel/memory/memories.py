"""The verbs of memories: each one transaction, one act in the audit, and an index kept right."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Unpack

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.kit.clock import Clock
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.models.memory import Kind, State
from idiolect.store.repositories.memory import MemoryFields, MemoryRepository
from idiolect.store.repositories.memory_event import USER
from idiolect.usermodel.charter.preferences import CONTESTED
from idiolect.usermodel.forgetting.passing import Said, let_pass
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory import deletion
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.checks import (
    Changes,
    require_no_adapter,
    require_not_rejected,
    require_open,
    require_seen,
    require_sound,
    require_uncontested,
    require_unpinned,
)
from idiolect.usermodel.memory.deletion import Deletion
from idiolect.usermodel.memory.merge import merge_into_one
from idiolect.usermodel.memory.opening import Opening
from idiolect.usermodel.memory.rulings import Rulings
from idiolect.usermodel.verdict import corrected, stated

_CONTENT = (
    "text", "reasoning", "confidence", "durability", "payload", "blob_key", "content_hash",
    "valid_from", "valid_to", "supported_at",
)  # fmt: skip
"""What rolling back brings back. State, pin, scope and end are the owner's, and stay."""


class Memories:
    """What is done to the memories of all users, by verbs; ``MemoryReader`` reads them.

    Every verb that changes something takes an ``Act``: who, why, and which version they saw. An
    id may be that of any version; verbs act on the lineage's current one, and raise ConflictError
    when that is not the one that was seen.

    Args:
        database: where memories, links and the audit lie.
        index: of the propositions' vectors; written after the commit.
        blobs: the files of adapters, steering vectors and rewards.
        clock: gives the present.
        on_erased: is told of each user of whom something was erased, to drop what it remembers.

    Attributes:
        rulings: the verbs of what the owner rules: pin, share, and when it ends.
    """

    def __init__(
        self,
        database: Database,
        index: PropositionIndex,
        blobs: BlobStore,
        clock: Clock,
        on_erased: Callable[[str], None] | None = None,
    ) -> None:
        self._database = database
        self._index = index
        self._blobs = blobs
        self._clock = clock
        self._on_erased = on_erased
        self._opening = Opening(database, index)
        self.rulings = Rulings(database, self._opening, clock)

    # Making and changing

    def add(
        self,
        user_id: str,
        kind: Kind,
        act: Act,
        *,
        derived_from: Sequence[str] = (),
        **fields: Unpack[MemoryFields],
    ) -> Memory:
        """Adds a memory; it is ``generated`` and does not act yet unless a state is given.

        A proposition that the user adds is their word, which inference does not change, unless
        they name what it was made from or its payload says whose it is.

        Args:
            derived_from: ids of the user's memories that it was made from.

        Raises:
            InvalidInputError: no text where one is needed, or a number out of its range.
            ConflictError: the user has had this statement forgotten, and somebody else adds it.
            NotFoundError: a memory that it is derived from, or its files, are not there.
        """
        require_sound(kind, fields)
        if (key := fields.get("blob_key")) is not None and not self._blobs.path(key).is_dir():
            raise NotFoundError(f"there is no blob {key}", hint="Put its files first.")
        said = self._said(fields.get("text"))
        if act.actor == USER and kind == "proposition" and not derived_from:
            fields["payload"] = stated(fields.get("payload", {}))
        with self._opening.all(user_id) as session:
            memories = MemoryRepository(session, user_id, act.actor)
            if said is not None and kind == "proposition":
                let_pass(session, user_id, said, act.actor)
            sources = [memories.current(memory_id).lineage_id for memory_id in derived_from]
            added = memories.add(kind, self._clock(), reason=act.reason, **fields)
            for source in sources:
                memories.link(added.id, "memory", source, "derived_from", self._clock())
        self._index.write(user_id, [added.lineage_id])
        return added

    def update(
        self,
        user_id: str,
        memory_id: str,
        act: Act,
        **changes: Unpack[Changes],
    ) -> Memory:
        """Appends a version with these changes; the state stays.

        Words that the user gives a proposition are a correction, which inference leaves alone.

        Raises:
            ConflictError: the current version is another one, or the memory no longer changes.
            InvalidInputError: the act does not say which version was seen; or as ``add`` does.
        """
        if act.expected_version is None:
            raise InvalidInputError(
                "an update needs the version that it changes",
                hint="Read the memory, and send its version as the expected one.",
            )
        said = self._said(changes.get("text"))
        with self._opening.one(user_id, memory_id, act, said) as (memories, memory):
            require_open(memory)
            require_no_adapter(memory)
            require_sound(memory.kind, {"text": memory.text, **changes})
            if said is not None and act.actor == USER and memory.kind == "proposition":
                changes["payload"] = corrected(changes.get("payload", memory.payload))
            return memories.revise(memory, self._clock(), reason=act.reason, **changes)

    def merge(
        self, user_id: str, memory_ids: Sequence[str], act: Act, *, text: str | None = None
    ) -> Memory:
        """Makes one memory of several, with the evidence of all; see ``merged_fields``.

        Args:
            text: what the new one says; the words of the most certain one if left out.

        Raises:
            InvalidInputError: fewer than two memories, or of several kinds.
            ConflictError: one does not act, or is pinned and not the user merges it.
        """
        said = self._said(text)
        with self._opening.all(user_id) as session:
            merged, sources = merge_into_one(session, user_id, memory_ids, act, said, self._clock())
        self._index.write(user_id, [merged.lineage_id, *sources])
        return merged

    def roll_back(self, user_id: str, memory_id: str, to_version: int, act: Act) -> Memory:
        """Appends a version with the content of an earlier one; nothing is rewritten.

        Raises:
            NotFoundError: the lineage has no such version.
            ConflictError: it is the current one, or the user rejected it; the memory no longer
                changes, or is contested.
        """
        with self._opening.one(user_id, memory_id, act) as (memories, memory):
            require_open(memory)
            require_no_adapter(memory)
            versions = {one.version: one for one in memories.history(memory.lineage_id)}
            if to_version not in versions:
                raise NotFoundError(
                    f"memory {memory_id} has no version {to_version}",
                    hint=f"It has {', '.join(map(str, versions))}.",
                )
            if to_version == memory.version:
                raise ConflictError(
                    f"version {to_version} is the current one", hint="Name an earlier one."
                )
            earlier = versions[to_version]
            require_uncontested(memory)  # a payload of before would end the contest unsettled
            require_not_rejected(earlier)
            content: dict[str, Any] = {name: getattr(earlier, name) for name in _CONTENT}
            content["payload"] = {k: v for k, v in earlier.payload.items() if k != CONTESTED}
            return memories.revise(
                memory,
                self._clock(),
                verb="roll_back",
                reason=act.reason,
                detail={"to_version": to_version},
                **content,
            )

    # The life cycle

    def activate(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Lets a generated memory act."""
        return self._step(user_id, memory_id, "generated", "activated", act)

    def archive(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Puts a memory aside: it is kept and does not act."""
        return self._step(user_id, memory_id, None, "archived", act)

    def restore(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Lets an archived memory act again."""
        return self._step(user_id, memory_id, "archived", "activated", act)

    def expire(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Ends a memory for good, and keeps what it said; a pinned one does not end."""
        return self._step(user_id, memory_id, None, "expired", act)

    def expire_due(self, user_id: str, act: Act, now: datetime | None = None) -> list[str]:
        """Ends every memory whose ``expires_at`` has passed, but no pinned one.

        Returns:
            The lineages.
        """
        moment = now or self._clock()
        with self._opening.all(user_id) as session:
            memories = MemoryRepository(session, user_id, act.actor)
            due = memories.list_due(moment)
            for memory in due:
                memories.transition(memory, "expired", moment, reason=act.reason)
        lineages = [memory.lineage_id for memory in due]
        self._index.write(user_id, lineages)
        return lineages

    def expected_deletion(self, user_id: str, memory_id: str) -> Deletion:
        """What ``delete`` would do now; changes nothing."""
        with self._database.transaction() as session:
            memory = MemoryRepository(session, user_id).current(memory_id)
            cascade = deletion.plan(session, user_id, memory.lineage_id)
            return deletion.expected(session, user_id, cascade)

    def delete(self, user_id: str, memory_id: str, act: Act) -> Deletion:
        """Erases a memory, its files and what has no other support; see ``Cascade``.

        Its content hash stays, which keeps the same statement from being learned again.
        """
        with self._opening.all(user_id) as session:
            memory = MemoryRepository(session, user_id).current(memory_id)
            require_seen(memory, act)
            cascade = deletion.plan(session, user_id, memory.lineage_id)
            done = deletion.carry_out(session, user_id, cascade, act, self._clock())
        self._index.write(user_id, [*done.purged, *done.reweighed])
        deletion.remove_unused(self._database, self._blobs, done.blobs)
        if self._on_erased is not None:
            self._on_erased(user_id)
        return done

    def _said(self, text: str | None) -> Said | None:
        """Words that somebody gives, with their vector, for the tombstones."""
        return Said.of(text, self._index.embedder) if text and text.strip() else None

    def _step(
        self,
        user_id: str,
        memory_id: str,
        before: State | None,
        after: State,
        act: Act,
    ) -> Memory:
        with self._opening.one(user_id, memory_id, act) as (memories, memory):
            require_no_adapter(memory)
            if before is not None and memory.state != before:
                raise ConflictError(
                    f"memory {memory_id} is {memory.state} and not {before}",
                    hint="Read its state, and use the verb that leads on from there.",
                )
            if after == "expired":
                require_unpinned(memory, act)
            if after == "activated":
                require_not_rejected(memory)
            memories.transition(memory, after, self._clock(), reason=act.reason)
            return memory
