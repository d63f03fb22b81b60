"""Reads what a proposer needs: a batch of observations and the weeks before it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.models import AuditDecision, Observation, User
from idiolect.store.repositories.lookup import only_checked
from idiolect.usermodel import confidence
from idiolect.usermodel.propose.protocols import ObservationView

HISTORY = timedelta(days=28)
"""How far before a batch its habits are counted."""

HISTORY_LIMIT = 2000
"""How many earlier observations are read at most, the newest ones."""

_COLUMNS = (
    Observation.id,
    Observation.kind,
    Observation.source,
    Observation.application,
    Observation.title,
    Observation.url,
    Observation.text,
    Observation.trust,
    Observation.occurred_at,
    Observation.duration_s,
)
"""Alone: 2,000 objects of the mapper's take three times as long."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Observations to learn from, oldest first, and those before them.

    Attributes:
        decided_at: when the audit decided about those before, by id; not all have a decision.
    """

    user_name: str
    observations: list[ObservationView]
    earlier: list[ObservationView]
    decided_at: Mapping[str, datetime] = field(default_factory=dict)

    def by_id(self) -> dict[str, ObservationView]:
        """All of them, by id."""
        return {view.id: view for view in (*self.earlier, *self.observations)}


def read_batch(
    session: Session,
    user_id: str,
    observation_ids: Sequence[str],
    known: Mapping[str, ObservationView] | None = None,
) -> Batch:
    """Reads a batch as plain values.

    Args:
        session: a transaction.
        user_id: whose.
        observation_ids: of the batch.
        known: observations that were read before, by id. Of those before the batch only the others
            are read; which ones are there is asked in any case.

    Raises:
        NotFoundError: an observation is not there or not this user's.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(f"no user {user_id}")
    found = _read(session, user_id, observation_ids)
    views = sorted(found.values(), key=lambda view: (view.occurred_at, view.id))
    if missing := set(observation_ids).difference(found):
        raise NotFoundError(f"no observation {min(missing)}")
    if not views:
        return Batch(user.name, [], [])
    before = (
        select(Observation.id, AuditDecision.at)
        .outerjoin(AuditDecision, AuditDecision.observation_id == Observation.id)
        .where(
            Observation.user_id == user_id,
            Observation.id.not_in(observation_ids),
            Observation.occurred_at >= views[0].occurred_at - HISTORY,
            Observation.occurred_at <= views[-1].occurred_at,
        )
        .order_by(Observation.occurred_at.desc(), Observation.id)
        .limit(HISTORY_LIMIT)
    )
    # By the connection: the session would make objects' rows of them, which takes longer.
    history = session.connection().execute(before).all()
    known = known or {}
    unread = [id for id, _ in history if id not in known]
    earlier = {**known, **(_read(session, user_id, unread) if unread else {})}
    return Batch(
        user.name,
        views,
        [earlier[id] for id, _ in reversed(history) if id in earlier],  # or erased meanwhile
        {id: at for id, at in history if at is not None},
    )


def _read(session: Session, user_id: str, ids: Collection[str]) -> dict[str, ObservationView]:
    """Those of the observations that are this user's, by id."""
    rows = session.execute(
        select(*_COLUMNS).where(
            only_checked(Observation.user_id) == user_id, Observation.id.in_(ids)
        )
    )
    return {row.id: _view(row) for row in rows}


def _view(row: Row[*tuple[Any, ...]]) -> ObservationView:
    return ObservationView(
        id=row.id,
        kind=row.kind,
        source=row.source,
        application=row.application,
        title=row.title,
        url=row.url,
        text=row.text,
        trust=confidence.trust(row.trust),
        occurred_at=row.occurred_at,
        duration_s=row.duration_s,
    )
