"""Observations are stored once, paged, claimed by one job each, and kept apart by user."""

from datetime import UTC, datetime, timedelta

import pytest

from idiolect.errors import InvalidInputError, NotFoundError
from idiolect.kit.ids import new_id
from idiolect.store.database import Database
from idiolect.store.models import Job, Observation
from idiolect.store.repositories.observation import ObservationRepository, waiting
from tests.conftest import add_user

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def row(user_id: str, key: str, minute: int = 0, **fields: object) -> Observation:
    values: dict[str, object] = {
        "id": new_id("obs"),
        "user_id": user_id,
        "idempotency_key": key,
        "kind": "text",
        "source": "test",
        "text": key,
        "trust": "read",
        "occurred_at": NINE + timedelta(minutes=minute),
        "recorded_at": NINE + timedelta(hours=1, minutes=minute),
        "content_hash": key,
        "masked": {},
    }
    return Observation(**values | fields)


def fill(database: Database, user_id: str, count: int) -> None:
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        for number in range(count):
            # Two of each moment, so that a page can end between equals.
            repository.insert(row(user_id, f"{number:02}", number // 2))


def add_job(database: Database, user_id: str, job_id: str) -> None:
    with database.transaction() as session:
        session.add(
            Job(
                id=job_id,
                user_id=user_id,
                kind="propose",
                queue="cpu",
                state="queued",
                payload={},
                progress=0.0,
                attempt=0,
                max_attempts=3,
                created_at=NINE,
            )
        )


def test_a_taken_key_is_passed_over_and_the_first_row_stays(
    database: Database, user_id: str
) -> None:
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        assert repository.insert(row(user_id, "a", text="first"))
        assert not repository.insert(row(user_id, "a", text="second"))
        assert [one.text for one in repository.page(limit=9).items] == ["first"]
        assert repository.count() == 1


def test_nobody_sees_what_is_another_users(database: Database, user_id: str) -> None:
    other = add_user(database, "Ana")
    mine = row(user_id, "a", kind="screen")
    with database.transaction() as session:
        ObservationRepository(session, user_id).insert(mine)
        theirs = ObservationRepository(session, other)
        with pytest.raises(NotFoundError):
            theirs.get(mine.id)
        assert theirs.many([mine.id]) == []
        assert theirs.page(limit=9).items == []
        assert theirs.count() == 0
        assert theirs.ids_by_key(["a"]) == {}
        assert theirs.id_of_same("a", NINE) is None
        assert theirs.fingerprints(None, NINE, NINE) == []
        assert theirs.unbatched_characters(9, 1) == []
        assert theirs.claim_batch("job_x", 9) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_show_each_row_once_the_latest_first(
    database: Database, user_id: str, limit: int
) -> None:
    fill(database, user_id, 7)
    seen, cursor, pages = [], None, 0
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        while pages == 0 or cursor is not None:
            page = repository.page(limit=limit, cursor=cursor)
            assert len(page.items) <= limit
            seen += page.items
            cursor, pages = page.next_cursor, pages + 1
    assert pages == -(-7 // limit)
    order = [(one.occurred_at, one.id) for one in seen]
    assert order == sorted(order, reverse=True)
    assert len({one.id for one in seen}) == 7


def test_a_row_that_comes_between_two_pages_repeats_nothing(
    database: Database, user_id: str
) -> None:
    fill(database, user_id, 4)
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        first = repository.page(limit=2)
        repository.insert(row(user_id, "new", 59))
        second = repository.page(limit=2, cursor=first.next_cursor)
    keys = [one.idempotency_key for one in (*first.items, *second.items)]
    assert sorted(keys) == ["00", "01", "02", "03"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "%%%", "e30", "WyIyMDI2LTAzLTAyIiwgIm9icyJd", "WzEsICJvYnMiXQ", "bnVsbA"]
)
def test_a_cursor_that_we_did_not_make_is_refused(
    database: Database, user_id: str, cursor: str
) -> None:
    with (
        database.transaction() as session,
        pytest.raises(InvalidInputError) as caught,
    ):
        ObservationRepository(session, user_id).page(limit=2, cursor=cursor)
    assert caught.value.reason_code == "INVALID_CURSOR"


def test_a_batch_is_claimed_once_the_earliest_first(database: Database, user_id: str) -> None:
    fill(database, user_id, 5)
    for job_id in ("job_1", "job_2", "job_3"):
        add_job(database, user_id, job_id)
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        first = repository.claim_batch("job_1", 3)
        second = repository.claim_batch("job_2", 3)
        assert repository.claim_batch("job_3", 3) == []
        assert [one.id for one in repository.in_batch("job_1")] == [one.id for one in first]
        assert repository.unbatched_characters(9, 1) == []
    assert sorted(one.idempotency_key for one in first) == ["00", "01", "02"]
    assert sorted(one.idempotency_key for one in second) == ["03", "04"]


def test_who_is_waiting_is_counted_for_each_user(database: Database, user_id: str) -> None:
    other = add_user(database, "Ana")
    fill(database, user_id, 3)
    fill(database, other, 1)
    add_job(database, other, "job_1")
    with database.transaction() as session:
        assert [(one.user_id, one.observations) for one in waiting(session)] == [
            (other, 1),
            (user_id, 3),
        ]
        ObservationRepository(session, other).claim_batch("job_1", 9)
        (left,) = waiting(session)
    assert (left.user_id, left.newest_at) == (user_id, NINE + timedelta(hours=1, minutes=1))


def test_fingerprints_are_found_by_application_and_time(database: Database, user_id: str) -> None:
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        ids = {}
        for key, minute, application, fingerprint in [
            ("a", 0, "Mail", 1),
            ("b", 5, "Mail", -2),
            ("c", 5, None, 3),
            ("d", 5, "Mail", None),
        ]:
            screen = row(user_id, key, minute, kind="screen", application=application)
            screen.fingerprint = fingerprint
            repository.insert(screen)
            ids[key] = screen.id
        soon = NINE + timedelta(minutes=5)
        both = {(ids["a"], 1), (ids["b"], -2)}
        assert set(repository.fingerprints("Mail", NINE, soon)) == both
        assert repository.fingerprints("Mail", soon, soon) == [(ids["b"], -2)]
        assert repository.fingerprints(None, NINE, soon) == [(ids["c"], 3)]


@pytest.mark.postgres
def test_postgres_keeps_the_same_promises(postgres_url: str) -> None:
    database = Database(postgres_url)
    database.migrate()
    user_id = add_user(database, "Mara")
    add_job(database, user_id, "job_1")
    fill(database, user_id, 3)
    with database.transaction() as session:
        repository = ObservationRepository(session, user_id)
        assert not repository.insert(row(user_id, "00"))
        page = repository.page(limit=2)
        rest = repository.page(limit=2, cursor=page.next_cursor)
        assert [one.idempotency_key for one in rest.items] == ["00"]
        assert repository.fingerprints(None, NINE, NINE) == []
        assert waiting(session)[0].observations == 3
        assert len(repository.claim_batch("job_1", 2)) == 2
    database.close()
