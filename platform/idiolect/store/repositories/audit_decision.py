"""The log of one user's audit: what was decided about each observation, and why."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idiolect.store.models import AuditDecision, Observation
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.page import Page, paginate

_INSERTS: dict[str, Callable[[Any], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_COLUMNS = [column.name for column in AuditDecision.__table__.columns]


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """A decision, and where what it is about was seen."""

    decision: AuditDecision
    kind: str
    application: str | None
    title: str | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many observations a rule, or a model, gave a verdict on."""

    by: str
    verdict: str
    observations: int


class AuditDecisionRepository:
    """Writes and reads one user's decisions inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def write(self, rows: Sequence[AuditDecision]) -> None:
        """Stores decisions; a newer one about the same observation replaces the older one."""
        insert = _INSERTS[self._session.get_bind().dialect.name](AuditDecision)
        changes = {name: insert.excluded[name] for name in _COLUMNS if name != "observation_id"}
        upsert = insert.on_conflict_do_update(index_elements=["observation_id"], set_=changes)
        values = [{name: getattr(row, name) for name in _COLUMNS} for row in rows]
        if values:
            self._session.execute(upsert, values)

    def by_observation(self, observation_ids: Collection[str]) -> dict[str, Row[Any]]:
        """Observation id → decision, for those of the observations that have one.

        A row has the columns of ``AuditDecision`` and is none: every batch reads those of the
        weeks before it, and 2,000 objects of the mapper's take four times as long.
        """
        rows = self._session.execute(
            select(*AuditDecision.__table__.columns).where(
                only_checked(AuditDecision.user_id) == self._user_id,
                AuditDecision.observation_id.in_(observation_ids),
            )
        )
        return {row.observation_id: row for row in rows}

    def page(
        self, *, verdict: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[LoggedDecision]:
        """One page of the log, newest first; of one verdict, if asked.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = select(AuditDecision).where(AuditDecision.user_id == self._user_id)
        if verdict is not None:
            query = query.where(AuditDecision.verdict == verdict)
        page = paginate(
            self._session,
            query,
            AuditDecision.at,
            AuditDecision.observation_id,
            limit=limit,
            cursor=cursor,
        )
        return Page(self._with_places(page.items), page.next_cursor)

    def counts(self) -> list[RuleCount]:
        """How often each rule decided, and how, by rule and verdict."""
        rows = self._session.execute(
            select(AuditDecision.by, AuditDecision.verdict, func.count())
            .where(AuditDecision.user_id == self._user_id)
            .group_by(AuditDecision.by, AuditDecision.verdict)
            .order_by(AuditDecision.by, AuditDecision.verdict)
        )
        return [RuleCount(by, verdict, count) for by, verdict, count in rows]

    def _with_places(self, decisions: Sequence[AuditDecision]) -> list[LoggedDecision]:
        """Decisions with where their observations were seen; the texts are not read."""
        rows = self._session.execute(
            select(
                Observation.id,
                Observation.kind,
                Observation.application,
                Observation.title,
                Observation.occurred_at,
            ).where(
                Observation.user_id == self._user_id,
                Observation.id.in_([decision.observation_id for decision in decisions]),
            )
        )
        places = {row.id: row for row in rows}
        return [
            LoggedDecision(decision, place.kind, place.application, place.title, place.occurred_at)
            for decision in decisions
            if (place := places.get(decision.observation_id))  # it may be forgotten meanwhile
        ]
