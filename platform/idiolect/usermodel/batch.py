"""Reads what a proposer needs: a batch of observations and the weeks before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.models import Observation, User
from idiolect.usermodel import confidence
from idiolect.usermodel.propose.protocols import ObservationView

HISTORY = timedelta(days=28)
"""How far before a batch its habits are counted."""

HISTORY_LIMIT = 2000
"""How many earlier observations are read at most, the newest ones."""


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
    own = select(Observation).where(Observation.user_id == user_id)
    rows = session.scalars(
        own.where(Observation.id.in_(observation_ids)).order_by(
            Observation.occurred_at, Observation.id
        )
    ).all()
    if missing := set(observation_ids).difference(row.id for row in rows):
        raise NotFoundError(f"no observation {min(missing)}")
    if not rows:
        return Batch(user.name, [], [])
    history = session.scalars(
        own.where(
            Observation.id.not_in(observation_ids),
            Observation.occurred_at >= rows[0].occurred_at - HISTORY,
            Observation.occurred_at <= rows[-1].occurred_at,
        )
        .order_by(Observation.occurred_at.desc(), Observation.id)
        .limit(HISTORY_LIMIT)
    ).all()
    return Batch(user.name, [_view(row) for row in rows], [_view(row) for row in history[::-1]])


def _view(row: Observation) -> ObservationView:
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
