"""Choices, and the preferences that follow from them or are brought along."""

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from idiolect.api.schemas.base import (
    MAX_MESSAGE_CHARACTERS,
    FilledText,
    Input,
    Output,
)


class ChoiceIn(Input):
    """A choice between two replies, in the order in which they were displayed."""

    candidate_ids: list[str] = Field(min_length=2, max_length=2)
    verdict: Literal["picked", "tie", "both_bad"]
    picked_id: str | None = None


class ChoiceOutcomeOut(Output):
    """What a choice came to, and how far the next training is."""

    id: str
    preference_id: str | None
    preferences: int
    preferences_needed: int


class Turn(Input):
    """One message of a context."""

    role: Literal["system", "user", "assistant"]
    content: FilledText = Field(max_length=MAX_MESSAGE_CHARACTERS)


class PreferenceIn(Input):
    """One pair: under a context, or a prompt for short, ``chosen`` is better than ``rejected``."""

    prompt: FilledText | None = Field(None, max_length=MAX_MESSAGE_CHARACTERS)
    context: list[Turn] | None = Field(None, min_length=1, max_length=100)
    chosen: FilledText = Field(max_length=MAX_MESSAGE_CHARACTERS)
    rejected: FilledText = Field(max_length=MAX_MESSAGE_CHARACTERS)
    source: Literal["edit", "thumb", "import", "simulated"] = "import"

    @model_validator(mode="after")
    def _is_a_pair(self) -> "PreferenceIn":
        if (self.prompt is None) == (self.context is None):
            raise ValueError("send either a prompt or a context")
        if self.context is not None and self.context[-1].role != "user":
            raise ValueError("the last message of a context is the user's")
        if self.chosen == self.rejected:
            raise ValueError("chosen and rejected say the same")
        return self

    def turns(self) -> list[dict[str, str]]:
        """The context as messages."""
        if self.context is None:
            return [{"role": "user", "content": self.prompt or ""}]
        return [turn.model_dump() for turn in self.context]


class PreferencesIn(Input):
    """A batch of pairs; each is judged by itself."""

    items: list[object] = Field(max_length=2000)


class RefusedPreferenceOut(Output):
    """A pair that cannot be used, by its place in the batch, and why."""

    index: int
    code: str
    message: str


class PreferencesReceiptOut(Output):
    """How many pairs were new, how many known, and which were refused."""

    accepted: int
    duplicates: int
    refused: list[RefusedPreferenceOut]


class PreferenceOut(Output):
    """A stored pair."""

    id: str
    choice_id: str | None
    context: list[dict[str, str]]
    chosen: str
    rejected: str
    is_tie: bool
    weight: float
    source: str
    split: str
    created_at: datetime

    def without_system(self) -> "PreferenceOut":
        """The pair without the system messages of its context."""
        turns = [turn for turn in self.context if turn["role"] != "system"]
        return self.model_copy(update={"context": turns})
