"""The turns of a conversation: as the model is shown them, and which one a message answers."""

from collections.abc import Sequence

from idiolect.errors import ConflictError, InvalidInputError, NotFoundError
from idiolect.lm.protocols import ChatMessage, Role
from idiolect.store.models import Conversation, Message
from idiolect.store.repositories.conversation import ConversationRepository


def as_turns(path: Sequence[Message]) -> list[ChatMessage]:
    """Messages as the model is shown them."""
    roles: dict[str, Role] = {"user": "user", "assistant": "assistant"}
    return [ChatMessage(roles[message.role], message.text) for message in path]


def parent_of(
    conversations: ConversationRepository, conversation: Conversation, parent_id: str | None
) -> Message | None:
    """The reply that a message answers: the one named, or where the conversation ends.

    Raises:
        NotFoundError: the conversation has no such message.
        ConflictError: the reply is still being written, or failed.
        InvalidInputError: the message is the user's own.
    """
    messages = conversations.messages(conversation.id)
    if parent_id is None:
        replies = [message for message in messages if message.role == "assistant" and message.text]
        return _preferred(conversations, conversation, replies) if replies else None
    parent = next((message for message in messages if message.id == parent_id), None)
    if parent is None:
        raise NotFoundError(f"no message {parent_id} in conversation {conversation.id}")
    if parent.role != "assistant":
        raise InvalidInputError(
            f"message {parent_id} is the user's own",
            hint="Answer one of the assistant's replies, or leave parent_id out.",
        )
    if parent.state in ("streaming", "failed"):
        raise ConflictError(
            f"message {parent_id} is {parent.state}",
            code="REPLY_NOT_COMPLETE",
            hint="Wait for the reply to end, or answer another one.",
        )
    return parent


def _preferred(
    conversations: ConversationRepository, conversation: Conversation, replies: Sequence[Message]
) -> Message:
    """Of the newest replies, the one that the user picked; else the one displayed first."""
    newest = [reply for reply in replies if reply.parent_id == replies[-1].parent_id]
    picked = {choice.picked_id for choice in conversations.choices(conversation)}
    return next((reply for reply in newest if reply.id in picked), newest[0])
