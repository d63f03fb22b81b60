"""Forgetting: what is to be forgotten, what would go, and what went."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from idiolect.api.schemas.base import FilledText, Input, Output
from idiolect.usermodel.forgetting.scope import (
    OfApplication,
    OfDay,
    OfEverything,
    OfProposition,
    OfTopic,
    Scope,
)

MAX_KEPT = 1000

Kept = Annotated[frozenset[str], Field(max_length=MAX_KEPT)]


class PropositionScopeIn(Input):
    """One statement and those that say the same; ``keep`` holds ids of what is to stay of these.

    With ``with_evidence`` the observations go too that it rests on.
    """

    scope: Literal["proposition"]
    id: FilledText = Field(max_length=40)
    with_evidence: bool = False
    keep: Kept = frozenset()

    def as_scope(self) -> Scope:
        """For the forgetter."""
        return OfProposition(self.id, self.with_evidence, self.keep)


class ApplicationScopeIn(Input):
    """What was observed in an application."""

    scope: Literal["application"]
    name: FilledText = Field(max_length=200)

    def as_scope(self) -> Scope:
        """For the forgetter."""
        return OfApplication(self.name)


class DayScopeIn(Input):
    """What was observed, said and suggested on a day of the user's clock."""

    scope: Literal["day"]
    date: date

    def as_scope(self) -> Scope:
        """For the forgetter."""
        return OfDay(self.date)


class TopicScopeIn(Input):
    """What is about something; ``keep`` holds ids of the preview's matches that are to stay."""

    scope: Literal["topic"]
    text: FilledText = Field(max_length=200)
    keep: Kept = frozenset()

    def as_scope(self) -> Scope:
        """For the forgetter."""
        return OfTopic(self.text, self.keep)


class EverythingScopeIn(Input):
    """All but the user, their keys and the receipt."""

    scope: Literal["everything"]

    def as_scope(self) -> Scope:
        """For the forgetter."""
        return OfEverything()


ScopeIn = Annotated[
    PropositionScopeIn | ApplicationScopeIn | DayScopeIn | TopicScopeIn | EverythingScopeIn,
    Field(discriminator="scope"),
]


class MatchOut(Output):
    """One thing that a scope names; ``similarity`` is null where it was not found by meaning."""

    noun: Literal["proposition", "observation", "message", "suggestion"]
    id: str
    text: str
    similarity: float | None


class PreviewOut(Output):
    """What would go: counts by noun, what the scope names, and the statements that would go."""

    scope: str
    counts: dict[str, int]
    matches: list[MatchOut]
    statements: list[str]


class ReceiptOut(Output):
    """What was erased, in counts; until it ``is_done`` vectors and files are still to go."""

    id: str
    scope: str
    counts: dict[str, int]
    is_done: bool
    at: datetime
