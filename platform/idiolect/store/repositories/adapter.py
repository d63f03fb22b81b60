"""One user's adapters, which are memories: one lineage each, numbered in the order of making."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, ProvenanceLink, User
from idiolect.store.repositories.memory import ID_PREFIXES
from idiolect.store.repositories.memory_event import SYSTEM, MemoryEventRepository
from idiolect.store.repositories.page import Page, paginate

KIND = "adapter"


class AdapterRepository:
    """Reads and writes one user's adapters inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def add(
        self,
        *,
        payload: dict[str, Any],
        blob_key: str,
        content_hash: str,
        trained_on: Sequence[str],
        knew: Collection[str] = (),
        now: datetime,
        actor: str = SYSTEM,
        reason: str = "trained",
    ) -> Memory:
        """Adds a candidate, with a link to all that it was trained on.

        Args:
            trained_on: ids of the preferences.
            knew: lineages of the memories under which these were chosen.
        """
        adapter_id = new_id(ID_PREFIXES[KIND])
        adapter = Memory(
            id=adapter_id,
            user_id=self._user_id,
            lineage_id=adapter_id,
            version=self._last_version() + 1,
            kind=KIND,
            state="generated",
            payload=payload,
            blob_key=blob_key,
            content_hash=content_hash,
            recorded_at=now,
        )
        self._session.add(adapter)
        self._session.flush()
        MemoryEventRepository(self._session, self._user_id).append(
            "add", now, actor=actor, reason=reason, memory=adapter
        )
        self._session.add_all(
            ProvenanceLink(
                id=new_id("prv"),
                memory_id=adapter_id,
                source_type=source_type,
                source_id=source_id,
                relation="trained_on",
                created_at=now,
            )
            for source_type, sources in (("preference", trained_on), ("memory", sorted(knew)))
            for source_id in sources
        )
        self._session.flush()
        return adapter

    def get(self, adapter_id: str) -> Memory:
        """The adapter with this id.

        Raises:
            NotFoundError: this user has no such adapter, or it was erased.
        """
        adapter = self.find(adapter_id)
        if adapter is None:
            raise NotFoundError(f"no adapter {adapter_id}")
        return adapter

    def find(self, adapter_id: str) -> Memory | None:
        """The adapter with this id, None when this user has none or it was erased."""
        return self._session.scalar(self._own().where(Memory.id == adapter_id))

    def serving(self) -> Memory | None:
        """The promoted adapter, None while the base answers alone."""
        return self._session.scalar(self._own().where(Memory.state == "activated"))

    def lock(self) -> None:
        """Keeps others from promoting until the transaction ends, by the user's row.

        SQLite ignores it: it has one writer at a time anyway.
        """
        self._session.execute(select(User.id).where(User.id == self._user_id).with_for_update())

    def page(self, *, limit: int, cursor: str | None = None) -> Page[Memory]:
        """All adapters that were not erased, newest first."""
        return paginate(
            self._session,
            self._own(),
            Memory.recorded_at,
            Memory.id,
            limit=limit,
            cursor=cursor,
        )

    def _last_version(self) -> int:
        query = select(func.max(Memory.version)).where(
            Memory.user_id == self._user_id, Memory.kind == KIND
        )
        return self._session.scalar(query) or 0

    def _own(self) -> Select[Memory]:
        return select(Memory).where(
            Memory.user_id == self._user_id, Memory.kind == KIND, Memory.state != "purged"
        )
