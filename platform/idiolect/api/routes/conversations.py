"""Conversations: talk with the assistant, whose replies come as a stream of events."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from idiolect.api.auth import Chatter, Principal
from idiolect.api.dependencies import Cursor, Id, Limit, ServicesDep
from idiolect.api.problems import problem_of
from idiolect.api.schemas.base import Listing
from idiolect.api.schemas.conversation import (
    ChoiceOut,
    ConversationDetailOut,
    ConversationIn,
    ConversationOut,
    DeltaOut,
    DoneOut,
    MessageIn,
    MessageOut,
    StartOut,
)
from idiolect.assistant.events import Event, Failed, Finished, Started, Wrote
from idiolect.assistant.records import shown_records
from idiolect.store.models import Message
from idiolect.store.repositories.conversation import ConversationRepository
from idiolect.wiring import Services

router = APIRouter(prefix="/api/conversations", tags=["conversations"])


@router.get("")
def conversations(
    who: Chatter, services: ServicesDep, limit: Limit = 50, cursor: Cursor = None
) -> Listing[ConversationOut]:
    """The conversations, the one last written in first."""
    with services.database.transaction() as session:
        page = ConversationRepository(session, who.user_id).page(limit=limit, cursor=cursor)
    return Listing(
        items=[ConversationOut.model_validate(row) for row in page.items],
        next_cursor=page.next_cursor,
    )


@router.post("", status_code=201)
def create_conversation(
    new: ConversationIn, who: Chatter, services: ServicesDep
) -> ConversationOut:
    """Starts a conversation."""
    with services.database.transaction() as session:
        row = ConversationRepository(session, who.user_id).create(new.title, services.clock())
    return ConversationOut.model_validate(row)


@router.get("/{conversation_id}")
def conversation(conversation_id: Id, who: Chatter, services: ServicesDep) -> ConversationDetailOut:
    """A conversation with all its messages and choices."""
    with services.database.transaction() as session:
        repository = ConversationRepository(session, who.user_id)
        row = repository.get(conversation_id)
        messages = repository.messages(conversation_id)
        choices = repository.choices(row)
    return ConversationDetailOut(
        id=row.id,
        title=row.title,
        created_at=row.created_at,
        updated_at=row.updated_at,
        messages=_shown(messages, who, services),
        choices=[ChoiceOut.model_validate(choice) for choice in choices],
    )


@router.delete("/{conversation_id}", status_code=204)
def delete_conversation(conversation_id: Id, who: Chatter, services: ServicesDep) -> None:
    """Erases a conversation and the preferences that came of it."""
    with services.database.transaction() as session:
        ConversationRepository(session, who.user_id).delete(conversation_id)


def opened_reply(
    conversation_id: Id, said: MessageIn, who: Chatter, services: ServicesDep
) -> Iterator[Iterator[Event]]:
    """The events of a reply; when the listener leaves, the writing ends.

    The first event is awaited here, so that what must be refused is refused with a problem and
    its status, before the stream begins.
    """
    events = services.assistant.reply(
        who.user_id,
        conversation_id,
        said.text,
        parent_id=said.parent_id,
        candidates=said.candidates,
        personalize=said.personalize,
        for_owner=who.is_owner,
    )
    with closing(events):
        yield chain([next(events)], events)


@router.post("/{conversation_id}/messages", response_class=EventSourceResponse)
def send_message(
    events: Annotated[Iterator[Event], Depends(opened_reply)], who: Chatter, services: ServicesDep
) -> Iterator[ServerSentEvent]:
    """Takes a message; the events are ``start``, then ``delta``s, then ``done`` or ``failed``."""
    for event in events:
        yield _as_server_sent(event, who, services)


def _as_server_sent(event: Event, who: Principal, services: Services) -> ServerSentEvent:
    match event:
        case Started(user_message, replies):
            asked, *answers = _shown([user_message, *replies], who, services)
            start = StartOut(user_message=asked, replies=answers)
            return ServerSentEvent(event="start", data=start)
        case Wrote(message_id, text):
            return ServerSentEvent(event="delta", data=DeltaOut(message_id=message_id, text=text))
        case Finished(message):
            [shown] = _shown([message], who, services)
            done = DoneOut(message=shown)
            return ServerSentEvent(event="done", data=done)
        case Failed(error):
            return ServerSentEvent(event="failed", data={"problem": problem_of(error)})


def _shown(messages: Sequence[Message], who: Principal, services: Services) -> list[MessageOut]:
    """Messages as a key is shown them, whose records may name what is not shared with it."""
    with services.database.transaction() as session:
        records = shown_records(
            session, who.user_id, [message.acted for message in messages], who.shown
        )
    return [
        MessageOut.model_validate(message).model_copy(update={"acted": record})
        for message, record in zip(messages, records, strict=True)
    ]
