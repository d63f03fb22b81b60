"""What a user sets is kept by name, replaced as a whole, and apart from others'."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from idiolect.store.database import Database
from idiolect.store.repositories.user_setting import UserSettingRepository
from tests.conftest import add_user

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A migrated database of either kind."""
    made = Database(either_url)
    made.migrate()
    yield made
    made.close()


def test_a_setting_is_replaced_as_a_whole(database: Database, user_id: str) -> None:
    later = NOW + timedelta(days=1)
    with database.transaction() as session:
        settings = UserSettingRepository(session, user_id)
        assert settings.get("audit") is None
        settings.set("audit", {"apps": ["Ink"], "strict": True}, NOW)
        settings.set("digest", {"hour": 8}, NOW)
        settings.set("audit", {"apps": []}, later)
        found = settings.get("audit")
    assert found is not None
    assert (found.value, found.updated_at) == ({"apps": []}, later)


def test_a_setting_is_its_user_s_alone(database: Database, user_id: str) -> None:
    other = add_user(database, "Omar")
    with database.transaction() as session:
        UserSettingRepository(session, user_id).set("audit", {"apps": ["Ink"]}, NOW)
        theirs = UserSettingRepository(session, other)
        assert theirs.get("audit") is None
        theirs.set("audit", {"apps": []}, NOW)
        own = UserSettingRepository(session, user_id).get("audit")
    assert own is not None
    assert own.value == {"apps": ["Ink"]}
