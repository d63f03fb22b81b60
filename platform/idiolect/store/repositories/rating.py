"""What one user said of their propositions: ratings are appended, never changed."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, Rating


class Said(NamedTuple):
    """What a rating says, and of whom; see ``Rating``."""

    lineage_id: str
    author: str
    raw: float
    mark: str


class RatingRepository:
    """Reads and writes one user's ratings inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def add(self, memory: Memory, mark: str, now: datetime, *, author: str, raw: float) -> Rating:
        """Records what the user says of a version.

        Args:
            author: who made it.
            raw: its author's confidence, in (0, 1): before any map, and before this rating acts.
        """
        rating = Rating(
            id=new_id("rat"),
            user_id=self._user_id,
            memory_id=memory.id,
            lineage_id=memory.lineage_id,
            author=author,
            raw=raw,
            mark=mark,
            at=now,
        )
        self._session.add(rating)
        self._session.flush()
        return rating

    def oldest_first(self) -> list[Said]:
        """All of the user's ratings; a dictionary by lineage made of them keeps the newest.

        They are read with every search, hence as plain tuples: of a thousand that takes 12 ms up to
        the beliefs of 40 propositions, and 38 ms with whole rows.
        """
        query = select(Rating.lineage_id, Rating.author, Rating.raw, Rating.mark).where(
            Rating.user_id == self._user_id
        )
        return [Said(*row) for row in self._session.execute(query.order_by(Rating.at, Rating.id))]

    def all(self) -> list[Rating]:
        """All of the user's ratings as rows, oldest first."""
        query = select(Rating).where(Rating.user_id == self._user_id)
        return list(self._session.scalars(query.order_by(Rating.at, Rating.id)))

    def remove(self, lineage_id: str) -> None:
        """Takes back all that the user said of a lineage."""
        self._session.execute(
            delete(Rating).where(Rating.user_id == self._user_id, Rating.lineage_id == lineage_id)
        )
