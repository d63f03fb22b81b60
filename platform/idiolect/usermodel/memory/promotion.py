"""Promoting what is known to a form that acts faster, and demoting what no longer fits.

The cube's ladder: text (propositions) becomes keys and values (a cache), and by training weights.
What stands higher is computed from what stands lower, so it is demoted and never promoted wrongly:
a cache ends and its file goes; what took training is put aside and can be promoted again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from idiolect.errors import ConflictError, NotFoundError
from idiolect.kit.clock import Clock
from idiolect.lm.protocols import AdapterRef, ComputedPrefix, PrefixRef
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.models import Job, Memory
from idiolect.store.models.memory import Kind, State
from idiolect.store.repositories.job import enqueue
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.memory.act import Act, by_system
from idiolect.usermodel.memory.checks import require_seen
from idiolect.usermodel.memory.deletion import STALE, remove_unused

BASE_CHANGED = "the base model changed"
SOURCE_CHANGED = "something it was made from changed"
CHARTER_CHANGED = "the charter changed"
ADAPTER_CHANGED = "another adapter serves, or none"
REPLACED = "another prefix took its place"

DEMOTED_TO: Mapping[str, State] = {
    "cache": "expired",
    "adapter": "archived",
    "steering": "archived",
    "reward": "archived",
}
"""By kind, what a demoted memory becomes. Text is not demoted: nothing stands below it."""

_KINDS: tuple[Kind, ...] = ("cache", "adapter", "steering", "reward")
_KEPT: tuple[State, ...] = ("generated", "activated", "archived")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the stable beginning of a user's contexts stands on.

    Attributes:
        head: the first paragraphs of the system message.
        sources: ids of the propositions that it says.
        charter: the charter's version.
        adapter: that serves the user.
    """

    head: str
    sources: Sequence[str]
    charter: str
    adapter: AdapterRef | None


class Promotions:
    """Promotes and demotes the memories of all users; every act is a row of the audit.

    Args:
        database: where memories, links and the audit lie.
        blobs: the files.
        clock: gives the present.
    """

    def __init__(self, database: Database, blobs: BlobStore, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def keep_prefix(
        self, user_id: str, computed: ComputedPrefix, folder: Path, standing: Standing, act: Act
    ) -> Memory:
        """Keeps a computed prefix as a memory that acts; the one before is demoted.

        Args:
            folder: holds its file and nothing else.
            standing: what it was computed from.

        Raises:
            NotFoundError: a proposition that it says was erased meanwhile.
        """
        key = self._blobs.put_dir(folder)
        files: list[str] = [key]  # to be removed again unless the memory is there
        try:
            with self._open(user_id, act) as (_, memories):
                earlier = memories.list_current("cache")
                said = [memories.get(source) for source in standing.sources]
                for source in said:
                    memories.current(source.id)  # raises when it was erased
                kept = memories.add(
                    "cache",
                    self._clock(),
                    reason=act.reason,
                    state="activated",
                    blob_key=key,
                    content_hash=computed.key,
                    payload=_payload(computed, standing, said),
                )
                self._link(memories, kept, standing, said)
                memories.record(
                    "promote",
                    kept,
                    self._clock(),
                    reason=act.reason,
                    from_state=kept.state,
                    detail={"to": "kv", "tokens": computed.tokens},
                )
                for one in earlier:
                    files += self._let_go(memories, one, REPLACED)
        finally:
            remove_unused(self._database, self._blobs, files)
        return kept

    def prefix_of(self, user_id: str, adapter: AdapterRef | None, charter: str) -> PrefixRef | None:
        """The computed prefix that serves a user; None without one.

        One that no longer fits what it was made from is demoted here, and does not serve.

        Args:
            adapter: that is to act on the reply.
            charter: the version that acts on it.
        """
        with self._database.transaction() as session:
            memories = MemoryRepository(session, user_id)
            caches = memories.list_current("cache")
            kept = next((one for one in caches if "sha256" in one.payload), None)
            why = None if kept is None else _misfit(memories, kept, adapter, charter)
        if kept is None or kept.blob_key is None:
            return None
        if why is None:
            file = self._blobs.path(kept.blob_key) / kept.payload["file"]
            return PrefixRef(user_id, file, kept.payload["sha256"])
        with suppress(ConflictError, NotFoundError):  # somebody else has done so, or erased it
            self.demote(user_id, kept.id, by_system(why))
        return None

    def demote(self, user_id: str, memory_id: str, act: Act) -> Memory:
        """Takes a promoted memory out of service; see ``DEMOTED_TO``.

        Raises:
            NotFoundError: the user has no such memory, or it was erased.
            ConflictError: it is text, or is not promoted; or it is not the version that was seen.
        """
        with self._open(user_id, act) as (_, memories):
            memory = memories.current(memory_id)
            require_seen(memory, act)
            if memory.kind not in DEMOTED_TO or memory.state != "activated":
                raise ConflictError(
                    f"memory {memory_id} is a {memory.kind} and {memory.state}: it is not promoted",
                    hint="To put a proposition aside, use `idiolect memories archive`.",
                )
            files = self._let_go(memories, memory, act.reason)
        remove_unused(self._database, self._blobs, files)
        return memory

    def train(self, user_id: str, act: Act) -> Job:
        """Asks for a training, which promotes text to weights: an adapter that the gate judges."""
        now = self._clock()
        with self._open(user_id, act) as (session, _):
            job = enqueue(session, user_id, "train", {}, now=now)
            MemoryEventRepository(session, user_id).append(
                "promote",
                now,
                actor=act.actor,
                reason=act.reason,
                detail={"to": "lora", "job": job.id},
            )
        return job

    def settle_base(self, user_id: str, base: str) -> list[str]:
        """Demotes what was made for another base model than the one that serves now.

        What cannot act on this base is marked stale, in whatever state it is; the mark goes when
        its base is back, and promoting it again is the user's.

        Args:
            base: the hash of the base that serves.

        Returns:
            The ids of the memories that were changed.
        """
        act = by_system(BASE_CHANGED)
        changed: dict[str, None] = {}
        files: list[str] = []
        with self._open(user_id, act) as (_, memories):
            found = [one for kind in _KINDS for one in memories.list_current(kind, states=_KEPT)]
            for memory in found:
                fits = base_of(memory) in (None, base)
                mark = memory.payload.get(STALE)
                if not fits and memory.state == "activated":
                    files += self._let_go(memories, memory, BASE_CHANGED)
                    changed[memory.id] = None
                if memory.kind != "cache" and mark == (BASE_CHANGED if fits else None):
                    self._mark(memories, memory, is_stale=not fits)
                    changed[memory.id] = None
        remove_unused(self._database, self._blobs, files)
        return list(changed)

    def _let_go(self, memories: MemoryRepository, memory: Memory, reason: str) -> list[str]:
        """Demotes; gives the keys of files that go, those of a cache alone."""
        now = self._clock()
        memories.transition(memory, DEMOTED_TO[memory.kind], now, verb="demote", reason=reason)
        if memory.kind == "adapter":
            memory.valid_to = now
        if memory.kind != "cache" or memory.blob_key is None:
            return []
        key, memory.blob_key = memory.blob_key, None
        return [key]

    def _mark(self, memories: MemoryRepository, memory: Memory, *, is_stale: bool) -> None:
        plain = {name: value for name, value in memory.payload.items() if name != STALE}
        memory.payload = {**plain, STALE: BASE_CHANGED} if is_stale else plain
        memories.record(
            "mark_stale" if is_stale else "mark_fresh",
            memory,
            self._clock(),
            reason=BASE_CHANGED if is_stale else "its base model is back",
            from_state=memory.state,
        )

    def _link(
        self,
        memories: MemoryRepository,
        kept: Memory,
        standing: Standing,
        said: Iterable[Memory],
    ) -> None:
        sources = [source.lineage_id for source in said]
        if standing.adapter is not None:
            sources.append(standing.adapter.name)
        for source in dict.fromkeys(sources):
            memories.link(kept.id, "memory", source, "derived_from", self._clock())

    @contextmanager
    def _open(self, user_id: str, act: Act) -> Iterator[tuple[Session, MemoryRepository]]:
        """A transaction that no other act on this user's memories runs beside."""
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            yield session, MemoryRepository(session, user_id, act.actor)


def base_of(memory: Memory) -> str | None:
    """The hash of the base model that a memory was made for; None if it says none."""
    card = memory.payload.get("card") or {}
    named = card.get("base", {}).get("hash") or memory.payload.get("base")
    return str(named) if named else None


def _payload(
    computed: ComputedPrefix, standing: Standing, said: Iterable[Memory]
) -> dict[str, Any]:
    return {
        "file": computed.file,
        "sha256": computed.sha256,
        "tokens": computed.tokens,
        "base": computed.base,
        "numerics": computed.numerics,
        "adapter": standing.adapter.name if standing.adapter else None,
        "charter": standing.charter,
        "sources": [
            {"lineage": source.lineage_id, "content_hash": source.content_hash} for source in said
        ],
    }


def _misfit(
    memories: MemoryRepository, kept: Memory, adapter: AdapterRef | None, charter: str
) -> str | None:
    """Why a prefix no longer fits; None while it does."""
    if kept.payload["adapter"] != (adapter.name if adapter else None):
        return ADAPTER_CHANGED
    if kept.payload["charter"] != charter:
        return CHARTER_CHANGED
    said = {source["lineage"]: source["content_hash"] for source in kept.payload["sources"]}
    now = {
        lineage: memory.content_hash
        for lineage, memory in memories.by_lineage(said).items()
        if memory.state == "activated"
    }
    return None if now == said else SOURCE_CHANGED
