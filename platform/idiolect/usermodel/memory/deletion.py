"""Deleting a memory with all that follows from it, inside the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Memory
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.cascade import Cascade, Node, connected, reweighed
from idiolect.usermodel.memory.merge import MERGED_INTO
from idiolect.usermodel.revise import is_settled

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
    below = connected(ProvenanceRepository(session, user_id), lineage_id)
    current = MemoryRepository(session, user_id).by_lineage(below)
    # What was erased before is joined to nothing; should a link lead there, it stops there.
    nodes = {lineage: _node(memory) for lineage, memory in current.items()}
    cascade = Cascade(nodes, {lineage: below[lineage] for lineage in nodes})
    cascade.delete(lineage_id)
    return cascade


def carry_out(
    session: Session, user_id: str, cascade: Cascade, act: Act, now: datetime
) -> Deletion:
    """Does what was planned; the files of what is erased are for ``remove_unused`` afterwards."""
    memories = MemoryRepository(session, user_id, act.actor)
    provenance = ProvenanceRepository(session, user_id)
    current = memories.by_lineage([*cascade.cuts, *cascade.stale])
    weighed = []
    for lineage, cuts in cascade.cuts.items():
        share = cascade.kept_share(lineage)
        memory = current[lineage]
        for edge in cuts:
            provenance.cut(edge)
        if memory.confidence is not None and share < 1.0 and not is_settled(memory):
            belief = reweighed(memory.confidence, share)
            memories.revise(memory, now, verb="reweigh", reason=SOURCE_DELETED, confidence=belief)
            weighed.append(lineage)
    for lineage in cascade.stale:
        memory = current[lineage]
        memory.payload = {**memory.payload, STALE: SOURCE_DELETED}
        memories.record("mark_stale", memory, now, reason=SOURCE_DELETED, from_state=memory.state)
    blobs = _blob_keys(memories, cascade.purged)
    above = [edge for edge in provenance.above(cascade.purged) if edge.source_type == "memory"]
    for edge in above:
        if edge.lineage_id not in cascade.stale:  # a stale one keeps the name of what it knew
            provenance.cut(edge)
    for lineage in cascade.purged:
        memories.purge(lineage, now, reason=act.reason)
    return Deletion(tuple(cascade.purged), tuple(weighed), tuple(cascade.stale), blobs)


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


def _blob_keys(memories: MemoryRepository, lineage_ids: Iterable[str]) -> tuple[str, ...]:
    keys = {
        version.blob_key: None
        for lineage in lineage_ids
        for version in memories.history(lineage)
        if version.blob_key is not None
    }
    return tuple(keys)
