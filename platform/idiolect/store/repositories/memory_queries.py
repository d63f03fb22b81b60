"""One user's memories as they are read: one by its id, lists, and what rests on what."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import get_args

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.models import Memory, ProvenanceLink
from idiolect.store.models.memory import Kind, Relation, SourceType, State
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.memory_conditions import (
    believed_at,
    held_at,
    indexed,
    rated_private,
    shown_to,
    state_at,
)
from idiolect.store.repositories.page import Page, paginate

ACTIVE: tuple[State, ...] = ("activated",)
"""The states in which a memory acts."""

_NOT_ACTIVE = tuple(state for state in get_args(State) if state not in ACTIVE)

_IDS_AT_ONCE = 10_000  # a statement takes some 32,000 values on the smallest of the databases


class MemoryQueries:
    """Reads one user's memories inside the caller's transaction; changes nothing."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def get(self, memory_id: str) -> Memory:
        """The version with this id.

        Raises:
            NotFoundError: this user has no such memory.
        """
        memory = self._session.scalar(self._own().where(Memory.id == memory_id))
        if memory is None:
            raise NotFoundError(f"no memory {memory_id}")
        return memory

    def current(self, memory_id: str) -> Memory:
        """The current version of the lineage that has a version with this id.

        Raises:
            NotFoundError: this user has no such memory, or it was purged.
        """
        memory = self._session.scalar(
            self._current().where(Memory.lineage_id == self.get(memory_id).lineage_id)
        )
        if memory is None:
            raise NotFoundError(f"memory {memory_id} was forgotten")
        return memory

    def lineages_of(self, memory_ids: Collection[str]) -> set[str]:
        """The lineages that are not erased of these versions; unknown ids are passed over."""
        found: set[str] = set()
        ids = sorted(memory_ids)
        for start in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[start : start + _IDS_AT_ONCE]
            query = self._own().where(Memory.id.in_(part), Memory.state != "purged")
            found.update(self._session.scalars(query.with_only_columns(Memory.lineage_id)))
        return found

    def shared(self, lineage_ids: Collection[str], scopes: Collection[str] | None) -> set[str]:
        """Those of these lineages that are shared with one of these scopes; None: all of them."""
        found = self._current().where(
            Memory.lineage_id.in_(list(lineage_ids)), shown_to(self._user_id, scopes)
        )
        return set(self._session.scalars(found.with_only_columns(Memory.lineage_id)))

    def private(self, lineage_ids: Collection[str]) -> set[str]:
        """Those of these lineages that the user rated private."""
        return set(lineage_ids).intersection(self._session.scalars(rated_private(self._user_id)))

    def list_current(self, kind: Kind, *, states: Collection[State] = ACTIVE) -> Sequence[Memory]:
        """All current versions of a kind, newest first."""
        return self._session.scalars(
            self._matching(kind, states).order_by(Memory.recorded_at.desc(), Memory.id.desc())
        ).all()

    def page(
        self,
        kind: Kind,
        *,
        states: Collection[State] = ACTIVE,
        containing: str = "",
        scopes: Collection[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """One page of current versions, newest first, whose text has ``containing`` in it.

        Args:
            scopes: keeps what is shared with one of these; None keeps all.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = self._matching(kind, states).where(shown_to(self._user_id, scopes))
        if containing:
            query = query.where(Memory.text.icontains(containing, autoescape=True))
        return paginate(
            self._session, query, Memory.recorded_at, Memory.id, limit=limit, cursor=cursor
        )

    def count(
        self,
        kind: Kind,
        *,
        states: Collection[State] = ACTIVE,
        scopes: Collection[str] | None = None,
    ) -> int:
        """How many lineages are in one of these states, of those shared with one of the scopes."""
        matching = self._matching(kind, states).where(shown_to(self._user_id, scopes))
        return self._session.scalar(select(func.count()).select_from(matching.subquery())) or 0

    def list_indexed(self) -> Sequence[Memory]:
        """Current propositions for which ``is_indexed`` holds."""
        return self._session.scalars(self._current().where(indexed()).order_by(Memory.id)).all()

    def count_indexed(self) -> int:
        """How many vectors there should be."""
        mine = (Memory.user_id == self._user_id, Memory.superseded_at.is_(None))
        counted = select(func.count()).where(*mine, Memory.kind == "proposition")
        # What acts, which is nearly all, is counted in the index alone; the rest is read.
        acting = counted.where(Memory.state == "activated")
        others = counted.where(Memory.state.in_(_NOT_ACTIVE), indexed())
        return sum(self._session.scalars(union_all(acting, others)))

    def by_lineage(self, lineage_ids: Iterable[str]) -> dict[str, Memory]:
        """The current versions of these lineages, by lineage; unknown ones are left out."""
        ids = list(lineage_ids)
        found: dict[str, Memory] = {}
        for start in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[start : start + _IDS_AT_ONCE]
            query = select(Memory).where(
                only_checked(Memory.user_id) == self._user_id,
                Memory.superseded_at.is_(None),
                Memory.lineage_id.in_(part),
            )
            found.update({memory.lineage_id: memory for memory in self._session.scalars(query)})
        return found

    def by_estimate(self, kind: Kind, keys: Collection[str]) -> dict[str, Memory]:
        """Current versions whose payload names one of these estimate keys, by key.

        What was merged or has expired is left out: it never acts again.
        """
        key = Memory.payload["estimate_key"].as_string()
        query = self._current().where(
            Memory.kind == kind,
            Memory.state.not_in(("merged", "expired")),
            key.in_(list(keys)),
        )
        return {memory.payload["estimate_key"]: memory for memory in self._session.scalars(query)}

    def purged_hashes(self, hashes: Collection[str]) -> set[str]:
        """Which of these contents the user has had forgotten."""
        query = select(Memory.content_hash).where(
            Memory.user_id == self._user_id,
            Memory.state == "purged",
            Memory.content_hash.in_(list(hashes)),
        )
        return set(self._session.scalars(query))

    def history(self, lineage_id: str) -> Sequence[Memory]:
        """All versions of a lineage, oldest first."""
        query = self._own().where(Memory.lineage_id == lineage_id).order_by(Memory.version)
        return self._session.scalars(query).all()

    def as_of(
        self,
        moment: datetime,
        kind: Kind,
        *,
        states: Collection[State] = (),
        held: datetime | None = None,
        scopes: Collection[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """One page of what was believed at a moment, newest first, whatever is believed now.

        What was erased since is left out: it is not recoverable.

        Args:
            states: keeps what was in one of these then; empty keeps all.
            held: keeps what was believed to hold in the world at this other moment.
            scopes: keeps what is shared with one of these now; None keeps all.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = self._believed(moment, kind, states, held, scopes)
        return paginate(
            self._session, query, Memory.recorded_at, Memory.id, limit=limit, cursor=cursor
        )

    def list_as_of(
        self,
        moment: datetime,
        kind: Kind,
        *,
        states: Collection[State] = (),
        held: datetime | None = None,
        scopes: Collection[str] | None = None,
    ) -> Sequence[Memory]:
        """As ``as_of``, all at once and in no order."""
        return self._session.scalars(self._believed(moment, kind, states, held, scopes)).all()

    def evidence(self, lineage_id: str) -> Sequence[ProvenanceLink]:
        """What a lineage rests on: the links of all its versions, oldest first.

        A version adds links for what is new to it and inherits those of the versions before.
        """
        return self._session.scalars(
            self._links()
            .where(Memory.lineage_id == lineage_id)
            .order_by(ProvenanceLink.created_at, ProvenanceLink.id)
        ).all()

    def sources(
        self, lineage_ids: Collection[str], source_type: SourceType, relation: Relation
    ) -> dict[str, set[str]]:
        """The ids of the sources of one type and relation, by lineage."""
        query = (
            select(Memory.lineage_id, ProvenanceLink.source_id)
            .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
            .where(
                only_checked(Memory.user_id) == self._user_id,
                Memory.lineage_id.in_(list(lineage_ids)),
                only_checked(ProvenanceLink.source_type) == source_type,
                ProvenanceLink.relation == relation,
            )
        )
        found: dict[str, set[str]] = {lineage_id: set() for lineage_id in lineage_ids}
        for lineage_id, source_id in self._session.execute(query):
            found[lineage_id].add(source_id)
        return found

    def evidence_counts(self, lineage_ids: Collection[str]) -> dict[str, int]:
        """How many observations support each lineage."""
        found = self.sources(lineage_ids, "observation", "supports")
        return {lineage_id: len(source_ids) for lineage_id, source_ids in found.items()}

    def list_due(self, now: datetime) -> Sequence[Memory]:
        """Current versions whose time is over and that nobody pinned, oldest end first."""
        query = self._current().where(
            Memory.expires_at <= now,
            Memory.pinned.is_(False),
            Memory.state.in_(("activated", "archived")),
        )
        return self._session.scalars(query.order_by(Memory.expires_at, Memory.id)).all()

    def all_versions(self) -> Sequence[Memory]:
        """Everything that this user has, tombstones too: lineage by lineage, oldest first."""
        return self._session.scalars(self._own().order_by(Memory.lineage_id, Memory.version)).all()

    def _own(self) -> Select[Memory]:
        return select(Memory).where(Memory.user_id == self._user_id)

    def _current(self) -> Select[Memory]:
        return self._own().where(Memory.superseded_at.is_(None))

    def _matching(self, kind: Kind, states: Collection[State]) -> Select[Memory]:
        return self._current().where(Memory.kind == kind, Memory.state.in_(states))

    def _believed(
        self,
        moment: datetime,
        kind: Kind,
        states: Collection[State],
        held: datetime | None,
        scopes: Collection[str] | None,
    ) -> Select[Memory]:
        query = self._own().where(
            Memory.kind == kind, believed_at(moment), shown_to(self._user_id, scopes)
        )
        if states:
            query = query.where(state_at(moment).in_(states))
        return query if held is None else query.where(held_at(held))

    def _links(self) -> Select[ProvenanceLink]:
        return (
            select(ProvenanceLink)
            .join(Memory, Memory.id == ProvenanceLink.memory_id)
            .where(Memory.user_id == self._user_id)
        )
