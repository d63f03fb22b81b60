"""Offers that the assistant makes by itself, and what became of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class Suggestion(Base):
    """One offer. It does nothing by itself: its prompt is sent when, and only when, the user says.

    What rests on a proposition goes with it: ``evidence`` names lineages, and forgetting one of
    them deletes the rows that name it.
    """

    __tablename__ = "suggestions"
    __table_args__ = (
        Index("ix_suggestions_user_id_state", "user_id", "state"),
        Index("ix_suggestions_user_id_created_at", "user_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(50), doc="what is learnt from an answer counts for it")
    text: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str | None] = mapped_column(Text, doc="what the assistant is asked on a click")
    evidence: Mapped[list[str]] = mapped_column(JSON_VALUE, doc="lineages of propositions")
    stakes: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE, doc="p, benefit and both costs")
    outcome: Mapped[str] = mapped_column(String(10), doc="now, later or digest")
    reason: Mapped[str] = mapped_column(Text, doc="why, in a sentence with the figures")
    state: Mapped[str] = mapped_column(
        String(10), doc="waiting, shown, accepted, dismissed or ignored"
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    again_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime, doc="of later alone: when the moment it waits for is thought to come"
    )
    valid_until: Mapped[datetime] = mapped_column(UtcDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
