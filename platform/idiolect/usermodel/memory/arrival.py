"""An archive's rows on their way into one user's memories, inside one transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from idiolect.kit.ids import new_id
from idiolect.store.models import Memory, MemoryEvent, ProvenanceLink, Rating
from idiolect.store.repositories.adapter import AdapterRepository
from idiolect.store.repositories.memory import ID_PREFIXES, MemoryRepository
from idiolect.usermodel.memory.act import PRIVATE, Act
from idiolect.usermodel.memory.archive import Archive
from idiolect.usermodel.memory.records import (
    EventRecord,
    LinkRecord,
    MemoryRecord,
    RatingRecord,
    Row,
    named,
    parse,
    require_consistent,
    require_known,
)

_APART = frozenset({"lineage", "payload", "blob"})
"""What a record names otherwise than the table does."""

Fate = Literal["taken", "known", "forgotten"]


@dataclass(frozen=True, slots=True)
class Rows:
    """An archive's rows, each of which fits the others."""

    memories: list[MemoryRecord]
    links: list[LinkRecord]
    ratings: list[RatingRecord]
    events: list[EventRecord]


def read_rows(archive: Archive) -> Rows:
    """Reads and checks all rows of an archive.

    Raises:
        InvalidInputError: a row has not its form, or does not fit the others.
    """
    rows = Rows(
        _read(archive, "memories.jsonl", MemoryRecord),
        _read(archive, "links.jsonl", LinkRecord),
        _read(archive, "ratings.jsonl", RatingRecord),
        _read(archive, "events.jsonl", EventRecord),
    )
    require_consistent(rows.memories, archive.blobs)
    for others in (rows.links, rows.ratings, rows.events):
        require_known(others, rows.memories)
    return rows


def _read(archive: Archive, table: str, form: type[Row]) -> list[Row]:
    return [
        parse(record, form, f"{table}, line {number}")
        for number, record in enumerate(archive.records(table), start=1)
    ]


@dataclass(slots=True)
class Arrival:
    """Gives an archive's memories new ids and writes them.

    Attributes:
        keys: where the files of each blob lie, by its hash.
        fates: what becomes of each lineage, by the place of its version 1.
        ids: the new id of each place; that of the same content where it is known already, None
            where it was forgotten. They are given in the archive's order, in which they sort.
    """

    session: Session
    user_id: str
    rows: Rows
    keys: dict[str, str]
    now: datetime
    fates: dict[int, Fate] = field(default_factory=dict)
    ids: dict[int, str | None] = field(default_factory=dict)

    def take(self, act: Act, archive_hash: str) -> None:
        """Writes what is new: versions, links, ratings, the audit until now, and a row on this."""
        self._decide()
        versions = self._versions()
        self.session.add_all(versions.values())
        self.session.flush()
        self.session.add_all(self._links())
        self.session.add_all(self._ratings())
        self.session.add_all(self._events())
        self.session.flush()
        memories = MemoryRepository(self.session, self.user_id, act.actor)
        for memory in versions.values():
            memories.record(
                "import", memory, self.now, reason=act.reason, detail={"archive": archive_hash}
            )

    def count(self, fate: Fate) -> int:
        """How many lineages had this fate."""
        return sum(found == fate for found in self.fates.values())

    def _decide(self) -> None:
        here = MemoryRepository(self.session, self.user_id).all_versions()
        erased = {memory.content_hash for memory in here if memory.state == "purged"}
        current = {
            (memory.kind, memory.content_hash): memory.lineage_id
            for memory in here
            if memory.superseded_at is None
        }
        heads: dict[int, MemoryRecord] = {}
        for record in self.rows.memories:
            head = heads.get(record.lineage, record)
            heads[record.lineage] = max(head, record, key=lambda one: one.version)
        same = {
            lineage: current.get((head.kind, head.content_hash)) for lineage, head in heads.items()
        }
        for lineage, head in heads.items():
            is_erased = head.content_hash in erased
            if head.state == "purged":
                self.fates[lineage] = "known" if is_erased else "taken"
            elif same[lineage] is not None:
                self.fates[lineage] = "known"
            else:
                self.fates[lineage] = "forgotten" if is_erased else "taken"
        for place, record in enumerate(self.rows.memories):
            if self.fates[record.lineage] == "taken":
                self.ids[place] = new_id(ID_PREFIXES.get(record.kind, "mem"))
            else:
                self.ids[place] = same[record.lineage]

    def _is_taken(self, place: int) -> bool:
        return self.fates[self.rows.memories[place].lineage] == "taken"

    def _versions(self) -> dict[int, Memory]:
        serving = AdapterRepository(self.session, self.user_id).serving()
        return {
            place: Memory(
                id=self.ids[place],
                user_id=self.user_id,
                lineage_id=self.ids[record.lineage],
                payload=named(record.payload, self.ids),
                blob_key=self.keys[record.blob] if record.blob else None,
                scope=PRIVATE,
                **self._plain(record, is_served=serving is not None),
            )
            for place, record in enumerate(self.rows.memories)
            if self._is_taken(place)
        }

    @staticmethod
    def _plain(record: MemoryRecord, *, is_served: bool) -> dict[str, object]:
        fields = {
            name: getattr(record, name) for name in MemoryRecord.model_fields if name not in _APART
        }
        if is_served and (record.kind, record.state) == ("adapter", "activated"):
            fields["state"] = "archived"
        return fields

    def _links(self) -> list[ProvenanceLink]:
        links: dict[tuple[str, str, str, str], ProvenanceLink] = {}
        for record in self.rows.links:
            memory_id = self.ids[record.memory]
            source = self.ids[record.source] if isinstance(record.source, int) else record.source
            if memory_id is None or source is None or not self._is_taken(record.memory):
                continue
            key = (memory_id, record.source_type, source, record.relation)
            if key not in links:  # two that are one here lead to the same
                links[key] = ProvenanceLink(
                    id=new_id("prv"),
                    memory_id=memory_id,
                    source_type=record.source_type,
                    source_id=source,
                    relation=record.relation,
                    quote=record.quote,
                    created_at=record.created_at,
                )
        return list(links.values())

    def _ratings(self) -> list[Rating]:
        return [
            Rating(
                id=new_id("rat"),
                user_id=self.user_id,
                memory_id=self.ids[record.memory],
                lineage_id=self.ids[self.rows.memories[record.memory].lineage],
                author=record.author,
                raw=record.raw,
                mark=record.mark,
                at=record.at,
            )
            for record in self.rows.ratings
            if self._is_taken(record.memory)
        ]

    def _events(self) -> list[MemoryEvent]:
        return [
            MemoryEvent(
                id=new_id("mev"),
                user_id=self.user_id,
                memory_id=self.ids[record.memory],
                lineage_id=self.ids[self.rows.memories[record.memory].lineage],
                at=record.at,
                verb=record.verb,
                from_state=record.from_state,
                to_state=record.to_state,
                actor=record.actor,
                reason=record.reason,
                detail=named(record.detail, self.ids),
            )
            for record in self.rows.events
            if self._is_taken(record.memory)
        ]
