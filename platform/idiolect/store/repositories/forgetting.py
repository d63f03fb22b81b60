"""One user's receipts of what was erased, and the tombstones that keep it from coming back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from idiolect.kit.ids import new_id
from idiolect.store.models import Forgetting, Memory, Tombstone
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.page import Page, paginate


@dataclass(frozen=True, slots=True)
class Stone:
    """What a tombstone keeps of a forgotten statement: its hash, and a vector in some space."""

    content_hash: str
    space: str
    vector: bytes


def users_with_unfinished(session: Session) -> Sequence[str]:
    """Whose erasures have still to reach the vectors and files; for the start, for all users."""
    return session.scalars(
        select(Forgetting.user_id)
        .where(Forgetting.is_done.is_(False))
        .distinct()
        .order_by(Forgetting.user_id)
    ).all()


class ForgettingRepository:
    """Reads and writes one user's receipts and tombstones inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def add(self, scope: str, counts: dict[str, Any], now: datetime) -> Forgetting:
        """Writes the receipt of an erasure that has still to reach the vectors and files."""
        receipt = Forgetting(
            id=new_id("fgt"),
            user_id=self._user_id,
            scope=scope,
            counts=counts,
            is_done=False,
            at=now,
        )
        self._session.add(receipt)
        self._session.flush()
        return receipt

    def page(self, *, limit: int, cursor: str | None = None) -> Page[Forgetting]:
        """The receipts, newest first.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        return paginate(
            self._session,
            select(Forgetting).where(Forgetting.user_id == self._user_id),
            Forgetting.at,
            Forgetting.id,
            limit=limit,
            cursor=cursor,
        )

    def unfinished(self) -> Sequence[Forgetting]:
        """Receipts of what has still to reach the vectors and files, oldest first."""
        return self._session.scalars(
            select(Forgetting)
            .where(Forgetting.user_id == self._user_id, Forgetting.is_done.is_(False))
            .order_by(Forgetting.at, Forgetting.id)
        ).all()

    def bury(self, forgetting_id: str, stones: Iterable[Stone], now: datetime) -> None:
        """Sets tombstones; one that stands already is not set twice."""
        standing = {Stone(one.content_hash, one.space, one.vector) for one in self.tombstones()}
        for stone in stones:
            if stone in standing:
                continue
            standing.add(stone)
            self._session.add(
                Tombstone(
                    id=new_id("tmb"),
                    user_id=self._user_id,
                    forgetting_id=forgetting_id,
                    content_hash=stone.content_hash,
                    space=stone.space,
                    vector=stone.vector,
                    at=now,
                )
            )
        self._session.flush()

    def tombstones(self) -> Sequence[Tombstone]:
        """All of them, of every space, oldest first."""
        return self._session.scalars(
            select(Tombstone).where(Tombstone.user_id == self._user_id).order_by(Tombstone.id)
        ).all()

    def held_hashes(self, hashes: Collection[str]) -> set[str]:
        """Which of these contents a proposition of the user has now, and acts."""
        query = select(Memory.content_hash).where(
            Memory.user_id == self._user_id,
            only_checked(Memory.kind) == "proposition",
            only_checked(Memory.state) == "activated",
            Memory.superseded_at.is_(None),
            Memory.content_hash.in_(list(hashes)),
        )
        return set(self._session.scalars(query))

    def lift(self, tombstone_ids: Collection[str]) -> None:
        """Takes tombstones away: the user has said themself what they stood for."""
        self._session.execute(
            delete(Tombstone).where(
                Tombstone.user_id == self._user_id, Tombstone.id.in_(list(tombstone_ids))
            )
        )
