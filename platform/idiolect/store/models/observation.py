"""What was seen: raw captured facts, masked before they come here."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, JSON_VALUE, Base, UtcDateTime


class Observation(Base):
    """One captured fact of one user: a screen's text, an application's use, a message, ..."""

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_observations_user_id_occurred_at", "user_id", "occurred_at"),
        Index("ix_observations_user_id_batch_job_id", "user_id", "batch_job_id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(100))
    application: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str | None] = mapped_column(String(1000))
    url: Mapped[str | None] = mapped_column(String(2000))
    text: Mapped[str] = mapped_column(Text)
    trust: Mapped[str] = mapped_column(String(20))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_s: Mapped[float | None]
    content_hash: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[int | None] = mapped_column(
        BigInteger, doc="64-bit SimHash of the text, for near-identical screens"
    )
    masked: Mapped[dict[str, Any]] = mapped_column(
        JSON_VALUE, doc="how many secrets of each class were masked"
    )
    batch_job_id: Mapped[str | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="SET NULL"), doc="the propose job whose batch it is in"
    )
