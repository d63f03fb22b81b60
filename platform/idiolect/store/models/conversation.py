"""Talk with the assistant: conversations, and their messages as a tree."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class Conversation(Base):
    """One thread of talk between a user and the assistant."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_user_id_updated_at", "user_id", "updated_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Message(Base):
    """One node of a conversation's tree; siblings are candidates or edits of each other."""

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str] = mapped_column(String(20), doc="user or assistant")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), doc="streaming, done, stopped or failed")
    position: Mapped[int] = mapped_column(doc="place among its siblings as displayed, from 0")
    acted: Mapped[dict[str, Any]] = mapped_column(
        JSON_VALUE, doc="what acted on a reply: system message, memory ids, model, adapter"
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
