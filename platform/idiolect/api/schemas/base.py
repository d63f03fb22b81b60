"""What the shapes of the API share."""

from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

Item = TypeVar("Item")


class Input(BaseModel):
    """What a caller sends; a field that does not exist is refused, not lost."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """What the API answers; made from rows as they are."""

    model_config = ConfigDict(from_attributes=True)


class Listing(BaseModel, Generic[Item]):
    """One page of a list; ``next_cursor`` is null on the last."""

    items: list[Item]
    next_cursor: str | None


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a text cannot hold the character U+0000")
    return text


PlainText = Annotated[str, AfterValidator(_no_nul)]
"""A text that every database can store; it may be empty."""

FilledText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_no_nul)
]
"""A text that says something."""

MAX_MESSAGE_CHARACTERS = 32_000
