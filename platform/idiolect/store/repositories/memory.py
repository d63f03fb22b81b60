"""One user's memories: append-only versions, their life cycle and what each rests on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict, Unpack

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from idiolect.errors import ConflictError, NotFoundError
from idiolect.kit.hashing import sha256_json
from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, ProvenanceLink
from idiolect.store.repositories.memory_event import SYSTEM, MemoryEventRepository, Verb
from idiolect.store.repositories.page import Page, paginate

Kind = Literal["proposition", "profile", "reward", "steering", "adapter", "cache"]
State = Literal["generated", "activated", "merged", "archived", "expired", "purged"]
SourceType = Literal["observation", "memory", "preference", "message"]
Relation = Literal["supports", "contradicts", "derived_from", "trained_on"]

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

ACTIVE: tuple[State, ...] = ("activated",)
"""The states in which a memory acts."""


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


def is_indexed(memory: Memory) -> bool:
    """Whether a memory's vector is kept: a proposition's while it acts, or if it was rejected.

    What was rejected stays findable, so that it is recognized and refused when it comes again.
    """
    if memory.kind != "proposition":
        return False
    return memory.state == "activated" or memory.payload.get("verdict") == "rejected"


class MemoryRepository:
    """Reads and writes one user's memories inside the caller's transaction.

    Whatever changes a state does so here, and here it is written into the audit: no caller can
    forget to.

    Args:
        actor: who acts: the user, the system, or the id of an API key.
    """

    def __init__(self, session: Session, user_id: str, actor: str = SYSTEM) -> None:
        self._session = session
        self._user_id = user_id
        self._actor = actor
        self._events = MemoryEventRepository(session, user_id)

    # Writing

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
        if (state := changes.get("state", memory.state)) != memory.state:
            _require_step(memory.state, state)
        carried: dict[str, Any] = {
            name: getattr(memory, name) for name in MemoryFields.__annotations__
        }
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
        reason: str = UNSTATED,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Moves a memory along its life cycle in place, so that its id stays good.

        Raises:
            ConflictError: the life cycle has no such step.
        """
        _require_step(memory.state, state)
        before = memory.state
        memory.state = state
        verb = _VERBS.get((before, state)) or _VERB_INTO[state]
        self.record(verb, memory, now, reason=reason, from_state=before, detail=detail)

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

    # Reading

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
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Memory]:
        """One page of current versions, newest first, whose text has ``containing`` in it.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = self._matching(kind, states)
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
        query = self._current().where(Memory.lineage_id.in_(list(lineage_ids)))
        return {memory.lineage_id: memory for memory in self._session.scalars(query)}

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

    def as_of(self, moment: datetime, kind: Kind) -> Sequence[Memory]:
        """What the store believed at a moment, newest first, whatever it believes now."""
        query = (
            self._own()
            .where(
                Memory.kind == kind,
                Memory.recorded_at <= moment,
                or_(Memory.superseded_at.is_(None), Memory.superseded_at > moment),
            )
            .order_by(Memory.recorded_at.desc(), Memory.id.desc())
        )
        return self._session.scalars(query).all()

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
                Memory.user_id == self._user_id,
                Memory.lineage_id.in_(list(lineage_ids)),
                ProvenanceLink.source_type == source_type,
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

    def _indexed(self) -> Select[Memory]:
        rejected = Memory.payload["verdict"].as_string() == "rejected"
        return self._current().where(
            Memory.kind == "proposition", or_(Memory.state == "activated", rejected)
        )

    def _links(self) -> Select[ProvenanceLink]:
        return (
            select(ProvenanceLink)
            .join(Memory, Memory.id == ProvenanceLink.memory_id)
            .where(Memory.user_id == self._user_id)
        )


def _require_step(before: str, after: str) -> None:
    if after not in TRANSITIONS[before]:
        ways = ", ".join(sorted(TRANSITIONS[before]))
        raise ConflictError(
            f"a memory that is {before} cannot become {after}",
            hint=f"From here it can become {ways}." if ways else "It was erased; add a new one.",
        )


def _content_hash(kind: str, fields: Mapping[str, Any]) -> str:
    text = fields.get("text")
    if kind == "proposition" and text is not None:
        return proposition_hash(text)
    return sha256_json([kind, text, fields.get("payload")])
