"""One user's memories as they change: append-only versions, their life cycle, their erasure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.errors import ConflictError
from idiolect.kit.hashing import sha256_json
from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, ProvenanceLink
from idiolect.store.models.memory import Kind, Relation, SourceType, State
from idiolect.store.repositories.memory_conditions import DORMANT_SINCE
from idiolect.store.repositories.memory_event import SYSTEM, MemoryEventRepository, Verb
from idiolect.store.repositories.memory_queries import MemoryQueries

ID_PREFIXES: dict[str, str] = {"adapter": "adp"}
"""Id prefixes of the kinds that have one of their own; all others are ``mem``."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "generated": frozenset({"activated", "archived", "purged"}),
    "activated": frozenset({"merged", "archived", "expired", "purged"}),
    "merged": frozenset({"purged"}),
    "archived": frozenset({"activated", "expired", "purged"}),
    "expired": frozenset({"purged"}),
    "purged": frozenset(),
}
"""Which state may follow which."""

_VERBS: dict[tuple[str, str], Verb] = {
    ("generated", "activated"): "activate",
    ("archived", "activated"): "restore",
}
_VERB_INTO: dict[str, Verb] = {
    "merged": "merge",
    "archived": "archive",
    "expired": "expire",
    "purged": "purge",
}
"""What a step is called in the audit."""

UNSTATED = "not stated"


class MemoryFields(TypedDict):
    """The columns that a caller may set on a memory; what is left out keeps its default."""

    state: NotRequired[State]
    text: NotRequired[str | None]
    reasoning: NotRequired[str | None]
    confidence: NotRequired[float | None]
    durability: NotRequired[float | None]
    payload: NotRequired[dict[str, Any]]
    blob_key: NotRequired[str | None]
    content_hash: NotRequired[str]
    valid_from: NotRequired[datetime | None]
    valid_to: NotRequired[datetime | None]
    supported_at: NotRequired[datetime | None]
    pinned: NotRequired[bool]
    scope: NotRequired[str]
    expires_at: NotRequired[datetime | None]


def proposition_hash(text: str) -> str:
    """The content hash of a proposition: letter case, spacing and a final stop do not count."""
    return sha256_json(["proposition", " ".join(text.casefold().split()).rstrip(".")])


class MemoryRepository(MemoryQueries):
    """Writes one user's memories inside the caller's transaction, and reads them as it goes.

    Whatever changes a state does so here, and here it is written into the audit: no caller can
    forget to.

    Args:
        actor: who acts: the user, the system, or the id of an API key.
    """

    def __init__(self, session: Session, user_id: str, actor: str = SYSTEM) -> None:
        super().__init__(session, user_id)
        self._actor = actor
        self._events = MemoryEventRepository(session, user_id)

    def add(
        self,
        kind: Kind,
        now: datetime,
        *,
        reason: str = UNSTATED,
        **fields: Unpack[MemoryFields],
    ) -> Memory:
        """Starts a lineage with its version 1; the state is ``generated`` unless given.

        Without ``content_hash`` the hash is that of the text and payload.
        """
        memory_id = new_id(ID_PREFIXES.get(kind, "mem"))
        fields.setdefault("state", "generated")
        fields.setdefault("payload", {})
        fields.setdefault("content_hash", _content_hash(kind, fields))
        memory = Memory(
            id=memory_id,
            user_id=self._user_id,
            lineage_id=memory_id,
            version=1,
            kind=kind,
            recorded_at=now,
            **fields,
        )
        self._session.add(memory)
        self._session.flush()
        self.record("add", memory, now, reason=reason)
        return memory

    def revise(
        self,
        memory: Memory,
        now: datetime,
        *,
        verb: Verb = "update",
        reason: str = UNSTATED,
        detail: Mapping[str, Any] | None = None,
        **changes: Unpack[MemoryFields],
    ) -> Memory:
        """Appends the next version of a lineage; what is not in ``changes`` is carried over.

        Raises:
            ConflictError: ``memory`` is not its lineage's current version, or the life cycle has
                no step to the new state.
        """
        if memory.superseded_at is not None:
            raise ConflictError(f"memory {memory.id} has been revised since it was read")
        carried: dict[str, Any] = {
            name: getattr(memory, name) for name in MemoryFields.__annotations__
        }
        if (state := changes.get("state", memory.state)) != memory.state:
            _require_step(memory.state, state)
            carried["payload"] = _awake(memory.payload)
        if "text" in changes or "payload" in changes:
            merged = {**carried, **changes}
            changes.setdefault("content_hash", _content_hash(memory.kind, merged))
        memory.superseded_at = now
        revised = Memory(
            id=new_id(ID_PREFIXES.get(memory.kind, "mem")),
            user_id=self._user_id,
            lineage_id=memory.lineage_id,
            version=memory.version + 1,
            kind=memory.kind,
            recorded_at=now,
            **{**carried, **changes},
        )
        self._session.add(revised)
        self._session.flush()
        self.record(verb, revised, now, reason=reason, from_state=memory.state, detail=detail)
        return revised

    def transition(
        self,
        memory: Memory,
        state: State,
        now: datetime,
        *,
        verb: Verb | None = None,
        reason: str = UNSTATED,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Moves a memory along its life cycle in place, so that its id stays good.

        The audit calls it by ``verb``, or by what such a step is called.

        Raises:
            ConflictError: the life cycle has no such step.
        """
        _require_step(memory.state, state)
        before = memory.state
        memory.state, memory.payload = state, _awake(memory.payload)
        verb = verb or _VERBS.get((before, state)) or _VERB_INTO[state]
        self.record(verb, memory, now, reason=reason, from_state=before, detail=detail)

    def let_sleep(self, memory: Memory, now: datetime, *, reason: str) -> None:
        """Archives what has decayed; it is dormant: kept, and woken by new evidence.

        Raises:
            ConflictError: it does not act.
        """
        self.transition(memory, "archived", now, reason=reason)
        memory.payload = {**memory.payload, DORMANT_SINCE: now.isoformat()}

    def record(
        self,
        verb: Verb,
        memory: Memory,
        now: datetime,
        *,
        reason: str = UNSTATED,
        from_state: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes an act on a memory into the audit; see ``MemoryEventRepository.append``."""
        self._events.append(
            verb,
            now,
            actor=self._actor,
            reason=reason,
            memory=memory,
            from_state=from_state,
            detail=detail,
        )

    def link(
        self,
        memory_id: str,
        source_type: SourceType,
        source_id: str,
        relation: Relation,
        now: datetime,
        quote: str | None = None,
    ) -> ProvenanceLink:
        """Records one reason for one version; the same reason twice is one link."""
        known = self._session.scalar(
            select(ProvenanceLink).where(
                ProvenanceLink.memory_id == memory_id,
                ProvenanceLink.source_type == source_type,
                ProvenanceLink.source_id == source_id,
                ProvenanceLink.relation == relation,
            )
        )
        if known is not None:
            return known
        link = ProvenanceLink(
            id=new_id("prv"),
            memory_id=memory_id,
            source_type=source_type,
            source_id=source_id,
            relation=relation,
            quote=quote,
            created_at=now,
        )
        self._session.add(link)
        self._session.flush()
        return link

    def link_observations(
        self, memory_id: str, quotes: Mapping[str, str], relation: Relation, now: datetime
    ) -> None:
        """Records what a version rests on that has no such reason yet.

        Args:
            memory_id: the version.
            quotes: the spans that show it, by observation.
            relation: supports or contradicts.
            now: the present.
        """
        self._session.add_all(
            ProvenanceLink(
                id=new_id("prv"),
                memory_id=memory_id,
                source_type="observation",
                source_id=observation_id,
                relation=relation,
                quote=quote,
                created_at=now,
            )
            for observation_id, quote in quotes.items()
        )
        self._session.flush()

    def purge(self, lineage_id: str, now: datetime, *, reason: str = UNSTATED) -> None:
        """Empties every version of a lineage and drops its links.

        The rows stay, with their content hashes, as the tombstone that keeps the same statement
        from being learned again. Reasons given for earlier acts on it are erased with it.
        """
        self._events.redact(lineage_id)
        for memory in self.history(lineage_id):
            if memory.state != "purged":
                self.transition(memory, "purged", now, reason=reason)
            memory.text = memory.reasoning = memory.blob_key = None
            memory.confidence = memory.durability = None
            memory.payload = {}
            memory.pinned, memory.scope, memory.expires_at = False, "private", None
            memory.superseded_at = memory.superseded_at or now
        for link in self.evidence(lineage_id):
            self._session.delete(link)
        self._session.flush()


def _require_step(before: str, after: str) -> None:
    if after not in TRANSITIONS[before]:
        ways = ", ".join(sorted(TRANSITIONS[before]))
        raise ConflictError(
            f"a memory that is {before} cannot become {after}",
            hint=f"From here it can become {ways}." if ways else "It was erased; add a new one.",
        )


def _awake(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name != DORMANT_SINCE}


def _content_hash(kind: str, fields: Mapping[str, Any]) -> str:
    text = fields.get("text")
    if kind == "proposition" and text is not None:
        return proposition_hash(text)
    return sha256_json([kind, text, fields.get("payload")])
