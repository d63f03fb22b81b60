"""An archive's rows: memories, links, ratings and events, without the ids of where they come from.

A memory is named by its place in the archive; where its payload or an event names another one,
``{"$memory": place}`` stands for it. So equal memories make equal archives wherever they lie. Who
they are shared with is left out: keys are of one installation, and sharing is decided anew.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from idiolect.errors import InvalidInputError
from idiolect.store.models import Memory, MemoryEvent, ProvenanceLink, Rating
from idiolect.store.models.memory import Kind, Relation, SourceType, State
from idiolect.store.repositories.memory import proposition_hash
from idiolect.store.repositories.memory_event import LONGEST_REASON, Verb
from idiolect.usermodel.calibration.recalibrate import Mark

Place = Annotated[int, Field(ge=0)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=40)]
_REFERENCE = "$memory"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MemoryRecord(_Record):
    """One version; ``blob`` is the hash of its files, ``lineage`` the place of version 1."""

    lineage: Place
    version: Annotated[int, Field(ge=1)]
    kind: Kind
    state: State
    text: str | None
    reasoning: str | None
    confidence: Annotated[float, Field(gt=0, lt=1)] | None
    durability: Annotated[float, Field(ge=0, le=1)] | None
    payload: dict[str, Any]
    blob: Digest | None
    content_hash: Digest
    valid_from: AwareDatetime | None
    valid_to: AwareDatetime | None
    supported_at: AwareDatetime | None
    pinned: bool
    expires_at: AwareDatetime | None
    recorded_at: AwareDatetime
    superseded_at: AwareDatetime | None


class LinkRecord(_Record):
    """One reason of a version; the source is a place if it is a memory."""

    memory: Place
    source_type: SourceType
    source: Place | Name
    relation: Relation
    quote: str | None
    created_at: AwareDatetime


class RatingRecord(_Record):
    """What the user said of a version."""

    memory: Place
    author: Annotated[str, Field(min_length=1, max_length=100)]
    raw: Annotated[float, Field(gt=0, lt=1)]
    mark: Mark
    at: AwareDatetime


class EventRecord(_Record):
    """One act on a version."""

    memory: Place
    at: AwareDatetime
    verb: Verb
    from_state: State | None
    to_state: State | None
    actor: Name
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    detail: dict[str, Any]


Row = TypeVar("Row", bound=_Record)
Places = Mapping[str, int]
"""Where each memory of an export stands, by id."""


def record_of(memory: Memory, places: Places) -> MemoryRecord:
    """A memory's row for the archive."""
    plain = {
        name: getattr(memory, name)
        for name in MemoryRecord.model_fields
        if name not in ("lineage", "payload", "blob")
    }
    return MemoryRecord(
        lineage=places[memory.lineage_id],
        payload=placed(memory.payload, places),
        blob=memory.blob_key.rpartition("/")[2] if memory.blob_key else None,
        **plain,
    )


def link_of(link: ProvenanceLink, places: Places) -> LinkRecord:
    """A link's row for the archive."""
    return LinkRecord.model_validate(
        {
            "memory": places[link.memory_id],
            "source_type": link.source_type,
            "source": places.get(link.source_id, link.source_id),
            "relation": link.relation,
            "quote": link.quote,
            "created_at": link.created_at,
        }
    )


def rating_of(rating: Rating, places: Places) -> RatingRecord:
    """A rating's row for the archive."""
    plain = {name: getattr(rating, name) for name in RatingRecord.model_fields if name != "memory"}
    return RatingRecord.model_validate({"memory": places[rating.memory_id], **plain})


def event_of(event: MemoryEvent, places: Places) -> EventRecord:
    """An event's row for the archive."""
    fields = ("at", "verb", "from_state", "to_state", "actor", "reason")
    return EventRecord.model_validate(
        {
            "memory": places[event.memory_id or ""],
            "detail": placed(event.detail, places),
            **{name: getattr(event, name) for name in fields},
        }
    )


def parse(record: Mapping[str, Any], form: type[Row], where: str) -> Row:
    """A row of the archive in its form.

    Raises:
        InvalidInputError: it has not this form.
    """
    try:
        return form.model_validate(record)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidInputError(
            f"{where}: {field}: {first['msg']}", hint="Export the memories again."
        ) from error


def require_known(
    rows: Sequence[LinkRecord | RatingRecord | EventRecord], memories: Sequence[MemoryRecord]
) -> None:
    """Each link, rating and event is of a memory in the archive; only memories are named by place.

    Raises:
        InvalidInputError: one is not.
    """
    for number, row in enumerate(rows, start=1):
        places = [row.memory]
        if isinstance(row, LinkRecord):
            if isinstance(row.source, int) != (row.source_type == "memory"):
                raise InvalidInputError(
                    f"links.jsonl, line {number}: the source is not of its type",
                    hint="Export the memories again.",
                )
            places += [row.source] if isinstance(row.source, int) else []
        if max(places) >= len(memories):
            raise InvalidInputError(
                f"line {number}: there is no memory {max(places)}",
                hint="Export the memories again.",
            )


def require_consistent(memories: Sequence[MemoryRecord], blobs: Mapping[str, object]) -> None:
    """Every lineage is whole, has one current version at most, and says what its hash says.

    Raises:
        InvalidInputError: one does not.
    """
    seen: set[tuple[int, int]] = set()
    current: set[int] = set()
    serving = 0
    for place, record in enumerate(memories):
        if record.lineage > place or memories[record.lineage].lineage != record.lineage:
            raise _broken(place, "its lineage is not there")
        if memories[record.lineage].kind != record.kind:
            raise _broken(place, "its lineage is of another kind")
        if (record.lineage, record.version) in seen:
            raise _broken(place, "its version is there twice")
        seen.add((record.lineage, record.version))
        if record.superseded_at is None:
            if record.lineage in current or record.state == "purged":
                raise _broken(place, "its lineage has another current version")
            current.add(record.lineage)
            serving += (record.kind, record.state) == ("adapter", "activated")
        if record.blob is not None and record.blob not in blobs:
            raise _broken(place, "its files are missing")
        if record.state == "purged" and (record.text or record.payload or record.blob):
            raise _broken(place, "it was erased and still says something")
        if (
            record.kind == "proposition"
            and record.text is not None
            and record.content_hash != proposition_hash(record.text)
        ):
            raise _broken(place, "its hash is not that of its text")
    if serving > 1:
        raise _broken(len(memories) - 1, "two adapters serve at once")


def placed(value: Any, places: Places) -> Any:
    """A JSON value in which places stand for the ids of memories."""
    return _mapped(value, lambda leaf: _to_place(leaf, places))


def named(value: Any, ids: Mapping[int, str | None]) -> Any:
    """A JSON value in which the new ids stand for places; None for one that was not taken in."""
    return _mapped(value, lambda leaf: _to_id(leaf, ids))


def _mapped(value: Any, leaf: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict) and set(value) != {_REFERENCE}:
        return {key: _mapped(item, leaf) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, leaf) for item in value]
    return leaf(value)


def _to_place(leaf: Any, places: Places) -> Any:
    return {_REFERENCE: places[leaf]} if isinstance(leaf, str) and leaf in places else leaf


def _to_id(leaf: Any, ids: Mapping[int, str | None]) -> Any:
    if isinstance(leaf, dict) and isinstance(leaf[_REFERENCE], int):
        return ids.get(leaf[_REFERENCE])
    return leaf


def _broken(place: int, what: str) -> InvalidInputError:
    return InvalidInputError(
        f"memories.jsonl, line {place + 1}: {what}", hint="Export the memories again."
    )
