"""Every versioned personal artefact in one table, and the links that say what it rests on."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime

Kind = Literal["proposition", "profile", "reward", "steering", "adapter", "cache", "charter"]
State = Literal["generated", "activated", "merged", "archived", "expired", "purged"]
SourceType = Literal["observation", "memory", "preference", "message"]
Relation = Literal["supports", "contradicts", "derived_from", "trained_on"]


class Memory(Base):
    """One version of one artefact: a proposition, profile, reward, steering vector or adapter.

    Rows are appended, not rewritten: a revision is a new row of the same ``lineage_id`` with the
    next ``version``, and the row before gets ``superseded_at``. Two time lines: ``valid_*`` is
    when it held in the world, ``recorded_at``/``superseded_at`` when this store believed it.
    """

    __tablename__ = "memories"
    __table_args__ = (
        UniqueConstraint("lineage_id", "version"),
        Index("ix_memories_acting", "user_id", "kind", "state", "superseded_at"),
        Index("ix_memories_user_id_content_hash", "user_id", "content_hash"),
        Index("ix_memories_user_id_scope", "user_id", "scope"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    lineage_id: Mapped[str] = mapped_column(ID, doc="id of the lineage's first version")
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Text)
    reasoning: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None] = mapped_column(doc="probability in (0, 1)")
    durability: Mapped[float | None] = mapped_column(doc="in [0, 1]; 1 lasts longest")
    payload: Mapped[dict[str, Any]] = mapped_column(
        JSON_VALUE, doc="what only this kind has, such as an adapter's card"
    )
    blob_key: Mapped[str | None] = mapped_column(String(200), doc="where its files lie")
    content_hash: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    supported_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, doc="when the last supporting evidence occurred"
    )
    pinned: Mapped[bool] = mapped_column(
        default=False, doc="kept: no job expires it, lets it decay or merges it"
    )
    scope: Mapped[str] = mapped_column(
        ID, default="private", doc="private, assistants, or the id of one API key"
    )
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ProvenanceLink(Base):
    """One reason for one memory: the thing it was made from and how."""

    __tablename__ = "provenance_links"
    __table_args__ = (
        UniqueConstraint("memory_id", "source_type", "source_id", "relation"),
        Index("ix_provenance_links_source_type_source_id", "source_type", "source_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    memory_id: Mapped[str] = mapped_column(
        ForeignKey("memories.id", ondelete="CASCADE"), index=True
    )
    source_type: Mapped[str] = mapped_column(
        String(20), doc="observation, memory, preference or message"
    )
    source_id: Mapped[str] = mapped_column(ID)
    relation: Mapped[str] = mapped_column(
        String(20), doc="supports, contradicts, derived_from or trained_on"
    )
    quote: Mapped[str | None] = mapped_column(Text, doc="the span of the source that carries it")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
