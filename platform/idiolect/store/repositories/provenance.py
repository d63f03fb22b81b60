"""What one user's memories rest on, as edges between lineages, upward and downward."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, select, true
from sqlalchemy.orm import Session, aliased

from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, Observation, ProvenanceLink
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.lookup import only_checked

_IDS_AT_ONCE = 10_000  # a statement takes some 32,000 values on the smallest of the databases


@dataclass(frozen=True, slots=True)
class Edge:
    """A lineage rests on a source.

    Attributes:
        lineage_id: that rests on it.
        source_id: of an observation, preference or message; of a memory, its lineage.
        source_type: observation, memory, preference or message.
        relation: supports, contradicts, derived_from or trained_on.
        quote: the span of the source that carries it.
    """

    lineage_id: str
    source_id: str
    source_type: str
    relation: str
    quote: str | None = None


class ProvenanceRepository:
    """Reads and cuts one user's provenance links inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def below(self, lineage_ids: Collection[str]) -> list[Edge]:
        """What these lineages rest on, oldest link first."""
        return self._edges(Memory.lineage_id.in_(list(lineage_ids)))

    def above(self, lineage_ids: Collection[str]) -> list[Edge]:
        """What rests on these lineages, oldest link first."""
        return self._edges(ProvenanceLink.source_id.in_(self._versions(lineage_ids)))

    def resting_on(self, sources: Collection[tuple[str, str]]) -> set[str]:
        """The lineages that have a link to one of these sources, given by type and id."""
        by_type: dict[str, list[str]] = {}
        for source_type, source_id in sources:
            by_type.setdefault(source_type, []).append(source_id)
        found: set[str] = set()
        for source_type, ids in by_type.items():
            for start in range(0, len(ids), _IDS_AT_ONCE):
                query = (
                    select(Memory.lineage_id)
                    .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
                    .where(
                        Memory.user_id == self._user_id,
                        ProvenanceLink.source_type == source_type,
                        ProvenanceLink.source_id.in_(ids[start : start + _IDS_AT_ONCE]),
                    )
                    .distinct()
                )
                found.update(self._session.scalars(query))
        return found

    def links(self) -> list[ProvenanceLink]:
        """All of the user's links, in the order in which they were made."""
        return self._links_of(true())

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
        found = select(Memory.lineage_id).where(
            Memory.user_id == self._user_id,
            Memory.kind == kind,
            Memory.state == "activated",
            Memory.superseded_at.is_(None),
            ~supported,
        )
        return set(self._session.scalars(found))

    def trusts(self, lineage_ids: Collection[str]) -> dict[str, set[str]]:
        """How far the observations that support each lineage are trusted; no key without any."""
        query = (
            select(Memory.lineage_id, Observation.trust)
            .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
            .join(Observation, Observation.id == ProvenanceLink.source_id)
            .where(
                only_checked(Memory.user_id) == self._user_id,
                only_checked(Observation.user_id) == self._user_id,
                Memory.lineage_id.in_(list(lineage_ids)),
                only_checked(ProvenanceLink.source_type) == "observation",
                ProvenanceLink.relation == "supports",
            )
            .distinct()
        )
        found: dict[str, set[str]] = {}
        for lineage_id, trust in self._session.execute(query):
            found.setdefault(lineage_id, set()).add(trust)
        return found

    def inherit(self, memory_id: str, lineage_id: str, now: datetime) -> None:
        """Gives a memory all that a lineage rests on; what it has already, it has once."""
        has = {_reason(link) for link in self._links_of(ProvenanceLink.memory_id == memory_id)}
        for link in self._links_of(Memory.lineage_id == lineage_id):
            if _reason(link) not in has:
                has.add(_reason(link))
                self._session.add(
                    ProvenanceLink(
                        id=new_id("prv"),
                        memory_id=memory_id,
                        source_type=link.source_type,
                        source_id=link.source_id,
                        relation=link.relation,
                        quote=link.quote,
                        created_at=now,
                    )
                )
        self._session.flush()

    def cut(self, edge: Edge) -> None:
        """Removes the links of every version of a lineage to a source."""
        sources = (
            self._versions([edge.source_id]) if edge.source_type == "memory" else [edge.source_id]
        )
        self._session.execute(
            delete(ProvenanceLink).where(
                ProvenanceLink.memory_id.in_(self._versions([edge.lineage_id])),
                ProvenanceLink.source_type == edge.source_type,
                ProvenanceLink.source_id.in_(sources),
                ProvenanceLink.relation == edge.relation,
            )
        )

    def _links_of(self, condition: ColumnElement[bool]) -> list[ProvenanceLink]:
        query = (
            select(ProvenanceLink)
            .join(Memory, Memory.id == ProvenanceLink.memory_id)
            .where(Memory.user_id == self._user_id, condition)
            .order_by(ProvenanceLink.id)
        )
        return list(self._session.scalars(query))

    def _versions(self, lineage_ids: Collection[str]) -> Select[str]:
        return select(Memory.id).where(
            Memory.user_id == self._user_id, Memory.lineage_id.in_(list(lineage_ids))
        )

    def _edges(self, condition: ColumnElement[bool]) -> list[Edge]:
        # The other users' memories are out of reach here too: the join finds only one's own.
        source = aliased(Memory)
        own = (source.id == ProvenanceLink.source_id) & (source.user_id == self._user_id)
        query = (
            select(Memory.lineage_id, ProvenanceLink, source.lineage_id)
            .join(ProvenanceLink, ProvenanceLink.memory_id == Memory.id)
            .outerjoin(source, own & (ProvenanceLink.source_type == "memory"))
            .where(Memory.user_id == self._user_id, condition)
            .order_by(ProvenanceLink.id)
        )
        edges = {
            Edge(
                lineage,
                of_memory or link.source_id,
                link.source_type,
                link.relation,
                link.quote,
            ): None
            for lineage, link, of_memory in self._session.execute(query)
        }
        return list(edges)


def _reason(link: ProvenanceLink) -> tuple[str, str, str]:
    return link.source_type, link.source_id, link.relation
