"""What was decided about observations before anything was learned from them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import Base, UtcDateTime


class AuditDecision(Base):
    """The decision about one observation, with the flow as it was understood.

    It holds nothing of what was observed, and goes with the observation.
    """

    __tablename__ = "audit_decisions"
    __table_args__ = (Index("ix_audit_decisions_user_id_at", "user_id", "at"),)

    observation_id: Mapped[str] = mapped_column(
        ForeignKey("observations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    verdict: Mapped[str] = mapped_column(String(10), doc="allow, quote or drop")
    by: Mapped[str] = mapped_column(String(100), doc="a rule's name, or model: and a model's name")
    reason: Mapped[str] = mapped_column(String(200), doc="a fixed sentence in plain words")
    sender: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(20))
    recipient: Mapped[str] = mapped_column(String(20))
    data_type: Mapped[str] = mapped_column(String(20))
    principle: Mapped[str] = mapped_column(String(20))
    is_cut: Mapped[bool] = mapped_column(doc="parts about a sensitive category were left out")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
