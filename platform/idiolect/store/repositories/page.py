"""Pages of a listing: the rows after a cursor, and the cursor of the next page.

A cursor holds the last row's place (its sort value and id), not a count, so rows that come or go
between two requests neither repeat nor hide others.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from idiolect.errors import InvalidInputError
from idiolect.store.models.base import UtcDateTime

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows in their order; ``next_cursor`` is None on the last page."""

    items: list[Row]
    next_cursor: str | None


def paginate(
    session: Session,
    statement: Select[Row],
    sort: InstrumentedAttribute[Any],
    key: InstrumentedAttribute[str],
    *,
    limit: int,
    cursor: str | None = None,
    descending: bool = True,
) -> Page[Row]:
    """One page of a statement that selects one entity.

    Args:
        sort: the entity's column that orders the listing: a time, number or text, never NULL.
        key: the entity's id, which settles ties.

    Raises:
        InvalidInputError: code INVALID_CURSOR, the cursor was not made by this listing.
    """
    if cursor is not None:
        value, last = _decode(cursor, _type_of(sort))
        beyond = (sort < value, key < last) if descending else (sort > value, key > last)
        statement = statement.where(or_(beyond[0], and_(sort == value, beyond[1])))
    order = (sort.desc(), key.desc()) if descending else (sort.asc(), key.asc())
    rows = list(session.scalars(statement.order_by(*order).limit(limit + 1)))
    if len(rows) <= limit:
        return Page(rows, None)
    last_row = rows[limit - 1]
    return Page(rows[:limit], _encode(getattr(last_row, sort.key), getattr(last_row, key.key)))


def _type_of(column: InstrumentedAttribute[Any]) -> type:
    return datetime if isinstance(column.type, UtcDateTime) else column.type.python_type


def _encode(value: datetime | float | str, key: str) -> str:
    plain = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([plain, key]).encode()).decode().rstrip("=")


def _decode(cursor: str, value_type: type) -> tuple[Any, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        value, key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if value_type is datetime:
            value = datetime.fromisoformat(value)
            if value.tzinfo is None:
                raise ValueError("a time without a zone")
        elif not isinstance(value, value_type):
            raise TypeError(f"not of type {value_type}")
        if not isinstance(key, str):
            raise TypeError("the id is not a text")
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidInputError(
            "the cursor was not made by this listing",
            code="INVALID_CURSOR",
            hint="Start again from the first page, without a cursor.",
        ) from error
    return value, key
