"""Conversations, their messages, and the choices made in them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from idiolect.api.schemas.base import (
    MAX_MESSAGE_CHARACTERS,
    FilledText,
    Input,
    Output,
    PlainText,
)


class ConversationIn(Input):
    """A new conversation; without a title its first message gives one."""

    title: PlainText = Field("", max_length=200)


class ConversationOut(Output):
    """A conversation in a list."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime


class MessageOut(Output):
    """One node of a conversation's tree; ``acted`` says what made a reply what it is."""

    id: str
    parent_id: str | None
    role: str
    text: str
    state: str
    position: int
    acted: dict[str, Any]
    created_at: datetime


class ChoiceOut(Output):
    """What was said of two replies."""

    id: str
    candidate_ids: list[str]
    verdict: str
    picked_id: str | None
    created_at: datetime


class ConversationDetailOut(ConversationOut):
    """A conversation with its whole tree."""

    messages: list[MessageOut]
    choices: list[ChoiceOut]


class MessageIn(Input):
    """What the user says, and what is asked of the assistant."""

    text: FilledText = Field(max_length=MAX_MESSAGE_CHARACTERS)
    parent_id: str | None = Field(None, max_length=40, pattern=r"^[\w-]+$")
    candidates: Literal[1, 2] = 1
    personalize: bool = True


class StartOut(Output):
    """The data of the event ``start``."""

    user_message: MessageOut
    replies: list[MessageOut]


class DeltaOut(Output):
    """The data of the event ``delta``."""

    message_id: str
    text: str


class DoneOut(Output):
    """The data of the event ``done``."""

    message: MessageOut
