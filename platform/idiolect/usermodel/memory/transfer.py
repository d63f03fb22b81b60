"""Taking one user's memories out as an archive, and in again elsewhere."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from idiolect.errors import InvalidInputError
from idiolect.store.blobs import BlobStore
from idiolect.store.database import Database
from idiolect.store.repositories.memory import MemoryRepository
from idiolect.store.repositories.memory_event import MemoryEventRepository
from idiolect.store.repositories.provenance import ProvenanceRepository
from idiolect.store.repositories.rating import RatingRepository
from idiolect.store.repositories.user import UserRepository
from idiolect.usermodel.index import PropositionIndex
from idiolect.usermodel.memory.act import Act
from idiolect.usermodel.memory.archive import Archive, Limits, open_archive, write_archive
from idiolect.usermodel.memory.arrival import Arrival, read_rows
from idiolect.usermodel.memory.deletion import remove_unused
from idiolect.usermodel.memory.records import event_of, link_of, rating_of, record_of


@dataclass(frozen=True, slots=True)
class Exported:
    """How much an archive holds."""

    versions: int
    links: int
    ratings: int
    events: int
    blobs: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an archive's lineages.

    Attributes:
        taken: were not there and are now.
        known: were there with the same content already.
        forgotten: say what this user has had forgotten, and were left out.
    """

    taken: int
    known: int
    forgotten: int


class Transfer:
    """Exports and imports, over the same stores as ``Memories``."""

    def __init__(self, database: Database, index: PropositionIndex, blobs: BlobStore) -> None:
        self._database = database
        self._index = index
        self._blobs = blobs

    def export(self, user_id: str, target: Path, act: Act, now: datetime) -> Exported:
        """Writes all memories of all kinds with their versions, links, ratings, audit and files.

        Raises:
            ConflictError: files are gone, or are neither JSON nor safetensors.
        """
        with self._database.transaction() as session:
            UserRepository(session, user_id).hold()
            versions = MemoryRepository(session, user_id).all_versions()
            links = ProvenanceRepository(session, user_id).links()
            known = {memory.id for memory in versions}
            rated = RatingRepository(session, user_id).all()
            ratings = [rating for rating in rated if rating.memory_id in known]
            audit = MemoryEventRepository(session, user_id)
            events = [event for event in audit.oldest_first() if event.memory_id is not None]
            counts = {
                "versions": len(versions),
                "links": len(links),
                "ratings": len(ratings),
                "events": len(events),
            }
            audit.append("export", now, actor=act.actor, reason=act.reason, detail=counts)
        places = {memory.id: place for place, memory in enumerate(versions)}
        keys = {memory.blob_key for memory in versions if memory.blob_key is not None}
        tables = {
            "memories.jsonl": (record_of(one, places) for one in versions),
            "links.jsonl": (link_of(one, places) for one in links),
            "ratings.jsonl": (rating_of(one, places) for one in ratings),
            "events.jsonl": (event_of(one, places) for one in events),
        }
        write_archive(
            target,
            {
                name: (record.model_dump(mode="json") for record in records)
                for name, records in tables.items()
            },
            {key.rpartition("/")[2]: self._blobs.path(key) for key in keys},
        )
        return Exported(blobs=len(keys), **counts)

    def import_(
        self, user_id: str, source: Path, act: Act, now: datetime, limits: Limits | None = None
    ) -> Imported:
        """Takes an archive in, all of it or nothing, under new ids and shared with nobody.

        What this user has with the same content stays as it is; what they have had forgotten
        stays forgotten. An adapter that served where it comes from is archived here when another
        one serves.

        Raises:
            InvalidInputError: the archive is not sound; see ``open_archive``.
            PayloadTooLargeError: it is over the limits.
        """
        with open_archive(source, limits or Limits()) as archive:
            rows = read_rows(archive)
            added, keys = self._take_blobs(archive)
            try:
                with self._database.transaction() as session:
                    UserRepository(session, user_id).hold()
                    arrival = Arrival(session, user_id, rows, keys, now)
                    arrival.take(act, archive.content_hash)
            finally:  # of those whose memories were not taken in, too
                remove_unused(self._database, self._blobs, added)
        self._index.rebuild(user_id)
        return Imported(
            taken=arrival.count("taken"),
            known=arrival.count("known"),
            forgotten=arrival.count("forgotten"),
        )

    def _take_blobs(self, archive: Archive) -> tuple[list[str], dict[str, str]]:
        """Puts the files; gives the keys that are new here, and the key of each hash."""
        added: list[str] = []
        keys: dict[str, str] = {}
        for digest in archive.blobs:
            keys[digest] = f"sha256/{digest[:2]}/{digest}"
            if self._blobs.path(keys[digest]).is_dir():
                continue
            with tempfile.TemporaryDirectory() as work:
                archive.extract(digest, Path(work))
                key = self._blobs.put_dir(Path(work))
            added.append(key)
            if key != keys[digest]:
                remove_unused(self._database, self._blobs, added)
                raise InvalidInputError(
                    f"the files of blob {digest} have another hash",
                    hint="Export the memories again; nothing of this file was taken in.",
                )
        return added, keys
