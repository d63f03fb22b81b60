"""One user's suggestions: what was offered to them, and what became of each offer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from idiolect.errors import ConflictError, NotFoundError
from idiolect.kit.ids import new_id
from idiolect.store.models import Suggestion
from idiolect.store.repositories.page import Page, paginate

Stored = Literal["now", "later", "digest"]
"""The outcomes that are kept; what is dropped leaves no row."""

SuggestionState = Literal["waiting", "shown", "accepted", "dismissed", "ignored"]

OPEN: tuple[SuggestionState, ...] = ("waiting", "shown")
"""The states in which an offer still can be answered."""


class SuggestionRepository:
    """Reads and writes one user's suggestions inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def add(
        self,
        *,
        kind: str,
        text: str,
        prompt: str | None,
        evidence: Sequence[str],
        stakes: Mapping[str, float],
        outcome: Stored,
        reason: str,
        valid_until: datetime,
        now: datetime,
        again_at: datetime | None = None,
    ) -> Suggestion:
        """Stores an offer that waits to be shown; see ``Suggestion`` for each column."""
        row = Suggestion(
            id=new_id("sug"),
            user_id=self._user_id,
            kind=kind,
            text=text,
            prompt=prompt,
            evidence=list(evidence),
            stakes=dict(stakes),
            outcome=outcome,
            reason=reason,
            again_at=again_at,
            state="waiting",
            created_at=now,
            valid_until=valid_until,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def get(self, suggestion_id: str) -> Suggestion:
        """One suggestion, as the database has it now.

        Raises:
            NotFoundError: the user has no such suggestion.
        """
        row = self._session.scalar(
            self._own(Suggestion.id == suggestion_id), execution_options={"populate_existing": True}
        )
        if row is None:
            raise NotFoundError(f"there is no suggestion {suggestion_id}")
        return row

    def page(
        self,
        *,
        states: Collection[SuggestionState] = OPEN,
        outcome: Stored | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Suggestion]:
        """The suggestions in these states and, when given, of one outcome; the newest first.

        Raises:
            InvalidInputError: the cursor is not one of this list's.
        """
        query = self._own(Suggestion.state.in_(states))
        if outcome is not None:
            query = query.where(Suggestion.outcome == outcome)
        return paginate(
            self._session, query, Suggestion.created_at, Suggestion.id, limit=limit, cursor=cursor
        )

    def open(self) -> list[Suggestion]:
        """All that can still be answered, the earliest first."""
        return self._in_order(Suggestion.state.in_(OPEN))

    def waiting(self) -> list[Suggestion]:
        """All that were never shown, the earliest first."""
        return self._in_order(Suggestion.state == "waiting")

    def recent_texts(self, *, since: datetime, now: datetime) -> list[str]:
        """What was shown and should not be offered again, whatever became of it.

        That is whatever was made after ``since``, and older ones whose own time is not over.
        """
        recent = or_(Suggestion.created_at > since, Suggestion.valid_until > now)
        return [row.text for row in self._in_order(Suggestion.state != "waiting", recent)]

    def show(self, rows: Collection[Suggestion], now: datetime) -> None:
        """Records that the user was shown these; what was shown or answered before stays so."""
        for row in rows:
            if row.state == "waiting":
                row.state, row.shown_at = "shown", now
        self._session.flush()

    def answer(
        self,
        suggestion_id: str,
        state: Literal["accepted", "dismissed", "ignored"],
        now: datetime,
    ) -> Suggestion:
        """Records what the user did with an offer, once and for all.

        Raises:
            NotFoundError: the user has no such suggestion.
            ConflictError: it was answered before (``SUGGESTION_ANSWERED``).
        """
        answered = (
            update(Suggestion)
            .where(
                Suggestion.id == suggestion_id,
                Suggestion.user_id == self._user_id,
                Suggestion.state.in_(OPEN),
            )
            .values(state=state, answered_at=now)
        )
        changed = self._session.scalar(answered.returning(Suggestion.id)) is not None
        row = self.get(suggestion_id)
        if not changed:
            raise ConflictError(
                f"the suggestion was {row.state} already",
                code="SUGGESTION_ANSWERED",
                hint="A suggestion is answered once; the list has those that are still open.",
            )
        return row

    def lapse(self, now: datetime) -> list[Suggestion]:
        """Ends the offers whose time is over, and gives those that were shown and are ignored now.

        What was never shown is deleted: nobody did anything with it.
        """
        over = self._in_order(Suggestion.state.in_(OPEN), Suggestion.valid_until <= now)
        for row in over:
            if row.state == "shown":
                row.state, row.answered_at = "ignored", row.valid_until
            else:
                self._session.delete(row)
        self._session.flush()
        return [row for row in over if row.state == "ignored"]

    def delete(self, row: Suggestion) -> None:
        """Takes back an offer."""
        self._session.delete(row)
        self._session.flush()

    def delete_waiting(self) -> None:
        """Takes back all that were never shown."""
        self._session.execute(
            delete(Suggestion).where(
                Suggestion.user_id == self._user_id, Suggestion.state == "waiting"
            )
        )

    def _own(self, *conditions: ColumnElement[bool]) -> Select[Suggestion]:
        return select(Suggestion).where(Suggestion.user_id == self._user_id, *conditions)

    def _in_order(self, *conditions: ColumnElement[bool]) -> list[Suggestion]:
        statement = self._own(*conditions).order_by(Suggestion.created_at, Suggestion.id)
        return list(self._session.scalars(statement))
