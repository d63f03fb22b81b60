"""What memories are asked for, as conditions of a query: when, in which state, shared with whom."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from idiolect.store.models import Memory, MemoryEvent, Rating

DORMANT_SINCE = "dormant_since"
"""The key in the payload of what was archived because it had decayed, not because somebody put it
aside: new evidence wakes it. Whatever changes its state takes the key away."""


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


def indexed() -> ColumnElement[bool]:
    """``is_indexed`` for the database."""
    rejected = Memory.payload["verdict"].as_string() == "rejected"
    since = Memory.payload[DORMANT_SINCE].as_string()
    dormant = and_(Memory.state == "archived", since.is_not(None))
    return and_(Memory.kind == "proposition", or_(Memory.state == "activated", rejected, dormant))


def rated_private(user_id: str) -> Select[str]:
    """The lineages that a user rated private."""
    return select(Rating.lineage_id).where(Rating.user_id == user_id, Rating.mark == "private")


def shown_to(user_id: str, scopes: Collection[str] | None) -> ColumnElement[bool]:
    """The versions whose lineage is shared now with one of these scopes; None: all versions.

    What the user rated private is shared with nobody, whatever its scope.
    """
    if scopes is None:
        return true()
    head = aliased(Memory)
    shared = select(head.lineage_id).where(
        head.user_id == user_id, head.superseded_at.is_(None), head.scope.in_(scopes)
    )
    return and_(Memory.lineage_id.in_(shared), Memory.lineage_id.not_in(rated_private(user_id)))


def believed_at(moment: datetime) -> ColumnElement[bool]:
    """The versions that were their lineage's current one at a moment and were not erased since."""
    return and_(
        Memory.state != "purged",
        Memory.recorded_at <= moment,
        or_(Memory.superseded_at.is_(None), Memory.superseded_at > moment),
    )


def held_at(moment: datetime) -> ColumnElement[bool]:
    """The versions that say of themselves that they held in the world at a moment.

    One that tells no beginning or no end is taken to have none.
    """
    return and_(
        or_(Memory.valid_from.is_(None), Memory.valid_from <= moment),
        or_(Memory.valid_to.is_(None), Memory.valid_to > moment),
    )


def state_at(moment: datetime) -> ColumnElement[str]:
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
