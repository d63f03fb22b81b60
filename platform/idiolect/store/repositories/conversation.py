"""One user's talk with the assistant: conversations, and their messages as a tree."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from idiolect.errors import NotFoundError
from idiolect.kit.ids import new_id
from idiolect.store.models import Choice, Conversation, Message
from idiolect.store.repositories.page import Page, paginate

MessageState = Literal["streaming", "done", "stopped", "failed"]


def stop_abandoned(session: Session) -> None:
    """Marks replies as stopped that an earlier process left half written.

    A reply that another process is still writing is not harmed: its end sets text and state.
    """
    session.execute(update(Message).where(Message.state == "streaming").values(state="stopped"))


class ConversationRepository:
    """Reads and writes one user's conversations inside the caller's transaction."""

    def __init__(self, session: Session, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    def create(self, title: str, now: datetime) -> Conversation:
        """Starts a conversation; an empty title is filled in by its first message."""
        conversation = Conversation(
            id=new_id("cnv"), user_id=self._user_id, title=title, created_at=now, updated_at=now
        )
        self._session.add(conversation)
        self._session.flush()
        return conversation

    def get(self, conversation_id: str) -> Conversation:
        """One conversation.

        Raises:
            NotFoundError: the user has no such conversation.
        """
        conversation = self._session.scalar(self._own().where(Conversation.id == conversation_id))
        if conversation is None:
            raise NotFoundError(f"no conversation {conversation_id}")
        return conversation

    def page(self, *, limit: int, cursor: str | None) -> Page[Conversation]:
        """The conversations, the one last written in first."""
        return paginate(
            self._session,
            self._own(),
            Conversation.updated_at,
            Conversation.id,
            limit=limit,
            cursor=cursor,
        )

    def delete(self, conversation_id: str) -> None:
        """Erases a conversation, its messages, and the choices and preferences made in it.

        Raises:
            NotFoundError: the user has no such conversation.
        """
        conversation = self.get(conversation_id)
        for choice in self.choices(conversation):
            self._session.delete(choice)
        self._session.delete(conversation)

    def messages(self, conversation_id: str) -> Sequence[Message]:
        """The whole tree, oldest first and siblings in their order."""
        return self._session.scalars(
            self._messages()
            .where(Message.conversation_id == conversation_id)
            .order_by(Message.created_at, Message.position, Message.id)
        ).all()

    def get_messages(self, message_ids: Collection[str]) -> dict[str, Message]:
        """Messages by id.

        Raises:
            NotFoundError: one of them is not a message of this user.
        """
        query = self._messages().where(Message.id.in_(message_ids))
        found = {message.id: message for message in self._session.scalars(query)}
        for message_id in message_ids:
            if message_id not in found:
                raise NotFoundError(f"no message {message_id}")
        return found

    def path_to(self, message: Message) -> list[Message]:
        """The turns from the root of the tree down to a message, which is the last."""
        by_id = {each.id: each for each in self.messages(message.conversation_id)}
        path = [message]
        while (parent_id := path[-1].parent_id) is not None:
            path.append(by_id[parent_id])
        return path[::-1]

    def add_message(
        self,
        conversation: Conversation,
        *,
        role: Literal["user", "assistant"],
        parent_id: str | None,
        now: datetime,
        text: str = "",
        state: MessageState = "done",
        position: int = 0,
        acted: dict[str, Any] | None = None,
    ) -> Message:
        """Adds a node to the tree, and the conversation counts as written in."""
        message = Message(
            id=new_id("msg"),
            conversation_id=conversation.id,
            parent_id=parent_id,
            role=role,
            text=text,
            state=state,
            position=position,
            acted=acted or {},
            created_at=now,
        )
        conversation.updated_at = now
        self._session.add(message)
        self._session.flush()
        return message

    def choices(self, conversation: Conversation) -> list[Choice]:
        """The choices made between messages of a conversation, oldest first."""
        own = {message.id for message in self.messages(conversation.id)}
        query = (
            select(Choice)
            .where(Choice.user_id == self._user_id, Choice.created_at >= conversation.created_at)
            .order_by(Choice.created_at, Choice.id)
        )
        return [each for each in self._session.scalars(query) if own.issuperset(each.candidate_ids)]

    def _own(self) -> Select[Conversation]:
        return select(Conversation).where(Conversation.user_id == self._user_id)

    def _messages(self) -> Select[Message]:
        return (
            select(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Conversation.user_id == self._user_id)
        )
