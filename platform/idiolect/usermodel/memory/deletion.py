"""Deleting a memory with all that follows from it, inside the caller's transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.models.memory import SourceType
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.cascade import Cascade, Node, connected, reweighed
from idiolect.usermodel.memory.merge import MERGED_INTO
from idiolect.usermodel.verdict import is_settled

STALE = "stale"
"""The key in a payload that says why an artefact no longer fits what it was made from."""

SOURCE_DELETED = "something it was made from was deleted"


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion erased, weighed again and marked; by lineage.

    ``blobs`` are the keys of the files that belonged to what was erased.
    """

    purged: tuple[str, ...]
    reweighed: tuple[str, ...]
    stale: tuple[str, ...]
    blobs: tuple[str, ...]


def plan(session: Session, user_id: str, lineage_id: str) -> Cascade:
    """What would follow from deleting a lineage; changes nothing."""
    return plan_all(session, user_id, [lineage_id])


def plan_all(
    session: Session,
    user_id: str,
    lineage_ids: Collection[str],
    lost: Collection[tuple[SourceType, str]] = (),
) -> Cascade:
    """What would follow from deleting lineages and losing other sources; changes nothing.

    Args:
        session: a transaction.
        user_id: whose they are.
        lineage_ids: to delete.
        lost: type and id of the observations, preferences and messages that go too.
    """
    provenance = ProvenanceRepository(session, user_id)
    below = connected(provenance, {*lineage_ids, *provenance.resting_on(lost)})
    current = MemoryRepository(session, user_id).by_lineage(below)
    # What was erased before is joined to nothing; should a link lead there, it stops there.
    nodes = {lineage: _node(memory) for lineage, memory in current.items()}
    cascade = Cascade(nodes, {lineage: below[lineage] for lineage in nodes})
    cascade.lose(lost)
    for lineage in lineage_ids:
        cascade.delete(lineage)
    return cascade


def expected(session: Session, user_id: str, cascade: Cascade) -> Deletion:
    """What ``carry_out`` would do now; changes nothing."""
    memories = MemoryRepository(session, user_id)
    return Deletion(
        purged=tuple(cascade.purged),
        reweighed=tuple(lineage for lineage, _, _ in _weighed(memories, cascade)),
        stale=tuple(cascade.stale),
        blobs=_blob_keys(memories, cascade.purged),
    )


def carry_out(
    session: Session, user_id: str, cascade: Cascade, act: Act, now: datetime
) -> Deletion:
    """Does what was planned; the files of what is erased are for ``remove_unused`` afterwards."""
    memories = MemoryRepository(session, user_id, act.actor)
    provenance = ProvenanceRepository(session, user_id)
    done = expected(session, user_id, cascade)
    for edge in chain.from_iterable(cascade.cuts.values()):
        provenance.cut(edge)
    for _, memory, belief in _weighed(memories, cascade):
        memories.revise(memory, now, verb="reweigh", reason=SOURCE_DELETED, confidence=belief)
    for memory in memories.by_lineage(cascade.stale).values():
        memory.payload = {**memory.payload, STALE: SOURCE_DELETED}
        memories.record("mark_stale", memory, now, reason=SOURCE_DELETED, from_state=memory.state)
    above = [edge for edge in provenance.above(cascade.purged) if edge.source_type == "memory"]
    for edge in above:
        if edge.lineage_id not in cascade.stale:  # a stale one keeps the name of what it knew
            provenance.cut(edge)
    for lineage in cascade.purged:
        memories.purge(lineage, now, reason=act.reason)
    return done


def remove_unused(database: Database, blobs: BlobStore, keys: Iterable[str]) -> None:
    """Removes the files that no memory of any user has any more."""
    for key in keys:
        with database.transaction() as session:
            used = session.scalar(select(Memory.id).where(Memory.blob_key == key).limit(1))
        if used is None:
            try:
                blobs.delete(key)
            except NotFoundError:  # an earlier attempt got as far as here
                continue


def _node(memory: Memory) -> Node:
    return Node(
        lineage_id=memory.lineage_id,
        kind=memory.kind,
        says=memory.content_hash,
        settled=is_settled(memory),
        merged_into=memory.payload.get(MERGED_INTO) if memory.state == "merged" else None,
    )


def _weighed(memories: MemoryRepository, cascade: Cascade) -> list[tuple[str, Memory, float]]:
    """The texts that lose a support and no word of the user's: lineage, version, new confidence."""
    current = memories.by_lineage(cascade.cuts)
    return [
        (lineage, memory, reweighed(memory.confidence, share))
        for lineage in cascade.cuts
        if (memory := current[lineage]).confidence is not None
        and (share := cascade.kept_share(lineage)) < 1.0
        and not is_settled(memory)
    ]


def _blob_keys(memories: MemoryRepository, lineage_ids: Iterable[str]) -> tuple[str, ...]:
    keys = {
        version.blob_key: None
        for lineage in lineage_ids
        for version in memories.history(lineage)
        if version.blob_key is not None
    }
    return tuple(keys)
