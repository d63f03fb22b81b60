"""What others than the user are shown of the record that a reply keeps of what acted on it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from idiolect.store.models import Memory
from idiolect.store.repositories.memory_conditions import shown_to

Record = Mapping[str, Any]


def shown_records(
    session: Session, user_id: str, records: Sequence[Record], scopes: Collection[str] | None
) -> list[dict[str, Any]]:
    """Replies' records without the propositions that a reader is not shown anywhere else.

    A system message says in words of its own what such a proposition asks for, so where one acted
    it is left out as a whole.

    Args:
        records: as the replies keep them, see ``Context.as_acted``.
        scopes: with which scopes the reader is shown memories; None for the owner.
    """
    if scopes is None:
        return [dict(record) for record in records]
    named = {id for record in records for id in _named(record)}
    shown = set(
        session.scalars(
            select(Memory.id).where(
                Memory.user_id == user_id, Memory.id.in_(named), shown_to(user_id, scopes)
            )
        )
    )
    return [_without(record, named - shown) for record in records]


def _named(record: Record) -> Iterator[str]:
    yield from (one["id"] for one in record.get("memories", ()))
    yield from (one["proposition_id"] for one in _adaptations(record))


def _adaptations(record: Record) -> Sequence[Record]:
    adaptations: Sequence[Record] = record.get("charter", {}).get("adaptations", ())
    return adaptations


def _without(record: Record, hidden: Collection[str]) -> dict[str, Any]:
    if not any(id in hidden for id in _named(record)):
        return dict(record)
    left: dict[str, Any] = {
        "system": "",
        "memories": [one for one in record.get("memories", ()) if one["id"] not in hidden],
    }
    if "charter" in record:
        kept = [one for one in _adaptations(record) if one["proposition_id"] not in hidden]
        left["charter"] = {**record["charter"], "adaptations": kept}
    return {**record, **left}
