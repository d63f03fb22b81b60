"""One user's choices, and the preferences that training learns from."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idiolect.kit.hashing import sha256_json
from idiolect.kit.ids import new_id
from idiolect.store.models import Choice, Conversation, Message, Preference
from idiolect.store.repositories.page import Page, paginate

Split = Literal["train", "held_out"]
Verdict = Literal["picked", "tie", "both_bad"]

_INSERT: dict[str, Callable[[type[Preference]], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class PreferenceRepository:
    """Reads and writes one user's choices and preferences inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def add(
        self,
        context: Sequence[Mapping[str, str]],
        chosen: str,
        rejected: str,
        *,
        source: str,
        split: Split,
        now: datetime,
        is_tie: bool = False,
        weight: float = 1.0,
        choice_id: str | None = None,
    ) -> Preference | None:
        """Adds one pair; None when this user has the very same pair already.

        A tie is the same pair whichever reply is named first.
        """
        preference_id = new_id("pref")
        turns = [dict(turn) for turn in context]
        replies = sorted((chosen, rejected)) if is_tie else [chosen, rejected]
        insert = _INSERT[self._session.get_bind().dialect.name]
        self._session.execute(
            insert(Preference)
            .values(
                id=preference_id,
                user_id=self._user_id,
                choice_id=choice_id,
                context=turns,
                chosen=chosen,
                rejected=rejected,
                is_tie=is_tie,
                weight=weight,
                source=source,
                split=split,
                content_hash=sha256_json([turns, replies, is_tie]),
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["user_id", "content_hash"])
        )
        return self._session.get(Preference, preference_id)

    def page(self, *, limit: int, cursor: str | None) -> Page[Preference]:
        """The preferences, newest first."""
        return paginate(
            self._session,
            self._own(),
            Preference.created_at,
            Preference.id,
            limit=limit,
            cursor=cursor,
        )

    def pairs(self, split: Split) -> Sequence[Preference]:
        """What a training learns from or is measured on: one split without its ties."""
        return self._session.scalars(
            self._own()
            .where(Preference.split == split, Preference.is_tie.is_(False))
            .order_by(Preference.created_at, Preference.id)
        ).all()

    def before(self, moment: datetime) -> Sequence[Preference]:
        """All that were there at a moment, ties and both splits, oldest first."""
        return self._session.scalars(
            self._own()
            .where(Preference.created_at <= moment)
            .order_by(Preference.created_at, Preference.id)
        ).all()

    def count(self) -> int:
        """How many preferences count towards a training: all but ties, of both splits."""
        pairs = self._own().where(Preference.is_tie.is_(False)).subquery()
        return self._session.scalar(select(func.count()).select_from(pairs)) or 0

    def acted_on(self, preference_ids: Collection[str]) -> set[str]:
        """Ids of the memories' versions that acted on the replies which these were chosen from."""
        wanted = frozenset(preference_ids)
        behind = select(Preference.id, Choice.candidate_ids).join(
            Choice, Choice.id == Preference.choice_id
        )
        replies = {
            reply
            for preference_id, candidate_ids in self._session.execute(
                behind.where(Preference.user_id == self._user_id)
            )
            if preference_id in wanted
            for reply in candidate_ids
        }
        records = self._session.execute(
            select(Message.id, Message.acted)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.user_id == self._user_id, Message.role == "assistant")
        )
        return {
            used["id"]
            for message_id, acted in records
            if message_id in replies and acted
            for used in acted.get("memories", ())
        }

    def add_choice(
        self, candidate_ids: Sequence[str], verdict: Verdict, picked_id: str | None, now: datetime
    ) -> Choice:
        """Records one act of choosing between candidates, in the order they were displayed."""
        choice = Choice(
            id=new_id("cho"),
            user_id=self._user_id,
            candidate_ids=list(candidate_ids),
            verdict=verdict,
            picked_id=picked_id,
            created_at=now,
        )
        self._session.add(choice)
        self._session.flush()
        return choice

    def retract_choice(self, choice: Choice) -> None:
        """Takes a choice back; the database erases the preference that followed from it."""
        self._session.delete(choice)
        self._session.flush()

    def _own(self) -> Select[Preference]:
        return select(Preference).where(Preference.user_id == self._user_id)
