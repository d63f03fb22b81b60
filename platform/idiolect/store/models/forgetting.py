"""What was erased at a user's word, and what keeps it from being learned again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class Forgetting(Base):
    """The receipt of one erasure: what sort of thing it was about, and counts of what went.

    It does not repeat what was to be forgotten: neither a topic's words nor a program's name.
    """

    __tablename__ = "forgettings"
    __table_args__ = (Index("ix_forgettings_user_id_at", "user_id", "at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(
        String(20), doc="proposition, application, day, topic or everything"
    )
    counts: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE, doc="how many of each noun went")
    is_done: Mapped[bool] = mapped_column(doc="files and vectors are gone too, not only rows")
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Tombstone(Base):
    """A forgotten statement, known again by its hash and by its meaning, without its words.

    A vector says roughly what a statement was about. It stays because an erased fact would come
    back with the next batch otherwise; forgetting everything takes the tombstones too.
    """

    __tablename__ = "tombstones"
    __table_args__ = (Index("ix_tombstones_user_id_space", "user_id", "space"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    forgetting_id: Mapped[str] = mapped_column(
        ForeignKey("forgettings.id", ondelete="CASCADE"), index=True
    )
    content_hash: Mapped[str] = mapped_column(String(64))
    space: Mapped[str] = mapped_column(String(200), doc="the embedding model of the vector")
    vector: Mapped[bytes] = mapped_column(LargeBinary, doc="of length one; float32, little-endian")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
