"""Reads what a proposer needs: a batch of observations and the weeks before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.models import Observation, User
from idiolect.store.repositories.lookup import only_checked
from idiolect.usermodel import confidence
from idiolect.usermodel.propose.protocols import ObservationView

HISTORY = timedelta(days=28)
"""How far before a batch its habits are counted."""

HISTORY_LIMIT = 2000
"""How many earlier observations are read at most, the newest ones."""

_READ = (
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
"""Columns alone: 2,000 objects of the mapper's take three times as long."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Observations to learn from, oldest first, and those before them."""

    user_name: str
    observations: list[ObservationView]
    earlier: list[ObservationView]

    def by_id(self) -> dict[str, ObservationView]:
        """All of them, by id."""
        return {view.id: view for view in (*self.earlier, *self.observations)}


def read_batch(session: Session, user_id: str, observation_ids: Sequence[str]) -> Batch:
    """Reads a batch as plain values.

    Raises:
        NotFoundError: an observation is not there or not this user's.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(f"no user {user_id}")
    own = select(*_READ).where(Observation.user_id == user_id)
    found = session.execute(
        select(*_READ).where(
            only_checked(Observation.user_id) == user_id, Observation.id.in_(observation_ids)
        )
    )
    rows = sorted(found, key=lambda row: (row.occurred_at, row.id))
    if missing := set(observation_ids).difference(row.id for row in rows):
        raise NotFoundError(f"no observation {min(missing)}")
    if not rows:
        return Batch(user.name, [], [])
    history = session.execute(
        own.where(
            Observation.id.not_in(observation_ids),
            Observation.occurred_at >= rows[0].occurred_at - HISTORY,
            Observation.occurred_at <= rows[-1].occurred_at,
        )
        .order_by(Observation.occurred_at.desc(), Observation.id)
        .limit(HISTORY_LIMIT)
    ).all()
    return Batch(user.name, [_view(row) for row in rows], [_view(row) for row in history[::-1]])


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
