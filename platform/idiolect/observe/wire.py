"""The contract between whoever observes and the platform: what an observation is on the wire.

Pydantic only, so that the desktop daemon can use it without a server's dependencies.
Unknown fields are refused, so that a misspelt field is not lost in silence.
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

Kind = Literal["screen", "application", "text", "message", "calendar", "statement"]
"""A screen's text, an application's use, a text, a message, a calendar entry, or what the user
said about themself."""

Trust = Literal["typed", "sent", "read", "untrusted"]
"""Where the words come from: the user's keyboard, a message of theirs, something they read, or a
stranger (an advertisement, unknown mail)."""

MAX_BATCH_ITEMS = 500
MAX_APPLICATION_CHARS = 200
MAX_TITLE_CHARS = 1000
MAX_URL_CHARS = 2000
MAX_TEXT_CHARS = 200_000
MAX_IMAGE_BYTES = 10_000_000
MAX_DURATION_S = 7 * 86_400.0

EARLIEST_YEAR = 1990
MAX_AHEAD = timedelta(days=1)
MAX_CALENDAR_AHEAD = timedelta(days=366)

_IMAGE_SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def _without_nul(text: str) -> str:
    # PostgreSQL cannot store the character, and it never carries meaning.
    return text.replace("\x00", "")


Text = Annotated[str, AfterValidator(_without_nul)]


class ObservationIn(BaseModel):
    """One captured fact, as it is sent to the platform.

    A screen comes either with its text or with its image, never with both. The same
    ``idempotency_key`` of the same user is stored once, however often it is sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    idempotency_key: Text = Field(min_length=1, max_length=200)
    kind: Kind
    source: Text = Field(min_length=1, max_length=100)
    application: Text | None = Field(None, max_length=MAX_APPLICATION_CHARS)
    title: Text | None = Field(None, max_length=MAX_TITLE_CHARS)
    url: Text | None = Field(None, max_length=MAX_URL_CHARS)
    text: Text = Field("", max_length=MAX_TEXT_CHARS)
    image_base64: str | None = Field(None, repr=False, description="PNG or JPEG, of a screen")
    trust: Trust = "read"
    occurred_at: AwareDatetime
    duration_s: float | None = Field(None, ge=0, le=MAX_DURATION_S, allow_inf_nan=False)

    @property
    def image(self) -> bytes | None:
        """The image's bytes, None when there is none."""
        return None if self.image_base64 is None else base64.b64decode(self.image_base64)

    @model_validator(mode="after")
    def _says_one_thing(self) -> "ObservationIn":
        if self.image_base64 is not None:
            _check_image(self.image_base64)
            if self.kind != "screen" or self.text:
                raise PydanticCustomError(
                    "image_misplaced", "only a screen has an image, and then no text beside it"
                )
        elif not any((self.text, self.title, self.application)):
            raise PydanticCustomError("observation_empty", "there is nothing in it to remember")
        return self


def _check_image(encoded: str) -> None:
    if len(encoded) > 4 * (MAX_IMAGE_BYTES // 3 + 1):
        raise PydanticCustomError("image_too_large", "the image has more than 10 MB")
    try:
        image = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise PydanticCustomError("image_encoding", "the image is not base64") from error
    if not image.startswith(_IMAGE_SIGNATURES):
        raise PydanticCustomError("image_format", "the image is neither PNG nor JPEG")


def latest_moment(kind: Kind, now: datetime) -> datetime:
    """Up to when an observation may have occurred: a day ahead, a year for calendar entries."""
    return now + (MAX_CALENDAR_AHEAD if kind == "calendar" else MAX_AHEAD)


class ObservationBatch(BaseModel):
    """Several observations in one request.

    The items stay raw here: each is judged by itself, so that a bad one does not spoil the rest.
    """

    model_config = ConfigDict(extra="forbid")

    items: list[Any] = Field(max_length=MAX_BATCH_ITEMS)


class Accepted(BaseModel):
    """An item that is stored now, and how many secrets of each class were masked in it."""

    index: int
    idempotency_key: str
    id: str
    masked: dict[str, int]


Reason = Literal["same key", "same content", "near-identical screen"]


class Duplicate(BaseModel):
    """An item that was not stored because ``id`` says the same already."""

    index: int
    idempotency_key: str
    id: str
    reason: Reason


class Refused(BaseModel):
    """An item that cannot be used, and why: a stable code and what to do next."""

    index: int
    idempotency_key: str | None
    code: str
    message: str
    hint: str


class ObservationReceipt(BaseModel):
    """What became of each item of a batch; ``index`` is its place in the request."""

    accepted: list[Accepted] = []
    duplicates: list[Duplicate] = []
    refused: list[Refused] = []
