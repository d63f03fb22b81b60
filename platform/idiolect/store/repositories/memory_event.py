"""The audit of one user's memories: appended, paged, and asked for the state at a moment."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from idiolect.errors import InvalidInputError
from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, MemoryEvent
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.page import Page, paginate

Verb = Literal[
    "add", "update", "activate", "archive", "restore", "merge", "expire", "purge", "roll_back",
    "pin", "unpin", "share", "unshare", "expire_at", "reweigh", "mark_stale", "mark_fresh",
    "promote", "demote", "export", "import",
]  # fmt: skip

USER = "user"
SYSTEM = "system"
"""Who acts: the person, a job of the platform, or an assistant, by the id of its API key."""

LONGEST_REASON = 500
ERASED = "erased"
"""Put in the place of the reasons that were given for acts on what was erased later."""


class MemoryEventRepository:
    """Writes and reads one user's audit inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def append(
        self,
        verb: Verb,
        now: datetime,
        *,
        actor: str,
        reason: str,
        memory: Memory | None = None,
        from_state: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> MemoryEvent:
        """Records one act.

        Args:
            memory: in the state in which the act left it; None for one on the whole account.
            from_state: in which it was before; None when it was not there.
            detail: ids, counts and names; never what a memory says.

        Raises:
            InvalidInputError: there is no reason, or it is longer than 500 characters.
        """
        if not reason.strip() or len(reason) > LONGEST_REASON:
            raise InvalidInputError(
                f"an act on a memory needs a reason of 1 to {LONGEST_REASON} characters",
                hint="Say in a few words why; leave out what the memory says.",
            )
        event = MemoryEvent(
            id=new_id("mev"),
            user_id=self._user_id,
            memory_id=memory.id if memory else None,
            lineage_id=memory.lineage_id if memory else None,
            at=now,
            verb=verb,
            from_state=from_state,
            to_state=memory.state if memory else None,
            actor=actor,
            reason=reason.strip(),
            detail=dict(detail or {}),
        )
        self._session.add(event)
        self._session.flush()
        return event

    def redact(self, lineage_id: str) -> None:
        """Takes the reasons off the acts on a lineage that is being erased.

        People give reasons in their own words, and these may tell what was to be forgotten.
        """
        self._session.execute(
            update(MemoryEvent)
            .where(MemoryEvent.user_id == self._user_id, MemoryEvent.lineage_id == lineage_id)
            .values(reason=ERASED)
        )

    def page(
        self,
        *,
        lineage_id: str | None = None,
        verbs: Collection[Verb] = (),
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[MemoryEvent]:
        """One page of the audit, newest first; of one lineage or of some verbs, if asked.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = self._own()
        if lineage_id is not None:
            query = query.where(MemoryEvent.lineage_id == lineage_id)
        if verbs:
            query = query.where(MemoryEvent.verb.in_(verbs))
        return paginate(
            self._session, query, MemoryEvent.at, MemoryEvent.id, limit=limit, cursor=cursor
        )

    def oldest_first(self) -> list[MemoryEvent]:
        """The whole audit, in the order in which it was written."""
        return list(self._session.scalars(self._own().order_by(MemoryEvent.id)))

    def count_recovered(self, kind: Kind, since: datetime | None) -> int:
        """How often the system has let an archived memory act again; after a moment, if given."""
        query = (
            select(func.count())
            .select_from(MemoryEvent)
            .join(Memory, Memory.id == MemoryEvent.memory_id)
            .where(
                MemoryEvent.user_id == self._user_id,
                Memory.kind == kind,
                MemoryEvent.actor == SYSTEM,
                MemoryEvent.from_state == "archived",
                MemoryEvent.to_state == "activated",
            )
        )
        if since is not None:
            query = query.where(MemoryEvent.at > since)
        return self._session.scalar(query) or 0

    def acts_until(
        self, memory_ids: Collection[str], moment: datetime
    ) -> dict[str, list[MemoryEvent]]:
        """What was done to each version up to a moment, oldest first: its making, then the rest."""
        query = (
            self._own()
            .where(MemoryEvent.memory_id.in_(list(memory_ids)), MemoryEvent.at <= moment)
            .order_by(MemoryEvent.at, MemoryEvent.id)
        )
        found: dict[str, list[MemoryEvent]] = {}
        for event in self._session.scalars(query):
            found.setdefault(event.memory_id or "", []).append(event)
        return found

    def _own(self) -> Select[MemoryEvent]:
        return select(MemoryEvent).where(MemoryEvent.user_id == self._user_id)
