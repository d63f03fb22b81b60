"""What happens while a reply is written, in the order in which a reader is told."""

from dataclasses import dataclass

from idiolect.errors import IdiolectError
from idiolect.store.models import Message


@dataclass(frozen=True, slots=True)
class Started:
    """The message was taken; the replies are empty and being written."""

    user_message: Message
    replies: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Wrote:
    """The next piece of a reply."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A reply is complete."""

    message: Message


@dataclass(frozen=True, slots=True)
class Failed:
    """The model failed; what it had written is kept."""

    error: IdiolectError


Event = Started | Wrote | Finished | Failed
