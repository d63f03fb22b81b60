"""What is sent to have something done to memories."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Query
from pydantic import AwareDatetime, Field, model_validator

from idiolect.api.schemas.base import FilledText, Input, PlainText
from idiolect.store.repositories.memory import MemoryFields
from idiolect.store.repositories.memory_event import LONGEST_REASON
from idiolect.usermodel.confidence import CAPS

SimpleVerb = Literal["activate", "archive", "restore", "expire", "pin", "unpin", "unshare"]
"""The verbs that need to be told nothing more."""

Version = Annotated[int, Field(ge=1)]
Reason = Annotated[FilledText, Field(max_length=LONGEST_REASON)]
ReasonText = Annotated[PlainText, Query(min_length=1, max_length=LONGEST_REASON)]

UNTOLD = "asked for by the user"
"""The reason of an act for which none was given."""


class ActIn(Input):
    """Why, for the audit, and the version that was seen; an act on another one is refused."""

    reason: Reason = UNTOLD
    version: Version | None = None


class NewMemoryIn(Input):
    """What the user wants remembered in their own words, and how sure they are of it.

    A profile has neither confidence nor durability, and what was sent of them is not kept.
    """

    kind: Literal["proposition", "profile"] = "proposition"
    text: FilledText = Field(max_length=1000)
    reasoning: FilledText | None = Field(None, max_length=2000)
    confidence: float = Field(CAPS["typed"], gt=0, lt=1)
    durability: float = Field(0.5, ge=0, le=1)
    state: Literal["generated", "activated"] = "activated"
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    derived_from: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=100)
    reason: Reason = UNTOLD

    def fields(self, now: datetime) -> MemoryFields:
        """The columns of the row."""
        fields: MemoryFields = {
            "text": self.text,
            "reasoning": self.reasoning,
            "state": self.state,
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "expires_at": self.expires_at,
        }
        if self.kind == "proposition":
            fields |= {
                "confidence": self.confidence,
                "durability": self.durability,
                "supported_at": now,
            }
        return fields


class MemoryChangeIn(Input):
    """What a memory is to say from now on; what is left out stays."""

    version: Version
    reason: Reason = UNTOLD
    text: FilledText | None = Field(None, max_length=1000)
    reasoning: FilledText | None = Field(None, max_length=2000)
    confidence: float | None = Field(None, gt=0, lt=1)
    durability: float | None = Field(None, ge=0, le=1)

    def changes(self) -> dict[str, Any]:
        """What was sent."""
        return self.model_dump(exclude={"version", "reason"}, exclude_none=True)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.changes():
            raise ValueError("send a text, a reasoning, a confidence or a durability")
        return self


class ShareIn(ActIn):
    """With whom: ``assistants``, all of them, or one, by the id of its key."""

    scope: Annotated[FilledText, Field(max_length=40)]


class ExpiryIn(ActIn):
    """When the memory ends; null takes an earlier moment back."""

    at: AwareDatetime | None


class RollBackIn(ActIn):
    """Which version's content comes back."""

    to_version: Version


class MergeIn(Input):
    """Which memories become one, and what it says; the surest one's words if left out."""

    ids: list[Annotated[str, Field(max_length=40)]] = Field(min_length=2, max_length=100)
    text: FilledText | None = Field(None, max_length=1000)
    reason: Reason = UNTOLD
