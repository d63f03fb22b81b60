"""What ranks one user's propositions, and which of them a reader is shown, without their texts."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from idiolect.store.models import Memory
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.memory_conditions import rated_private


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

    def lineages(
        self, *, among: Collection[str] | None = None, limit: int | None = None
    ) -> frozenset[str]:
        """The lineages of all of them, or of those among these lineages; any, if there are more."""
        query = select(Memory.lineage_id).where(self._acts()).limit(limit)
        if among is None:
            query = query.where(self._user())
        else:
            is_users = only_checked(Memory.user_id) == self._user_id
            query = query.where(is_users, Memory.lineage_id.in_(list(among)))
        return frozenset(self._session.scalars(query))

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
            columns.where(self._user(), self._acts())
            .order_by(func.coalesce(Memory.confidence, 0.0).desc(), supported_at.desc())
            .limit(limit)
        )
        return [Standing(*row) for row in self._session.execute(best)]

    def _user(self) -> ColumnElement[bool]:
        """What is the user's, looked up by what narrows it most."""
        mine = Memory.user_id == self._user_id
        if self._scopes is None:
            return and_(mine, Memory.kind == "proposition", Memory.state == "activated")
        return and_(mine, Memory.scope.in_(self._scopes))

    def _acts(self) -> ColumnElement[bool]:
        acts = and_(
            only_checked(Memory.kind) == "proposition",
            only_checked(Memory.state) == "activated",
            Memory.superseded_at.is_(None),
        )
        if self._scopes is None:
            return acts
        shared = only_checked(Memory.scope).in_(self._scopes)
        return and_(acts, shared, Memory.lineage_id.not_in(rated_private(self._user_id)))
