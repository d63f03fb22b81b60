"""What the user chose, and the training pairs that follow from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class Choice(Base):
    """One act of choosing: which candidates were shown, in which order, and the verdict."""

    __tablename__ = "choices"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    candidate_ids: Mapped[list[str]] = mapped_column(
        JSON_VALUE, doc="message ids in the order they were displayed"
    )
    verdict: Mapped[str] = mapped_column(String(20), doc="picked, tie or both_bad")
    picked_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Preference(Base):
    """One pair to learn from: under this context, ``chosen`` is better than ``rejected``."""

    __tablename__ = "preferences"
    __table_args__ = (
        UniqueConstraint("user_id", "content_hash"),
        Index("ix_preferences_user_id_created_at", "user_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    choice_id: Mapped[str | None] = mapped_column(ForeignKey("choices.id", ondelete="CASCADE"))
    context: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON_VALUE, doc="messages before the reply: role and content"
    )
    chosen: Mapped[str] = mapped_column(Text)
    rejected: Mapped[str] = mapped_column(Text)
    is_tie: Mapped[bool]
    weight: Mapped[float]
    source: Mapped[str] = mapped_column(String(20), doc="choice, edit, thumb, import or simulated")
    split: Mapped[str] = mapped_column(
        String(10), doc="train or held_out, fixed by the hash of the context"
    )
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
