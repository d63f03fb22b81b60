"""What a user has decided about how Idiolect treats them, and what it has learnt of that."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from idiolect.store.models.base import JSON_VALUE, Base, UtcDateTime


class UserSetting(Base):
    """One named value of one user, such as their audit policy; absent ones have their default."""

    __tablename__ = "user_settings"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON_VALUE)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
