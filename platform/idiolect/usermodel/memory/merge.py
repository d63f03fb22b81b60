"""Several memories as one: what it holds, and what becomes of the others."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from idiolect.errors import InvalidInputError
from idiolect.store.models import Memory
from idiolect.store.models.memory import Kind
from idiolect.store.repositories.memory import MemoryFields, MemoryRepository
from idiolect.store.repositories.memory_event import USER
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.store.repositories.rating import RatingRepository
from idiolect.usermodel.calibration.reading import author_of
from idiolect.usermodel.confidence import PRIOR
from idiolect.usermodel.forgetting.passing import Said, let_pass
from idiolect.usermodel.memory.act import PRIVATE, Act, narrowest
from idiolect.usermodel.memory.checks import (
    TEXT_KINDS,
    require_sound,
    require_uncontested,
    require_unpinned,
)
from idiolect.usermodel.verdict import corrected

MERGED_INTO = "merged_into"
"""The key in a merged memory's payload that names the lineage which took it in."""


def merge_into_one(
    session: Session,
    user_id: str,
    memory_ids: Sequence[str],
    act: Act,
    said: Said | None,
    now: datetime,
) -> tuple[Memory, list[str]]:
    """Adds one memory that takes several in: it inherits their evidence and links to each.

    What one of them was rated private for, the new one says too, so it is private; and those that
    were taken in are no longer shared by themselves, so that the new one decides who is shown it.

    Returns:
        The new memory and the lineages that it took in, which are ``merged`` now.
    """
    memories = MemoryRepository(session, user_id, act.actor)
    provenance = ProvenanceRepository(session, user_id)
    sources = {one.lineage_id: one for one in map(memories.current, memory_ids)}
    kind = common_kind(list(sources.values()))
    for source in sources.values():
        require_unpinned(source, act)
        require_uncontested(source)
    if said is not None and kind == "proposition":
        let_pass(session, user_id, said, act.actor)
    fields = merged_fields(list(sources.values()), said.text if said else None)
    if said is not None and act.actor == USER and kind == "proposition":
        fields["payload"] = corrected(fields["payload"])
    require_sound(kind, fields)
    merged = memories.add(kind, now, reason=act.reason, **fields)
    for lineage, source in sources.items():
        provenance.inherit(merged.id, lineage, now)
        memories.link(merged.id, "memory", lineage, "derived_from", now)
        memories.transition(
            source, "merged", now, reason=act.reason, detail={"into": merged.lineage_id}
        )
        source.payload = {**source.payload, MERGED_INTO: merged.lineage_id}
        source.scope = PRIVATE
    if memories.private(sources):
        merged.scope = PRIVATE
        RatingRepository(session, user_id).add(
            merged, "private", now, author=author_of(merged), raw=merged.confidence or PRIOR
        )
    session.flush()
    return merged, list(sources)


def common_kind(sources: Sequence[Memory]) -> Kind:
    """The kind of several memories that can be merged.

    Raises:
        InvalidInputError: fewer than two, of several kinds, or of one that holds no text.
    """
    kinds = {source.kind for source in sources}
    common = next((kind for kind in TEXT_KINDS if kinds == {kind}), None)
    if common is None or len(sources) < 2:
        raise InvalidInputError(
            "two or more different memories of one kind of text can be merged",
            hint="Name at least two propositions, or two profiles.",
        )
    return common


def merged_fields(sources: Sequence[Memory], text: str | None) -> MemoryFields:
    """The fields of the memory that takes several in.

    What was said with most confidence lends the words, if none are given, the reasoning and the
    payload. The confidence is the highest of theirs and not more: each is below what its own
    sources can support, and saying the same in fewer rows is no new evidence. It lasts as long as
    the most durable one, was true from the earliest start on, and ends when all have. It is shown
    to whom all of them were.
    """
    strongest = max(sources, key=lambda memory: memory.confidence or 0.0)
    starts = [memory.valid_from for memory in sources if memory.valid_from is not None]
    ends = [memory.valid_to for memory in sources if memory.valid_to is not None]
    expiries = [memory.expires_at for memory in sources if memory.expires_at is not None]
    supports = [memory.supported_at for memory in sources if memory.supported_at is not None]
    durabilities = [memory.durability for memory in sources if memory.durability is not None]
    return {
        "state": "activated",
        "text": strongest.text if text is None else text,
        "reasoning": strongest.reasoning,
        "confidence": strongest.confidence,
        "durability": max(durabilities, default=None),
        "payload": dict(strongest.payload),
        "valid_from": min(starts) if len(starts) == len(sources) else None,
        "valid_to": max(ends) if len(ends) == len(sources) else None,
        "supported_at": max(supports, default=None),
        "scope": narrowest({memory.scope for memory in sources}),
        "pinned": any(memory.pinned for memory in sources),
        "expires_at": max(expiries) if len(expiries) == len(sources) else None,
    }
