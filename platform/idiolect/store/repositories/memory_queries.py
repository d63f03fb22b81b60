"""One user's memories as they are read: one by its id, lists, and what rests on what."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from idiolect.errors import NotFoundError
from idiolect.store.models import Memory, MemoryEvent, ProvenanceLink, Rating
from idiolect.store.models.memory import Kind, Relation, SourceType, State
from idiolect.store.repositories.lookup import only_checked
from idiolect.store.repositories.page import Page, paginate

ACTIVE: tuple[State, ...] = ("activated",)
"""The states in which a memory acts."""

DORMANT_SINCE = "dormant_since"
"""The key in the payload of what was archived because it had decayed, not because somebody put it
aside: new evidence wakes it. Whatever changes its state takes the key away."""

_IDS_AT_ONCE = 10_000  # a statement takes some 32,000 values on the smallest of the databases


def is_dormant(memory: Memory) -> bool:
    """Whether a memory was archived because it had decayed."""
    return memory.state == "archived" and DORMANT_SINCE in memory.payload


def is_indexed(memory: Memory) -> bool:
    """Whether a memory's vector is kept: a proposition's while it acts, is dormant or rejected.

    What is dormant or was rejected stays findable, so that it is recognized when it comes again:
    the one wakes, the other is refused.
    """
    if memory.kind != "proposition":
        return False
    is_rejected = memory.payload.get("verdict") == "rejected"
    return memory.state == "activated" or is_rejected or is_dormant(memory)


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

    def shared(self, lineage_ids: Collection[str], scopes: Collection[str]) -> set[str]:
        """Those of these lineages that are shared with one of these scopes."""
        mine = self._current().where(Memory.lineage_id.in_(list(lineage_ids)))
        found = self._shared(mine, scopes).with_only_columns(Memory.lineage_id)
        return set(self._session.scalars(found))

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
        query = self._shared(self._matching(kind, states), scopes)
        if containing:
            query = query.where(Memory.text.icontains(containing, autoescape=True))
        return paginate(
            self._session, query, Memory.recorded_at, Memory.id, limit=limit, cursor=cursor
        )

    def count(self, kind: Kind, *, states: Collection[State] = ACTIVE) -> int:
        """How many lineages are in one of these states."""
        matching = self._matching(kind, states)
        return self._session.scalar(select(func.count()).select_from(matching.subquery())) or 0

    def list_indexed(self) -> Sequence[Memory]:
        """Current propositions for which ``is_indexed`` holds."""
        return self._session.scalars(self._indexed().order_by(Memory.id)).all()

    def count_indexed(self) -> int:
        """How many vectors there should be."""
        query = select(func.count()).select_from(self._indexed().subquery())
        return self._session.scalar(query) or 0

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
        scopes: Collection[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """One page of what was believed at a moment, newest first, whatever is believed now.

        What was erased since is left out: it is not recoverable.

        Args:
            states: keeps what was in one of these then; empty keeps all.
            scopes: keeps what is shared with one of these now; None keeps all.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = self._shared(self._own(), scopes).where(
            Memory.kind == kind,
            Memory.state != "purged",
            Memory.recorded_at <= moment,
            or_(Memory.superseded_at.is_(None), Memory.superseded_at > moment),
        )
        if states:
            query = query.where(_state_at(moment).in_(states))
        return paginate(
            self._session, query, Memory.recorded_at, Memory.id, limit=limit, cursor=cursor
        )

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

    def resting_on(self, source_type: SourceType, source_id: str) -> Sequence[Memory]:
        """Current versions of every lineage that has a link to this source."""
        version = aliased(Memory)
        lineages = (
            select(version.lineage_id)
            .join(ProvenanceLink, ProvenanceLink.memory_id == version.id)
            .where(
                version.user_id == self._user_id,
                ProvenanceLink.source_type == source_type,
                ProvenanceLink.source_id == source_id,
            )
        )
        return self._session.scalars(
            self._current().where(Memory.lineage_id.in_(lineages)).order_by(Memory.id)
        ).all()

    def unsupported(self, kind: Kind) -> set[str]:
        """The lineages that act and have no link to anything that they were made from."""
        version = aliased(Memory)
        supported = (
            exists()
            .where(
                version.lineage_id == Memory.lineage_id,
                ProvenanceLink.memory_id == version.id,
                ProvenanceLink.relation.in_(("supports", "derived_from")),
            )
            .correlate(Memory)
        )
        found = self._matching(kind, ACTIVE).where(~supported).with_only_columns(Memory.lineage_id)
        return set(self._session.scalars(found))

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

    def _shared(self, query: Select[Memory], scopes: Collection[str] | None) -> Select[Memory]:
        """Keeps the versions whose lineage is shared now with one of these scopes.

        What the user rated private is shared with nobody, whatever its scope.
        """
        if scopes is None:
            return query
        head = aliased(Memory)
        shared = select(head.lineage_id).where(
            head.user_id == self._user_id, head.superseded_at.is_(None), head.scope.in_(scopes)
        )
        private = select(Rating.lineage_id).where(
            Rating.user_id == self._user_id, Rating.mark == "private"
        )
        return query.where(Memory.lineage_id.in_(shared), Memory.lineage_id.not_in(private))

    def _indexed(self) -> Select[Memory]:
        rejected = Memory.payload["verdict"].as_string() == "rejected"
        since = Memory.payload[DORMANT_SINCE].as_string()
        dormant = and_(Memory.state == "archived", since.is_not(None))
        return self._current().where(
            Memory.kind == "proposition", or_(Memory.state == "activated", rejected, dormant)
        )

    def _links(self) -> Select[ProvenanceLink]:
        return (
            select(ProvenanceLink)
            .join(Memory, Memory.id == ProvenanceLink.memory_id)
            .where(Memory.user_id == self._user_id)
        )


def _state_at(moment: datetime) -> ColumnElement[str]:
    """The state that a version was in at a moment, as the audit tells; else its present one."""
    last = (
        select(MemoryEvent.to_state)
        .where(
            MemoryEvent.lineage_id == Memory.lineage_id,
            MemoryEvent.memory_id == Memory.id,
            MemoryEvent.at <= moment,
        )
        .order_by(MemoryEvent.at.desc(), MemoryEvent.id.desc())
        .limit(1)
        .correlate(Memory)
        .scalar_subquery()
    )
    return func.coalesce(last, Memory.state)
