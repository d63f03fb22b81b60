"""What one user has set: named JSON values, each of which replaces the one before it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idiolect.store.models import UserSetting

_INSERTS: dict[str, Callable[[Any], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class UserSettingRepository:
    """One user's settings, inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def get(self, name: str) -> UserSetting | None:
        """The setting of this name, as the database has it now; None where nothing was set."""
        return self._session.scalar(
            select(UserSetting).where(
                UserSetting.user_id == self._user_id, UserSetting.name == name
            ),
            execution_options={"populate_existing": True},
        )

    def set(self, name: str, value: Mapping[str, Any], now: datetime) -> None:
        """Puts a value in the place of the former one, if there is one."""
        insert = _INSERTS[self._session.get_bind().dialect.name]
        changes = {"value": dict(value), "updated_at": now}
        self._session.execute(
            insert(UserSetting)
            .values(user_id=self._user_id, name=name, **changes)
            .on_conflict_do_update(index_elements=["user_id", "name"], set_=changes)
        )
