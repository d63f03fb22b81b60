"""Transactions commit or roll back as a whole; times come back as they went in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from idiolect.kit.clock import utc_now
from idiolect.store.database import Database
from idiolect.store.models import Conversation, User


def test_an_exception_rolls_the_whole_transaction_back(database: Database) -> None:
    def add_and_fail() -> None:
        with database.transaction() as session:
            session.add(User(id="usr_1", name="Ada", created_at=utc_now()))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    with database.transaction() as session:
        assert session.get(User, "usr_1") is None


def test_a_moment_is_stored_in_utc_whatever_zone_it_came_in(database: Database) -> None:
    lisbon_summer = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    with database.transaction() as session:
        session.add(User(id="usr_1", name="Ada", created_at=lisbon_summer))
    with database.transaction() as session:
        user = session.execute(select(User)).scalar_one()
        assert user.created_at == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
        assert user.created_at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 7, 1, 10, 0)  # noqa: DTZ001 - the very thing that is refused
    with pytest.raises(StatementError, match="time zone"), database.transaction() as session:
        session.add(User(id="usr_1", name="Ada", created_at=naive))


def test_sqlite_keeps_foreign_keys(database: Database) -> None:
    now = utc_now()
    orphan = Conversation(
        id="cnv_1", user_id="usr_nobody", title="", created_at=now, updated_at=now
    )
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(orphan)


def test_sqlite_writes_ahead_so_that_readers_do_not_wait(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_deleting_a_user_takes_everything_of_theirs_along(database: Database) -> None:
    now = utc_now()
    with database.transaction() as session:
        session.add(User(id="usr_1", name="Ada", created_at=now))
        session.flush()
        session.add(
            Conversation(id="cnv_1", user_id="usr_1", title="", created_at=now, updated_at=now)
        )
    with database.transaction() as session:
        session.execute(text("DELETE FROM users"))
    with database.transaction() as session:
        assert session.execute(select(Conversation)).all() == []
