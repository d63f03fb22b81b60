"""Observations: insert once, list, and hand out in batches."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.models import Observation
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.page import Page, paginate

_INSERTS = {
    name: insert(Observation)
    .on_conflict_do_nothing(index_elements=["user_id", "idempotency_key"])
    .returning(Observation.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
"""By the database's name; made once, since making one takes longer than carrying it out."""

_COLUMNS = [column.name for column in Observation.__table__.columns]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A user's observations that no batch has yet, and when the newest was recorded."""

    user_id: str
    observations: int
    newest_at: datetime


def waiting(session: Session) -> list[Waiting]:
    """Every user who has unbatched observations; for the relay, which acts for nobody."""
    rows = session.execute(
        select(Observation.user_id, func.count(), func.max(Observation.recorded_at))
        .where(Observation.batch_job_id.is_(None))
        .group_by(Observation.user_id)
        .order_by(Observation.user_id)
    )
    return [Waiting(user_id, count, newest_at) for user_id, count, newest_at in rows]


class ObservationRepository:
    """One user's observations."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def insert(self, row: Observation) -> bool:
        """Stores a row unless its idempotency key is taken; tells whether it did."""
        statement = _INSERTS[self._session.get_bind().dialect.name]
        values = {name: getattr(row, name) for name in _COLUMNS}
        return self._session.connection().scalar(statement, values) is not None

    def get(self, observation_id: str) -> Observation:
        """One observation.

        Raises:
            NotFoundError: this user has none of this id.
        """
        row = self._session.scalar(self._own().where(Observation.id == observation_id))
        if row is None:
            raise NotFoundError(f"there is no observation {observation_id}")
        return row

    def many(self, observation_ids: Iterable[str]) -> list[Observation]:
        """Those of the given observations that exist, in the order in which they occurred."""
        named = select(Observation).where(
            only_checked(Observation.user_id) == self._user_id,
            Observation.id.in_(list(observation_ids)),
        )
        return sorted(self._session.scalars(named), key=lambda row: (row.occurred_at, row.id))

    def page(self, *, limit: int, cursor: str | None = None) -> Page[Observation]:
        """The latest first."""
        return paginate(
            self._session,
            self._own(),
            Observation.occurred_at,
            Observation.id,
            limit=limit,
            cursor=cursor,
        )

    def count(self) -> int:
        """How many there are."""
        statement = select(func.count()).where(Observation.user_id == self._user_id)
        return self._session.execute(statement).scalar_one()

    def ids_by_key(self, keys: Iterable[str]) -> dict[str, str]:
        """Idempotency key → id, for those of the keys that are taken."""
        statement = select(Observation.idempotency_key, Observation.id).where(
            Observation.user_id == self._user_id, Observation.idempotency_key.in_(list(keys))
        )
        return dict(self._session.execute(statement).all())

    def id_of_same(self, content_hash: str, occurred_at: datetime) -> str | None:
        """The observation of the same content at the same moment, if there is one."""
        return self._session.scalar(
            select(Observation.id).where(
                Observation.user_id == self._user_id,
                Observation.occurred_at == occurred_at,  # the index; hashes have none
                Observation.content_hash == content_hash,
            )
        )

    def fingerprints(
        self, application: str | None, since: datetime, until: datetime
    ) -> list[tuple[str, int]]:
        """The ids and fingerprints of one application's screens in a time, both ends included."""
        rows = self._session.execute(
            select(Observation.id, Observation.fingerprint).where(
                Observation.user_id == self._user_id,
                Observation.kind == "screen",
                Observation.application.is_not_distinct_from(application),
                Observation.occurred_at >= since,
                Observation.occurred_at <= until,
            )
        )
        return [(one.id, one.fingerprint) for one in rows if one.fingerprint is not None]

    def shown(self, observation_ids: Collection[str]) -> list[tuple[str, str | None, str]]:
        """Id, title and text of those of the observations that exist, the earliest first."""
        rows = self._session.execute(
            select(Observation.id, Observation.title, Observation.text)
            .where(
                only_checked(Observation.user_id) == self._user_id,
                Observation.id.in_(observation_ids),
            )
            .order_by(Observation.occurred_at, Observation.id)
        )
        return [(one.id, one.title, one.text) for one in rows]

    def unbatched_characters(self, limit: int, most: int) -> list[int]:
        """How much the earliest observations that no batch has yet say, in characters.

        Args:
            limit: how many of them.
            most: characters of a text that count, beside its title.
        """
        text = func.length(Observation.text)
        shown = case((text > most, most), else_=text)
        title = func.coalesce(func.length(Observation.title), 0)
        earliest = (
            select(shown + title)
            .where(Observation.user_id == self._user_id, Observation.batch_job_id.is_(None))
            .order_by(Observation.occurred_at, Observation.id)
            .limit(limit)
        )
        return list(self._session.scalars(earliest))

    def claim_batch(self, job_id: str, limit: int) -> list[Observation]:
        """Puts the earliest unbatched observations into a job's batch and returns them.

        Two claims at once share nothing: the update takes a row only while it is unbatched.
        """
        chosen = (
            select(Observation.id)
            .where(Observation.user_id == self._user_id, Observation.batch_job_id.is_(None))
            .order_by(Observation.occurred_at, Observation.id)
            .limit(limit)
        )
        self._session.execute(
            update(Observation)
            .where(Observation.id.in_(chosen), Observation.batch_job_id.is_(None))
            .values(batch_job_id=job_id)
        )
        return self.in_batch(job_id)

    def in_batch(self, job_id: str) -> list[Observation]:
        """A job's batch, in the order in which things occurred."""
        return self._in_order(Observation.batch_job_id == job_id)

    def _own(self) -> Select[Observation]:
        return select(Observation).where(Observation.user_id == self._user_id)

    def _in_order(
        self, *conditions: ColumnElement[bool], limit: int | None = None
    ) -> list[Observation]:
        statement = (
            self._own()
            .where(*conditions)
            .order_by(Observation.occurred_at, Observation.id)
            .limit(limit)
        )
        return list(self._session.scalars(statement))
