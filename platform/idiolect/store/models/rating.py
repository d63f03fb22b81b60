"""What users say of propositions, for the map from raw to calibrated confidence."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import ID, Base, UtcDateTime


class Rating(Base):
    """One rating of one version of a proposition; it holds nothing of what the proposition says.

    No foreign key leads to ``memories``: what a rating teaches about its author outlasts the
    proposition, and goes with its user.
    """

    __tablename__ = "ratings"
    __table_args__ = (Index("ix_ratings_user_id_at", "user_id", "at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    memory_id: Mapped[str] = mapped_column(ID, doc="the version that was rated")
    lineage_id: Mapped[str] = mapped_column(ID, doc="its newest rating is the one that counts")
    author: Mapped[str] = mapped_column(String(100), doc="who made it, such as a proposer's name")
    raw: Mapped[float] = mapped_column(doc="its confidence in (0, 1) before any map was applied")
    mark: Mapped[str] = mapped_column(String(10), doc="true, partly, false or private")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
