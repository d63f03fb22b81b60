"""What ranks one user's propositions, and which of them a reader is shown, without their texts."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from idiolect.store.models import Memory, Rating


class Standing(NamedTuple):
    """How a proposition stands.

    Attributes:
        lineage_id: whose current version it is.
        confidence: raw, in (0, 1).
        durability: in [0, 1].
        supported_at: when the last supporting evidence occurred; when it was recorded, if none did.
    """

    lineage_id: str
    confidence: float
    durability: float
    supported_at: datetime


class Ranking:
    """Reads a few columns of one user's propositions that act, inside the caller's transaction.

    Args:
        scopes: keeps what is shared with one of these and not rated private; None keeps all.
    """

    def __init__(
        self, session: Session, user_id: str, scopes: Collection[str] | None = None
    ) -> None:
        self._session = session
        self._user_id = user_id
        self._scopes = scopes

    def lineages(self) -> frozenset[str]:
        """The lineages of all of them."""
        return frozenset(self._session.scalars(select(Memory.lineage_id).where(self._acts())))

    def surest(self, limit: int) -> list[Standing]:
        """Those of the highest confidence, of equal ones the latest supported."""
        supported_at = func.coalesce(Memory.supported_at, Memory.recorded_at)
        columns = select(
            Memory.lineage_id,
            func.coalesce(Memory.confidence, 0.0),
            func.coalesce(Memory.durability, 0.0),
            supported_at,
        )
        best = (
            columns.where(self._acts())
            .order_by(func.coalesce(Memory.confidence, 0.0).desc(), supported_at.desc())
            .limit(limit)
        )
        return [Standing(*row) for row in self._session.execute(best)]

    def _acts(self) -> ColumnElement[bool]:
        acts = and_(
            Memory.user_id == self._user_id,
            Memory.kind == "proposition",
            Memory.state == "activated",
            Memory.superseded_at.is_(None),
        )
        if self._scopes is None:
            return acts
        private = select(Rating.lineage_id).where(
            Rating.user_id == self._user_id, Rating.mark == "private"
        )
        shared = Memory.scope.in_(self._scopes)
        return and_(acts, shared, Memory.lineage_id.not_in(private))
