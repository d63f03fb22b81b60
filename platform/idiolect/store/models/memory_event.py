"""What was done to memories: by whom, when and why. Rows are added and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class MemoryEvent(Base):
    """One act on one version of a memory, or on all of a user's memories.

    No foreign key leads to ``memories``: the record of an erasure outlasts what was erased, and
    goes only with its user. It holds no content: states, counts and ids.
    """

    __tablename__ = "memory_events"
    __table_args__ = (
        Index("ix_memory_events_user_id_at", "user_id", "at"),
        Index("ix_memory_events_lineage_id_at", "lineage_id", "at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    memory_id: Mapped[str | None] = mapped_column(ID, doc="None for an act on the whole account")
    lineage_id: Mapped[str | None] = mapped_column(ID)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    verb: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(20), doc="None when it was not there")
    to_state: Mapped[str | None] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(40), doc="user, system, or the id of an API key")
    reason: Mapped[str] = mapped_column(String(500), doc="why, without the memory's content")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE, doc="ids, counts and names only")
